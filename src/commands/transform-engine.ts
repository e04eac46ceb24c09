import { resolve } from 'node:path';
import { EltError } from '../core/errors.ts';
import { abandonRun, beginRun, publishRun } from '../lake/published-runs.ts';
import { listenForInterrupt } from '../process/interrupt.ts';
import { readProjectFiles } from '../project/model-files.ts';
import { withMigrated } from '../project/open-database.ts';
import { sqlFolder } from '../project/settings.ts';
import { ProgressLine } from '../report/progress-line.ts';
import { durationText, grouped, textTable } from '../report/text-table.ts';
import { sparkRun } from '../scale/print-engine.ts';
import { findSparkSql, runSparkSql } from '../scale/run/spark-sql.ts';
import { withGenerator } from '../transform/marts/with-generator.ts';
import type { CommandContext } from './command.ts';
import { engineOf, hopsOf } from './print.ts';

/** Runs all models on Spark from a lake, and publishes what they give by the lake's pointer. */
export async function transformOnEngine({ settings, options, output }: CommandContext): Promise<number> {
    engineOf(options.engine, ['spark']);
    const lake = lakeOf(options);
    const how = { hops: hopsOf(options.hops), isFull: options.full === true };
    const program = findSparkSql(options.sparkSql === undefined ? undefined : String(options.sparkSql));
    const conf = Array.isArray(options.sparkConf) ? (options.sparkConf as string[]) : [];
    const run = await withMigrated(settings, { readonly: true }, async (database) => {
        const folder = sqlFolder(settings);
        const files = readProjectFiles(folder, settings.pipeline);
        const project = { sqlFolder: folder, pipeline: settings.pipeline, files };
        const begun = beginRun(lake, settings.pipeline);
        return { begun, ...(await withGenerator(() => sparkRun(database, project, 'spark', begun, how))) };
    });
    const { begun, statements, tables, wholeSeq, waiting } = run;
    for (const one of waiting) {
        output.note(`note: left out, because it waits: ${one}`);
    }
    const interrupt = listenForInterrupt();
    const progress = new ProgressLine(output.showsProgress);
    const times = new Map<string, number>();
    const started = performance.now();
    try {
        const done = ({ of }: { readonly of: string }, milliseconds: number): void => {
            times.set(of, (times.get(of) ?? 0) + milliseconds);
            progress.draw(() => `${of}  ${durationText(performance.now() - started)}`);
        };
        await runSparkSql(statements, { program, conf }, { done, interrupt });
        const published = await publishRun(begun, { engine: 'spark', wholeSeq, tables });
        progress.clear();
        const rows = published.tables.map(({ table, rows: count }) => [
            table,
            grouped(count),
            durationText(times.get(table) ?? 0),
        ]);
        output.printLines(textTable(['table', 'rows', 'time'], rows));
        output.print(`published  ${published.run} in ${durationText(performance.now() - started)}`);
        output.result({
            ...published,
            milliseconds: Math.round(performance.now() - started),
            times: Object.fromEntries(times),
        });
        return 0;
    } catch (error) {
        abandonRun(begun);
        throw error;
    } finally {
        progress.clear();
        interrupt.dispose();
    }
}

function lakeOf({ lake, select, rebuild, print, dryRun }: CommandContext['options']): string {
    const other = Object.entries({
        '--select': select,
        '--rebuild': rebuild,
        '--print': print,
        '--dry-run': dryRun,
    }).find(([, given]) => given !== undefined)?.[0];
    if (typeof lake !== 'string' || other !== undefined) {
        throw new EltError({
            code: 'COMMAND_WRONG',
            message:
                other === undefined
                    ? 'a run on Spark reads a lake, which must be named'
                    : `${other} is for runs in SQLite`,
            found: other === undefined ? 'no --lake' : 'a run on an engine computes all models',
            next:
                other === undefined
                    ? 'push one with "elt lake push --to DIR", and name it with --lake DIR'
                    : `leave ${other} out`,
        });
    }
    return resolve(lake);
}
