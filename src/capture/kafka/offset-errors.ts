import { EltError } from '../../core/errors.ts';
import type { PartitionFacts, TopicFacts } from './server-facts.ts';
import type { PartitionPlace } from './topic-places.ts';

/** A follower meets these at its start and in the middle: what it landed until then is not undone. */
const STATE = 'what has landed is committed and stays as it is';
const WAYS =
    '"--from earliest" reads what there is, "--from latest" what comes from now on, "--from <offset>" from there';

/** Messages that have not landed were deleted: the retention was shorter than the stop. */
export function offsetLost(place: PartitionPlace, { firstOffset, endOffset }: PartitionFacts): EltError {
    return new EltError({
        code: 'OFFSET_LOST',
        message: `messages of "${place.topic}" were deleted before they landed`,
        where: `${place.topic}/${place.partition}@${place.nextOffset}`,
        found: `stored offset ${place.nextOffset}; the first is ${firstOffset}, the last ${endOffset - 1}: ${firstOffset - place.nextOffset} are lost`,
        state: STATE,
        next: `lengthen the topic's retention, and say where to continue: ${WAYS}`,
    });
}

/** The stored offset lies behind the end of the partition: messages that have landed are not there any more. */
export function offsetAhead(place: PartitionPlace, { firstOffset, endOffset }: PartitionFacts): EltError {
    return new EltError({
        code: 'OFFSET_AHEAD',
        message: `"${place.topic}" ends before what has landed of it`,
        where: `${place.topic}/${place.partition}@${place.nextOffset}`,
        found: `stored offset ${place.nextOffset}; the first is ${firstOffset}, the last ${endOffset - 1}: a cluster that was restored or lost messages, or an older database file`,
        state: STATE,
        next: `find out which; then say where to continue: ${WAYS}. What has landed already would land again`,
    });
}

/** The log was cut off and written anew behind what was read: same offsets, other messages. */
export function offsetDiverged(place: PartitionPlace, divergesAt: number): EltError {
    return new EltError({
        code: 'OFFSET_AHEAD',
        message: `"${place.topic}" holds other messages than those that have landed`,
        where: `${place.topic}/${place.partition}@${place.nextOffset}`,
        found: `stored offset ${place.nextOffset} of the leader's epoch ${place.leaderEpoch}; that epoch ends at ${divergesAt}: a leader was elected that lacked messages`,
        state: STATE,
        next: `find out which are wrong; then say where to continue: "--from ${divergesAt}" reads what has taken their place, "--from latest" what comes from now on`,
    });
}

/** Another topic under the same name. */
export function topicRecreated(place: PartitionPlace, { topicId, partitions }: TopicFacts): EltError {
    const facts = partitions[place.partition];
    const holds =
        facts === undefined ? 'no such partition' : `first offset ${facts.firstOffset}, last ${facts.endOffset - 1}`;
    return new EltError({
        code: 'TOPIC_RECREATED',
        message: `"${place.topic}" was deleted and created again`,
        where: `${place.topic}/${place.partition}@${place.nextOffset}`,
        found: `topic id ${topicId}, ${holds}; expected ${place.topicId}, stored offset ${place.nextOffset}`,
        state: STATE,
        next: `what the old topic still held is lost; say where to begin in the new one: ${WAYS}`,
    });
}

export function topicMissing(topic: string, place: PartitionPlace | undefined): EltError {
    return new EltError({
        code: 'TOPIC_MISSING',
        message: `the cluster has no topic "${topic}"`,
        found:
            place === undefined
                ? undefined
                : `it has been followed as far as offset ${place.nextOffset} of partition ${place.partition}`,
        state: STATE,
        next: 'check the name; a topic is never created by elt',
    });
}

export function clusterDifferent(wanted: string, found: string): EltError {
    return new EltError({
        code: 'SOURCE_DIFFERENT',
        message: 'this is not the cluster that the database follows',
        found: `cluster ${found}; expected ${wanted}`,
        state: STATE,
        next: 'name the cluster that was followed; if this one has taken its place, "elt source drop --offline" forgets the old offsets, and what has landed stays',
    });
}
