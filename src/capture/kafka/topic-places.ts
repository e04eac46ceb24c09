/** Where a partition of a topic is to be read on. */
export interface PartitionPlace {
    readonly topic: string;
    /** The topic's own number: a topic that was deleted and created again is another one under the same name. */
    readonly topicId: string;
    readonly partition: number;
    /** The first offset that has not landed. */
    readonly nextOffset: number;
    /** The leader's epoch of the last batch that was read; −1: none was. */
    readonly leaderEpoch: number;
    /** When the last message that was read had been written, in milliseconds since 1970; null: none was. */
    readonly recordTime: number | null;
    /** What the broker last said it has: the first offset, and that of the next message to come. */
    readonly firstOffset: number;
    readonly endOffset: number;
}

/** Where all partitions of all topics are to be read on; a new value each time that one of them moves. */
export type TopicPlaces = readonly PartitionPlace[];

export function placeText({ topic, partition, nextOffset }: PartitionPlace): string {
    return `${topic}/${partition}@${nextOffset}`;
}

/** Messages that have not been read yet, as far as is known. */
export function behindOf(places: TopicPlaces): number {
    return places.reduce((sum, { nextOffset, endOffset }) => sum + Math.max(0, endOffset - nextOffset), 0);
}
