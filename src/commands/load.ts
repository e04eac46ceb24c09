import { EltError } from '../core/errors.ts';
import { declareTables } from '../load/declare-tables.ts';
import { type LoadResult, loadSource } from '../load/load-source.ts';
import { namedSources } from '../load/named-sources.ts';
import { type Interrupt, listenForInterrupt } from '../process/interrupt.ts';
import { declaredShape } from '../project/declared-source.ts';
import { declaredText, readPipelineSettings } from '../project/pipeline-settings.ts';
import { readDeclaredSources } from '../project/read-declared-sources.ts';
import { sqlFolder } from '../project/settings.ts';
import { loadLines } from '../report/load-report.ts';
import type { Output } from '../report/output.ts';
import { Progress } from '../report/progress.ts';
import type { Database } from '../sqlite/database.ts';
import type { CommandContext, RunCommand } from './command.ts';
import { withMigrated } from './open.ts';

export const load: RunCommand = async (context, words) => {
    return await withMigrated(context.settings, {}, async (database) => {
        const interrupt = listenForInterrupt();
        try {
            const loads = await loadAll(database, words, context, interrupt);
            context.output.result({ loads });
            return loadStatus(loads, context.output);
        } finally {
            interrupt.dispose();
        }
    });
};

/** Lands the sources one after the other; each one's summary is printed as it ends. */
export async function loadAll(
    database: Database,
    words: readonly string[],
    { output, options, settings }: CommandContext,
    interrupt: Interrupt,
    afterBatch?: (batch: number) => Promise<void>,
): Promise<LoadResult[]> {
    const results: LoadResult[] = [];
    const declaredSources = readDeclaredSources(sqlFolder(settings), settings.pipeline);
    const pipeline = readPipelineSettings(sqlFolder(settings), settings.pipeline);
    const shapes = declaredSources.map((source) => declaredShape(source));
    declareTables(database, shapes, { drift: pipeline.drift, declared: declaredText(pipeline) });
    for (const { source, rows } of await namedSources(words, declaredSources, { options, output })) {
        const progress = new Progress(source.name, source.sizeBytes, output.showsProgress);
        try {
            const result = await loadSource(database, source, {
                asNew: options.asNew === true,
                strict: options.strict === true,
                settings: pipeline,
                interrupt,
                progress: (bytes, changes) => progress.update(bytes, changes),
                ...(rows === undefined ? {} : { rows }),
                ...(afterBatch === undefined ? {} : { afterBatch }),
            });
            results.push(result);
            progress.clear();
            for (const line of loadLines(result)) {
                output.print(line);
            }
        } catch (error) {
            progress.clear();
            throw error;
        }
    }
    return results;
}

/** 0, or 4 with a word on standard error if records were put aside. */
export function loadStatus(loads: readonly LoadResult[], output: Output): number {
    const rejected = loads.reduce((sum, one) => sum + one.rejected, 0);
    if (rejected === 0) {
        return 0;
    }
    const { code, message, next } = new EltError({
        code: 'RECORDS_REJECTED',
        message: `${rejected} could not be decoded and were put aside`,
        next: 'look at them with "elt rejects"',
    }).facts;
    output.note(`${code}: ${message}; ${next}`);
    return 4;
}
