import { offsetAhead, offsetDiverged, offsetLost, topicMissing, topicRecreated } from './offset-errors.ts';
import type { ClusterFacts, PartitionFacts, TopicFacts } from './server-facts.ts';
import { heardPlace, type PartitionPlace, type TopicPlaces } from './topic-places.ts';

/** Where a person says that reading is to begin, where the database does not know. */
export type From = 'earliest' | 'latest' | number;

/** A place that was given up because a person said so: kept in the ledger. */
export interface PlaceReset {
    readonly topic: string;
    readonly partition: number;
    readonly was: PartitionPlace;
    readonly now: PartitionPlace;
    /** The code of the error that this answers. */
    readonly reason: string;
}

/** Where a reading begins. */
export interface TopicStart {
    readonly places: TopicPlaces;
    readonly resets: readonly PlaceReset[];
}

/**
 * Compares what is stored with what the cluster has, partition by partition. A partition that is not stored begins as
 * `from` says, by default at its first message; one that was added to a topic that is followed always there. A stored
 * place is where reading continues; where messages would be missing there, `from` says where to, and without it nothing
 * is read.
 * @throws EltError OFFSET_LOST, OFFSET_AHEAD, TOPIC_RECREATED, TOPIC_MISSING.
 */
export function topicStart(
    topics: readonly string[],
    facts: ClusterFacts,
    stored: TopicPlaces,
    from: From | null,
): TopicStart {
    const resets: PlaceReset[] = [];
    const places = topics.flatMap((topic) => {
        const known = stored.filter((place) => place.topic === topic);
        const found = facts.topics.find((one) => one.topic === topic);
        if (found === undefined) {
            throw topicMissing(topic, known[0]);
        }
        return found.partitions.map((partition) => {
            const place = known.find((one) => one.partition === partition.partition);
            if (place === undefined) {
                return newPlace(found, partition, known.length > 0 ? 'earliest' : (from ?? 'earliest'));
            }
            const loss = lossOf(place, found, partition);
            if (loss === null) {
                return heardPlace(place, partition);
            }
            if (from === null) {
                throw loss;
            }
            const now = newPlace(found, partition, from);
            resets.push({ topic, partition: partition.partition, was: place, now, reason: loss.code });
            return now;
        });
    });
    return { places, resets };
}

function lossOf(place: PartitionPlace, topic: TopicFacts, partition: PartitionFacts) {
    if (place.topicId !== topic.topicId) {
        return topicRecreated(place, topic);
    }
    if (place.nextOffset < partition.firstOffset) {
        return offsetLost(place, partition);
    }
    if (place.nextOffset > partition.endOffset) {
        return offsetAhead(place, partition);
    }
    const { epochEnd } = partition;
    return epochEnd !== null && place.nextOffset > epochEnd ? offsetDiverged(place, epochEnd) : null;
}

function newPlace({ topic, topicId }: TopicFacts, partition: PartitionFacts, from: From): PartitionPlace {
    const { firstOffset, endOffset } = partition;
    const nextOffset =
        from === 'earliest'
            ? firstOffset
            : from === 'latest'
              ? endOffset
              : Math.min(endOffset, Math.max(firstOffset, from));
    const { partition: number } = partition;
    const place = { topic, topicId, partition: number, nextOffset, leaderEpoch: -1, recordTime: null, levelAt: null };
    return heardPlace(place, partition);
}
