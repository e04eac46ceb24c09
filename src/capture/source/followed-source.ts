/**
 * A source that does not end: a replication slot, a topic. Its adapters lie in `capture/postgres/` and `capture/kafka/`.
 * What follows it (`load/follow-stream.ts`) drives it so:
 *
 * 1. `open` at the place that the ledger stores, which the adapter compares with what the server has: where changes
 *    would be missing it throws, it never begins elsewhere.
 * 2. `next` gives what has arrived. Its messages are decoded and landed in one SQLite transaction, which stores the
 *    place after them.
 * 3. After that commit, and only then, `acknowledge` tells the server that it may forget them.
 *
 * A reading is used until its first error. Where the error is one that passes (`SOURCE_UNREACHABLE`), what was not
 * committed is taken back, and the source is opened again at the place that is stored.
 *
 * `Message` is one message with its bytes, `Place` where to begin after it: both are the adapter's own, and `Place` is
 * what the adapter's control table stores.
 */
export interface FollowedSource<Message extends FollowedMessage<Place>, Place> {
    /** For people and the ledger: server, slot or topic, never a password. */
    readonly name: string;
    /** Begins after `place`; null: at the beginning, as the adapter's own options say. */
    open(place: Place | null): Promise<FollowedReading<Message, Place>>;
}

export interface FollowedMessage<Place> {
    /** Where to begin after it; null where a transaction of the source is under way, which is landed whole or not. */
    readonly after: Place | null;
    /** It says only how far the source is: there is nothing to decode. */
    readonly isIdle: boolean;
    /** How many of the source's messages are handed on as this one; absent: one. */
    readonly size?: number;
    /** The server waits to hear that everything up to here is stored. */
    readonly wantsAnswer: boolean;
}

export interface FollowedReading<Message extends FollowedMessage<Place>, Place> {
    /**
     * What has arrived since the last call, in order; empty after `waitMs` in which nothing came. The bytes of the
     * messages are valid until the next call. Lets the event loop run, whatever has arrived.
     */
    next(waitMs: number): Promise<readonly Message[]>;
    /** Everything before `place` is committed together with its rows. */
    acknowledge(place: Place): void;
    /** How far behind the source this reading is, as the server last said it. */
    lag(): SourceLag;
    /** Ends the connection; what was acknowledged has reached the server. */
    close(): Promise<void>;
}

/** What `elt source status`, `/metrics` and the status line show. Null: not known. */
export interface SourceLag {
    /** Bytes of PostgreSQL's log, or messages of a topic. */
    readonly behind: number | null;
    readonly unit: 'bytes' | 'messages';
    /** Since the last commit of the source that has landed. */
    readonly seconds: number | null;
}
