import { setTimeout as sleep } from 'node:timers/promises';
import type { FollowWorld } from '../support/follow-world.ts';
import type { Random } from '../support/random.ts';

/** Places before the stream where a crash is hard to survive; each leaves something in the server or in the ledger. */
export const BEFORE_STREAM = [
    'source intended',
    'publications created',
    'slot created',
    'slot stored',
    'table copied',
] as const;
export const IN_STREAM = ['landed', 'transformed', 'committed'] as const;

/** Follows until the process ends itself, as if by `kill -9`, at that place. */
export async function killedAt(world: FollowWorld, place: string): Promise<void> {
    const killed = await world.follow([], { ELT_FAILPOINT: place }).ended();
    if (killed.signal !== 'SIGKILL') {
        throw new Error(`"${place}" was not reached (${killed.status}):\n${killed.printed}`);
    }
}

/** Follows for a while at random, and is killed. */
export async function killedAtRandom(world: FollowWorld, random: Random): Promise<void> {
    const following = world.follow(random.chance(50) ? [] : ['--every', '0ms']);
    await sleep(random.int(300, 1_800));
    await following.stop('SIGKILL');
}

/** Each thing of the source that is not here as it should be; none: all is there, once. */
export async function losses(world: FollowWorld): Promise<readonly string[]> {
    const [staged, distinct, source] = await world.grown('ledger');
    const ledger =
        staged === source && distinct === source
            ? []
            : [`ledger: ${staged} staged, ${distinct} different, ${source} in PostgreSQL`];
    await world.ran(['verify']);
    return [...(await world.differences()), ...ledger];
}
