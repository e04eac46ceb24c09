import { setTimeout as sleep } from 'node:timers/promises';
import type { Psql } from '../../test/support/psql.ts';
import { cpuMs, FollowerRun } from '../live/follower-run.ts';
import { measuredProcess } from '../measured-process.ts';
import { CLI, NODE, paymentsWords } from '../workshop.ts';
import type { Batch } from './batch.ts';
import { WatchedMart } from './watched-mart.ts';

/** What new changes cost, from their commit or their append to the published mart. */
export interface Tick {
    readonly seconds: number;
    /** Of all threads of the process. */
    readonly cpuSeconds: number;
}

/** One that keeps the marts of the payments up to date in a file of its own. */
export interface Ticker {
    readonly name: string;
    readonly file: string;
    /** One process takes all batches. */
    readonly stays: boolean;
    readonly take: (batch: Batch) => Promise<Tick>;
    /** So many seconds, or one look, in which nothing is new. */
    readonly idle: (last: Batch, seconds: number) => Promise<Tick>;
    readonly end: () => Promise<void>;
}

/** After a tick a process still writes what it has noted; this belongs to the tick. */
const SETTLED_MS = 500;

/** `elt follow` of a server, to which a session commits each batch in one transaction. */
export async function serverFollower(file: string, address: string, session: Psql): Promise<Ticker> {
    const run = new FollowerRun([...paymentsWords(file), 'follow', address]);
    await run.follows();
    return longLived('elt follow, a server', file, run, async ({ statements }) => {
        await session.sql(`begin;\n${statements}`);
        // What is counted begins with the commit.
        return () => void session.sql('commit;');
    });
}

/** `elt run -`, into which lines are written as `tail -f` does. */
export async function pipeReader(file: string): Promise<Ticker> {
    const run = new FollowerRun([...paymentsWords(file), 'run', '-'], 'pipe');
    return longLived(
        'elt run -, a pipe',
        file,
        run,
        async ({ lines }) =>
            () =>
                void run.child.stdin?.write(lines),
    );
}

function longLived(
    name: string,
    file: string,
    run: FollowerRun,
    prepare: (batch: Batch) => Promise<() => void>,
): Ticker {
    const mart = new WatchedMart(file, 'metrics');
    return {
        name,
        file,
        stays: true,
        take: async (batch) => {
            const [before, end] = [cpuMs(run.pid), mart.takenIn + batch.changes];
            const hand = await prepare(batch);
            const began = performance.now();
            hand();
            await Promise.race([mart.reaches(end), run.ended()]);
            const seconds = (performance.now() - began) / 1_000;
            await sleep(SETTLED_MS);
            return { seconds, cpuSeconds: (cpuMs(run.pid) - before) / 1_000 };
        },
        idle: async (_, seconds) => {
            const before = cpuMs(run.pid);
            await sleep(seconds * 1_000);
            return { seconds, cpuSeconds: (cpuMs(run.pid) - before) / 1_000 };
        },
        end: async () => {
            mart.close();
            await run.end();
        },
    };
}

/** A process of `elt run` for each batch; where nothing is new it looks at the last one again. */
export function freshRuns(file: string): Ticker {
    const run = async ({ path }: Batch): Promise<Tick> =>
        await measuredProcess([NODE, CLI, ...paymentsWords(file), '--quiet', 'run', path]);
    return {
        name: 'elt run, a fresh process',
        file,
        stays: false,
        take: run,
        idle: run,
        end: async () => undefined,
    };
}
