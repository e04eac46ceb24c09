import { commitTime } from '../core/commit-time.ts';
import { lsnDistance } from '../core/lsn.ts';
import type { SourceRow } from './sources.ts';

/** A follower that runs writes down at least so often when it last heard the server. */
export const HEARD_MS_MAX = 20_000;
/** After so long without a word nobody follows, or the server cannot be reached. */
export const SILENT_MS_MAX = 3 * HEARD_MS_MAX;

/** How far one partition is behind. */
export interface PartitionLag {
    readonly topic: string;
    readonly partition: number;
    /** Messages that had not landed when the broker was last heard. */
    readonly messages: number;
    /** How old the state of the partition is that the database shows: at most so many seconds; null: not known. */
    readonly seconds: number | null;
}

/** How far a database is behind the source that it follows, as its follower has stored it. */
export interface SourceLag {
    readonly phase: SourceRow['phase'];
    /** The follower heard the server a short while ago. */
    readonly isFollowing: boolean;
    /** What had not landed when the source was last heard; null: that is not known, or too old. */
    readonly behind: number | null;
    /** Bytes of PostgreSQL's log, or messages of topics. */
    readonly unit: 'bytes' | 'messages';
    /** How old the source's state is that the database shows: at most so many seconds; null: not known. */
    readonly seconds: number | null;
    /** When the server was last heard, as ISO text; null: never. */
    readonly heardAt: string | null;
    /** What the follower stopped at, in its code and words. */
    readonly error: string | null;
    /** Of topics, as long as somebody follows. */
    readonly partitions: readonly PartitionLag[];
}

/**
 * Behind by nothing when the server was last heard, the database shows the source as it was then: that is no zero, as
 * nobody knows what has come since. Behind by something, it shows the source as it was at the last commit that landed.
 */
export function sourceLag(source: SourceRow, now: number): SourceLag {
    const { phase, end_lsn: landed, server_lsn: server, measured_at: heardAt, error } = source;
    const silentMs = heardAt === null ? null : Math.max(0, now - Date.parse(heardAt));
    const isFollowing = phase === 'streaming' && silentMs !== null && silentMs <= SILENT_MS_MAX;
    const bytes = server === null || landed === null ? null : lsnDistance(landed, server);
    const ageMs =
        bytes === null || silentMs === null ? null : bytes === 0 ? silentMs : commitAge(source, now, silentMs);
    return {
        phase,
        isFollowing,
        unit: 'bytes',
        behind: isFollowing ? bytes : null,
        seconds: phase === 'streaming' && ageMs !== null ? ageMs / 1_000 : null,
        heardAt,
        error,
        partitions: [],
    };
}

/** Null: no commit has landed yet. */
function commitAge({ last_commit_at: at }: SourceRow, now: number, silentMs: number): number | null {
    const committed = at === null ? null : commitTime(at);
    return committed === null ? null : Math.max(silentMs, now - committed);
}
