/**
 * One message of a topic: where its bytes are in what was fetched. Views are made by those who need them: most messages
 * need one.
 */
export interface TopicRecord {
    readonly offset: number;
    /** Milliseconds since 1970: of the producer, or of the broker where the topic says so. */
    readonly timestamp: number;
    readonly source: Buffer;
    /** −1: the key is null. */
    readonly keyStart: number;
    readonly keyEnd: number;
    /** −1: the value is null, which deletes the key; equal to its end: it is empty. */
    readonly valueStart: number;
    readonly valueEnd: number;
    readonly headersStart: number;
    readonly headers: number;
}

/** Null: the message has no key. */
export function keyOf({ source, keyStart, keyEnd }: TopicRecord): Buffer | null {
    return keyStart < 0 ? null : source.subarray(keyStart, keyEnd);
}
