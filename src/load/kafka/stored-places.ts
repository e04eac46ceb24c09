import type { PartitionPlace } from '../../capture/kafka/topic-places.ts';
import type { TopicPartitionRow } from '../../ledger/topics.ts';

/** The place that a row of `elt_topic_partitions` stores. */
export function placeOf(row: TopicPartitionRow): PartitionPlace {
    return {
        topic: row.topic,
        topicId: row.topic_id,
        partition: row.partition,
        nextOffset: row.next_offset,
        leaderEpoch: row.leader_epoch,
        recordTime: row.record_time,
        firstOffset: row.first_offset,
        endOffset: row.end_offset,
        heardAt: Date.parse(row.measured_at),
        levelAt: row.level_at === null ? null : Date.parse(row.level_at),
    };
}

/** The row that stores a place. */
export function rowOf(place: PartitionPlace): TopicPartitionRow {
    return {
        topic: place.topic,
        partition: place.partition,
        topic_id: place.topicId,
        next_offset: place.nextOffset,
        leader_epoch: place.leaderEpoch,
        record_time: place.recordTime,
        first_offset: place.firstOffset,
        end_offset: place.endOffset,
        measured_at: new Date(place.heardAt).toISOString(),
        level_at: place.levelAt === null ? null : new Date(place.levelAt).toISOString(),
    };
}
