import type { TopicsStatus } from '../load/kafka/source-status.ts';
import { counted, durationText, textTable } from './text-table.ts';

/** What `elt source status` prints of topics. */
export function topicLines(status: TopicsStatus): readonly string[] {
    const { cluster, partitions, resets, lagMessages, isLive, unreachable } = status;
    const rows = partitions.map((one) => [
        `${one.topic}/${one.partition}`,
        one.next_offset,
        one.first_offset,
        one.end_offset,
        one.lag_messages,
        one.lag_seconds === null ? 'unknown' : durationText(one.lag_seconds * 1_000),
    ]);
    const lag = lagMessages === 0 ? 'everything has landed' : `${counted(lagMessages, 'message')} have not landed`;
    return [
        `source    ${cluster.name}`,
        `cluster   ${cluster.cluster_id}`,
        `lag       ${lag}${isLive ? '' : ', as last heard'}`,
        ...(unreachable === null ? [] : [`          the cluster cannot be asked (${unreachable.message})`]),
        ...(cluster.error === null ? [] : [`error     ${cluster.error}`]),
        ...resets.map(
            ({ topic, partition, reason, was_offset: was, now_offset: now, reset_at: at }) =>
                `reset     ${topic}/${partition} from ${was} to ${now} at ${at} (${reason})`,
        ),
        '',
        ...textTable(['partition', 'next offset', 'first', 'end', 'messages behind', 'behind for'], rows),
    ];
}
