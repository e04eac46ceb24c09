import { type Pulled, publishedMarts, pullMart } from '../lake/pull-mart.ts';
import { listenForInterrupt } from '../process/interrupt.ts';
import { applyPending, withDatabase } from '../project/open-database.ts';
import { refuseUnknownPipeline } from '../project/settings.ts';
import { ProgressLine } from '../report/progress-line.ts';
import { counted, durationText, grouped } from '../report/text-table.ts';
import type { RunCommand } from './command.ts';
import { lakeOf } from './lake.ts';

/** The file that is served may be one that nothing was ever landed in: it is created and migrated like any other. */
export const lakePull: RunCommand = async (context, words) => {
    const { settings, output, options } = context;
    refuseUnknownPipeline(settings);
    if (options.from !== undefined) {
        // Before the file is created.
        publishedMarts(lakeOf(context, undefined), settings.pipeline);
    }
    return await withDatabase(settings, { create: true }, async (database) => {
        for (const name of await applyPending(database, settings)) {
            output.print(`applied  ${name}`);
        }
        const lake = lakeOf(context, database);
        const marts = words.length > 0 ? words : publishedMarts(lake, settings.pipeline);
        const interrupt = listenForInterrupt();
        const progress = new ProgressLine(output.showsProgress);
        const pulled: Pulled[] = [];
        try {
            for (const mart of marts) {
                const started = performance.now();
                const one = await pullMart(database, {
                    lake,
                    pipeline: settings.pipeline,
                    mart,
                    isReplaced: options.replace === true,
                    breathe: async (rows) => {
                        progress.draw(() => `${mart}  ${grouped(rows)} rows`);
                        await interrupt.check(`"${mart}" is as it was`);
                    },
                });
                progress.clear();
                const what = one.isNew
                    ? `${counted(one.rows, 'row')} of the run ${one.run} (${durationText(performance.now() - started)})`
                    : `nothing new since the run ${one.run}`;
                output.print(`pulled  ${mart}: ${what}`);
                pulled.push(one);
            }
            output.result({ lake, pulled });
            return 0;
        } finally {
            progress.clear();
            interrupt.dispose();
        }
    });
};
