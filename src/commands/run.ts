import { EltError } from '../errors.ts';
import { listenForInterrupt } from '../interrupt.ts';
import { refuseUnknownPipeline } from '../settings.ts';
import type { CommandContext, RunCommand } from './command.ts';
import { loadAll, loadStatus } from './load.ts';
import { migratorOf, withDatabase } from './open.ts';
import { transformAndPrint } from './transform.ts';

const EVERYTHING = { select: [], rebuild: false } as const;

export const run: RunCommand = async (context, words) => {
    const { settings, output, options } = context;
    const waitMs = durationMs(options.every);
    refuseUnknownPipeline(settings);
    return await withDatabase(settings, { create: true }, async (database) => {
        const interrupt = listenForInterrupt();
        try {
            const applied = await migratorOf(database, settings).up();
            for (const name of applied) {
                output.print(`applied  ${name}`);
            }
            const afterBatch = async (batch: number): Promise<void> => {
                output.print(`batch ${batch}`);
                await transformAndPrint(database, context, EVERYTHING);
                await wait(waitMs, interrupt.requested);
            };
            const isByBatch = options.eachBatch === true;
            const loads = await loadAll(database, words, context, interrupt, isByBatch ? afterBatch : undefined);
            await interrupt.check('everything is landed; the transform has not run');
            const transformed = await transformAndPrint(database, context, EVERYTHING);
            output.result({ applied, loads, ...transformed });
            return loadStatus(loads, output);
        } finally {
            interrupt.dispose();
        }
    });
};

/** `60s`, `500ms`, `2m`; milliseconds. */
function durationMs(text: CommandContext['options'][string]): number {
    if (text === undefined) {
        return 0;
    }
    const match = /^(\d{1,9})(ms|s|m)$/.exec(String(text));
    if (match === null) {
        throw new EltError({
            code: 'COMMAND_WRONG',
            message: `"${String(text)}" is no duration`,
            found: 'expected a whole number with its unit: 500ms, 60s, 2m',
            next: 'correct --every',
        });
    }
    return Number(match[1]) * { ms: 1, s: 1_000, m: 60_000 }[match[2] as 'ms' | 's' | 'm'];
}

/** Waits in short steps, so that a signal is noticed. */
async function wait(milliseconds: number, isOver: () => boolean): Promise<void> {
    const end = performance.now() + milliseconds;
    while (performance.now() < end && !isOver()) {
        await new Promise((resolve) => setTimeout(resolve, Math.min(100, end - performance.now())));
    }
}
