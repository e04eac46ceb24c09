import { resolve } from 'node:path';
import { EltError } from '../core/errors.ts';
import { abandonRun, beginRun, type PublishedRun, publishRun } from '../lake/published-runs.ts';
import { listenForInterrupt } from '../process/interrupt.ts';
import { readProjectFiles } from '../project/model-files.ts';
import { withMigrated } from '../project/open-database.ts';
import { sqlFolder } from '../project/settings.ts';
import type { Output } from '../report/output.ts';
import { ProgressLine } from '../report/progress-line.ts';
import { durationText, grouped, textTable } from '../report/text-table.ts';
import { HOPS_MAX } from '../scale/fold/fold-names.ts';
import { sparkRun } from '../scale/print-engine.ts';
import { findSparkSql, runSparkSql, type SparkSql } from '../scale/run/spark-sql.ts';
import { withGenerator } from '../transform/marts/with-generator.ts';
import type { CommandContext } from './command.ts';
import { engineOf, hopsOf } from './print.ts';

/** Runs all models on Spark from a lake, and publishes what they give by the lake's pointer. */
export async function transformOnEngine(context: CommandContext): Promise<number> {
    const { options, output } = context;
    engineOf(options.engine, ['spark']);
    const lake = lakeOf(options);
    const program = findSparkSql(options.sparkSql === undefined ? undefined : String(options.sparkSql));
    const conf = Array.isArray(options.sparkConf) ? (options.sparkConf as string[]) : [];
    for (let hops = hopsOf(options.hops); ; hops = Math.min(2 * hops, HOPS_MAX)) {
        try {
            return await runOnSpark(context, lake, { program, conf }, hops);
        } catch (error) {
            const isRaised = error instanceof EltError && error.code === 'HOPS_TOO_FEW' && options.hops === undefined;
            if (!isRaised || hops === HOPS_MAX) {
                throw error;
            }
            output.note(`note: ${error.facts.message}; running again with --hops ${Math.min(2 * hops, HOPS_MAX)}`);
        }
    }
}

async function runOnSpark(
    { settings, options, output }: CommandContext,
    lake: string,
    spark: SparkSql,
    hops: number,
): Promise<number> {
    const run = await withMigrated(settings, { readonly: true }, async (database) => {
        const folder = sqlFolder(settings);
        const files = readProjectFiles(folder, settings.pipeline);
        const project = { sqlFolder: folder, pipeline: settings.pipeline, files };
        const begun = beginRun(lake, settings.pipeline);
        const how = { hops, isFull: options.full === true };
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
        await runSparkSql(statements, spark, { done, interrupt });
        const published = await publishRun(begun, { engine: 'spark', wholeSeq, tables });
        progress.clear();
        report(output, published, times, performance.now() - started);
        return 0;
    } catch (error) {
        abandonRun(begun);
        throw error;
    } finally {
        progress.clear();
        interrupt.dispose();
    }
}

function report(
    output: Output,
    published: PublishedRun,
    times: ReadonlyMap<string, number>,
    milliseconds: number,
): void {
    const rows = published.tables.map(({ table, rows: count }) => [
        table,
        grouped(count),
        durationText(times.get(table) ?? 0),
    ]);
    output.printLines(textTable(['table', 'rows', 'time'], rows));
    output.print(`published  ${published.run} in ${durationText(milliseconds)}`);
    output.result({ ...published, milliseconds: Math.round(milliseconds), times: Object.fromEntries(times) });
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
