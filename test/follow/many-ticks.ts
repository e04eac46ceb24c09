import { readFileSync } from 'node:fs';
import { type FollowWorld, until } from '../support/follow-world.ts';

/** Linux counts processor time in hundredths of a second. */
const CLOCK_MS = 10;

export interface ManyTicks {
    /** Milliseconds of processor time a commit, in the second twentieth of all and in the last. */
    readonly early: number;
    readonly late: number;
    readonly memoryMb: number;
}

/** Commits one change after the other, each landed by a commit of its own. */
export async function manyTicks(world: FollowWorld, ticks: number): Promise<ManyTicks> {
    const following = world.follow(['--every', '0ms']);
    await following.says('following');
    const pid = following.child.pid as number;
    const part = Math.max(10, Math.floor(ticks / 20));
    const costs: number[] = [];
    let before = cpuMs(pid);
    for (let tick = 1; tick <= ticks; tick++) {
        await world.session.sql(`insert into plain values (${tick}, 'tick');`);
        if (tick % part === 0) {
            await until(
                () => world.rows('select 1 from current_plain where id = ?', tick).length === 1,
                () => `tick ${tick}: ${following.printed}`,
            );
            const now = cpuMs(pid);
            costs.push((now - before) / part);
            before = now;
        }
    }
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const memoryMb = (Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) * 1_024) / 1e6;
    await following.stop();
    return { early: costs[1] ?? Number.NaN, late: costs.at(-1) ?? Number.NaN, memoryMb };
}

/** User and system time of a process, its threads included. Source: proc(5), `stat`. */
export function cpuMs(pid: number): number {
    const words = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return (Number(words[11]) + Number(words[12])) * CLOCK_MS;
}
