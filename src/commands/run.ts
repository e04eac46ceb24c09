import { loadSources } from '../load/load-sources.ts';
import { listenForInterrupt, waitUnless } from '../process/interrupt.ts';
import { applyPending, withDatabase } from '../project/open-database.ts';
import { refuseUnknownPipeline } from '../project/settings.ts';
import type { ModelResult } from '../transform/transform.ts';
import type { CommandContext, RunCommand } from './command.ts';
import { loadObserver, loadRequest, loadStatus } from './load.ts';
import { namesTopics, refuseSeveral } from './names-topics.ts';
import { durationOf } from './time-limit.ts';
import { refuseStops, resultOf, transformAndPrint } from './transform.ts';
import { whileFeedingLake } from './while-feeding-lake.ts';
import { whilePushing } from './while-pushing.ts';

/** How often a pipe that is never quiet is committed and transformed. */
const PIPE_EVERY_MS = 5_000;

const EVERYTHING = { select: [], rebuild: false } as const;

export const run: RunCommand = async (context, words) => {
    const { settings, options } = context;
    if (options.follow === true) {
        refuseSeveral(words);
        const { follow } = await import('./follow.ts');
        return await follow(context, words);
    }
    if (words.some(namesTopics)) {
        refuseSeveral(words);
        const { followTopics } = await import('./follow-topics.ts');
        const pushing = { meanwhile: true, atEnd: true, isStream: true };
        return await whileFeedingLake(context, pushing, (fed) =>
            whilePushing(fed, pushing, (own) => followTopics(own, words[0] as string, { untilEnd: true })),
        );
    }
    refuseUnknownPipeline(settings);
    const isLong = options.eachBatch === true || words.includes('-');
    const pushing = { meanwhile: isLong, atEnd: true, isStream: false };
    return await whileFeedingLake(context, pushing, (fed) =>
        whilePushing(fed, pushing, (own) => loadAndTransform(own, words)),
    );
};

async function loadAndTransform(context: CommandContext, words: readonly string[]): Promise<number> {
    const { settings, output, options } = context;
    const everyMs = options.every === undefined ? null : durationOf(String(options.every), '--every');
    const given = loadRequest(context);
    return await withDatabase(settings, { create: true }, async (database) => {
        const applied = await applyPending(database, settings);
        for (const name of applied) {
            output.print(`applied  ${name}`);
        }
        const interrupt = listenForInterrupt();
        try {
            const isByBatch = options.eachBatch === true;
            const batches: { readonly batch: number; readonly models: readonly ReturnType<typeof countsOf>[] }[] = [];
            const afterBatch = async (batch: number): Promise<void> => {
                output.print(`batch ${batch}`);
                const { models } = await transformAndPrint(database, context, EVERYTHING, interrupt.standAside);
                batches.push({ batch, models: models.map(countsOf) });
                await waitUnless(interrupt.requested, everyMs ?? 0);
            };
            const pause = {
                everyMs: everyMs ?? PIPE_EVERY_MS,
                work: async () => {
                    await transformAndPrint(database, context, EVERYTHING, interrupt.standAside);
                },
            };
            const request = { ...given, pause, interrupt, afterBatch: isByBatch ? afterBatch : undefined };
            const loads = await loadSources(database, words, request, loadObserver(output));
            await interrupt.check('everything is landed; the transform has not run');
            const transformed = await transformAndPrint(database, context, EVERYTHING, interrupt.standAside);
            const { position, ...ofModels } = resultOf(transformed);
            output.result({ position, applied, loads, ...(isByBatch ? { batches } : {}), ...ofModels });
            const status = loadStatus(loads, output);
            refuseStops(transformed.stops);
            return status;
        } finally {
            interrupt.dispose();
        }
    });
}

/** The result of a batch's transform, without its statements: there may be many batches. */
function countsOf({ model, action, inserted, updated, deleted, unchanged }: ModelResult) {
    return { model, action, inserted, updated, deleted, unchanged };
}
