import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type FollowWorld, until } from '../support/follow-world.ts';

/** A table of rows of about a kilobyte, with a few rows. */
export const LARGE_TABLE = `create table large (id bigint primary key, words text);
    insert into large select i, md5(i::text) from generate_series(1, 100) as i;`;

export interface LargeTransaction {
    /** The most that the follower's process has held, in megabytes of 10^6 bytes. */
    readonly memoryMb: number;
    /** Different counts of rows that a reader of the current table has seen. */
    readonly seen: readonly number[];
    readonly rows: number;
    readonly seconds: number;
}

/** Writes so many megabytes in one transaction, and the same again rolled back, while a follower runs and others read. */
export async function largeTransaction(world: FollowWorld, megabytes: number): Promise<LargeTransaction> {
    const began = performance.now();
    const rows = megabytes * 1_000;
    const write = `insert into large select 1000 + i, repeat(md5(i::text), 31) from generate_series(1, ${rows}) as i;`;
    const following = world.follow();
    await following.says('following');
    await world.session.sql(`begin; ${write.replace('1000 + i', '-i')} rollback;`);
    await world.session.sql(write);
    const seen = new Set<number>();
    const look = (): number => {
        const count = world.rows<{ n: number }>('select count(*) as n from current_large')[0]?.n ?? -1;
        seen.add(count);
        return count;
    };
    let isRead = false;
    const reading = (async () => {
        while (!isRead) {
            look();
            await sleep(50);
        }
    })();
    try {
        await until(
            () => look() === rows + 100,
            () => `${rows + 100} rows, of which ${look()} are there: ${following.printed}`,
            600_000,
        );
    } finally {
        isRead = true;
        await reading;
    }
    const status = readFileSync(`/proc/${following.child.pid}/status`, 'utf8');
    const memoryMb = (Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) * 1_024) / 1e6;
    await following.stop();
    return { memoryMb, seen: [...seen], rows, seconds: (performance.now() - began) / 1_000 };
}
