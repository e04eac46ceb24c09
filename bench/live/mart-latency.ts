import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';

export interface Latency {
    /** Milliseconds from the commit in PostgreSQL until another process reads the mart, by percentile. */
    readonly p50: number;
    readonly p99: number;
    readonly changes: number;
    /** Commits of the follower in which they came. */
    readonly ticks: number;
}

const LOOK_MS = 2;
const TABLES = ['event_v2_data', 'transaction'];

/** Looks at the file of a follower from outside, until `isOver`: each change is seen when its mart has taken it in. */
export async function martLatency(file: string, mart: string, isOver: () => boolean): Promise<Latency> {
    const database = new Database(file, { readonly: true });
    const seenUpTo = (): number =>
        database.prepare('select watermark from elt_watermarks where model = ?').pluck().get(mart) as number;
    const version = (): number => database.pragma('data_version', { simple: true }) as number;
    const committed = TABLES.map((table) =>
        database
            .prepare(
                `select _committed_at from stg_${table} where _seq > ? and _seq <= ? and _committed_at is not null`,
            )
            .pluck(),
    );
    const latencies: number[] = [];
    let [seen, last, ticks] = [seenUpTo(), version(), 0];
    while (!isOver()) {
        await sleep(LOOK_MS);
        const now = Date.now();
        const found = version();
        if (found === last) {
            continue;
        }
        last = found;
        const upTo = seenUpTo();
        if (upTo > seen) {
            ticks++;
            for (const at of committed.flatMap((query) => query.all(seen, upTo) as string[])) {
                latencies.push(now - Date.parse(at.replace(' ', 'T').replace(/\+00$/, 'Z')));
            }
            seen = upTo;
        }
    }
    database.close();
    latencies.sort((left, right) => left - right);
    const at = (share: number): number => latencies[Math.floor(latencies.length * share)] ?? Number.NaN;
    return { p50: at(0.5), p99: at(0.99), changes: latencies.length, ticks };
}
