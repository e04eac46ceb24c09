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
    /** When it said so, in milliseconds since 1970. */
    readonly heardAt: number;
    /** When it last said that there is nothing after what was read; null: there always was something. */
    readonly levelAt: number | null;
}

/** Where all partitions of all topics are to be read on; a new value each time that one of them moves. */
export type TopicPlaces = readonly PartitionPlace[];

/** The beginning of a partition that has just been added. */
export function newPlace(topic: string, topicId: string, partition: number): PartitionPlace {
    const nothing = { nextOffset: 0, leaderEpoch: -1, recordTime: null, levelAt: null };
    return heardPlace({ topic, topicId, partition, ...nothing }, { firstOffset: 0, endOffset: 0 });
}

export function placeText({ topic, partition, nextOffset }: PartitionPlace): string {
    return `${topic}/${partition}@${nextOffset}`;
}

/** Messages that have not been read yet, as far as is known. */
export function behindOf(places: TopicPlaces): number {
    return places.reduce((sum, { nextOffset, endOffset }) => sum + Math.max(0, endOffset - nextOffset), 0);
}

/** The same place, when the broker has said what it has now. */
export function heardPlace(
    place: Omit<PartitionPlace, 'firstOffset' | 'endOffset' | 'heardAt'>,
    { firstOffset, endOffset }: { readonly firstOffset: number; readonly endOffset: number },
    heardAt = Date.now(),
): PartitionPlace {
    return {
        ...place,
        firstOffset,
        endOffset,
        heardAt,
        levelAt: place.nextOffset < endOffset ? place.levelAt : heardAt,
    };
}

/**
 * How old the state is that what was read shows, at most: of a partition with nothing after it since its broker said so,
 * else since it last said so or since the last message was written, whichever is later. Null: not known.
 */
export function secondsBehind(places: TopicPlaces, now: number): number | null {
    const since = places.map(({ recordTime, levelAt }) =>
        recordTime === null && levelAt === null ? null : Math.max(recordTime ?? 0, levelAt ?? 0),
    );
    return since.includes(null) ? null : Math.max(0, ...since.map((at) => (now - (at as number)) / 1_000));
}

/** When any broker has said something last; 0: never. */
export function lastHeard(places: TopicPlaces): number {
    return places.reduce((last, { heardAt }) => Math.max(last, heardAt), 0);
}

/** The same places, with what the brokers have said since. */
export function heardAgain(places: TopicPlaces, heard: TopicPlaces): TopicPlaces {
    return places.map((place) => {
        const now = heard.find(({ topic, partition }) => topic === place.topic && partition === place.partition);
        return now === undefined ? place : heardPlace(place, now, now.heardAt);
    });
}
