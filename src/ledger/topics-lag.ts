import type { PartitionLag, SourceLag } from './source-lag.ts';
import type { ClusterRow, TopicPartitionRow } from './topics.ts';

/** Errors after which messages are missing until a person decides. */
const LOSSES = ['OFFSET_LOST', 'OFFSET_AHEAD', 'TOPIC_RECREATED'];

/**
 * With nothing left when its broker was last heard, a partition is shown as it was then. With something left it is shown
 * as it was when nothing was, or when its last message that has landed was written, whichever is later.
 */
export function partitionLag(row: TopicPartitionRow, now: number): PartitionLag {
    const { topic, partition, next_offset: next, end_offset: end, record_time: recordTime, level_at: levelAt } = row;
    const since = Math.max(recordTime ?? 0, levelAt === null ? 0 : Date.parse(levelAt));
    const isKnown = recordTime !== null || levelAt !== null;
    return {
        topic,
        partition,
        messages: Math.max(0, end - next),
        seconds: isKnown ? Math.max(0, now - since) / 1_000 : null,
    };
}

/** How far the database is behind the topics that it follows, as its follower has stored it. */
export function topicsLag(
    { error }: Pick<ClusterRow, 'error'>,
    rows: readonly TopicPartitionRow[],
    now: number,
    silentMsMax: number,
): SourceLag {
    const phase = LOSSES.some((code) => error?.startsWith(`${code}:`)) ? 'lost' : 'streaming';
    const heardAt = rows.reduce<string | null>((last, { measured_at: at }) => ((last ?? '') > at ? last : at), null);
    const isFollowing = phase === 'streaming' && heardAt !== null && now - Date.parse(heardAt) <= silentMsMax;
    const partitions = rows.map((row) => partitionLag(row, now));
    const seconds = partitions.map((one) => one.seconds);
    return {
        phase,
        isFollowing,
        unit: 'messages',
        behind: isFollowing ? partitions.reduce((sum, { messages }) => sum + messages, 0) : null,
        seconds: seconds.length === 0 || seconds.includes(null) ? null : Math.max(...(seconds as number[])),
        heardAt,
        error,
        partitions: isFollowing ? partitions : [],
    };
}
