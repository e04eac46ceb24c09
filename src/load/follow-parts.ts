import type { FollowedMessage, FollowedSource, SourceLag } from '../capture/source/followed-source.ts';
import type { EltError } from '../core/errors.ts';
import type { EmitEvent, StreamEvent } from '../core/stream-event.ts';
import type { StreamLanding } from '../land/stream-landing.ts';
import type { Interrupt } from '../process/interrupt.ts';
import type { PipelineSettings } from '../project/pipeline-settings.ts';
import type { Database } from '../sqlite/database.ts';
import type { Backoff } from './retry.ts';

/** What a follower of any source is asked for. */
export interface FollowWork {
    readonly database: Database;
    readonly settings: PipelineSettings;
    readonly pace: Pace;
    readonly interrupt: Pick<Interrupt, 'requested'>;
    /**
     * Brings the marts up to date: in the transaction of what has landed, or in one of its own. Returns the error of a
     * file or a data test; `apart`: it is too much for the landing's transaction.
     */
    readonly transform: (isApart: boolean) => EltError | 'apart' | null;
}

/** What makes events of a source's messages; a new one for each reading. */
export interface FollowedDecoder<Message> {
    decode(message: Message, emit: EmitEvent): void;
}

/** What a follower is made of. `Place` is the source's own: see `capture/source/followed-source.ts`. */
export interface FollowParts<Message extends FollowedMessage<Place>, Place> {
    readonly database: Database;
    readonly source: FollowedSource<Message, Place>;
    newDecoder(): FollowedDecoder<Message>;
    /** Lands one event of a message; an event may be none of ours. */
    take(event: StreamEvent, message: Message, landing: StreamLanding): void;
    /** A landing whose commits call `beforeCommit`; it has begun, and holds the write lock. */
    newLanding(beforeCommit: () => void): StreamLanding;
    storedPlace(): Place | null;
    /** In the SQLite transaction of what has landed before that place. */
    savePlace(place: Place): void;
    /** Brings the marts up to date, in the same transaction. */
    transform(): void;
    /** After a commit. True: the landing begins anew, as something else than it has written the ledger. */
    committed(): boolean;
    /** What was taken since the last commit is undone: it comes again. */
    abandoned(): void;
    /** Called between two commits, when the database is nobody's. True: the landing begins anew. */
    between(place: Place | null): Promise<boolean>;
    /** Between two commits: the source is opened anew at the place that is stored, because more is asked of it now. */
    readonly wantsReopening?: boolean;
    /** Whether the follower has seen all that it was asked for. */
    isDone(place: Place): boolean;
    isInterrupted(): boolean;
    readonly backoff: Backoff;
    readonly pace: Pace;
    readonly observer: FollowObserver;
}

export interface Pace {
    /** A change waits at most so long before it lands. */
    readonly everyMs: number;
    /** Commits follow each other no sooner; else as soon as the machine had as much time for others as for one. */
    readonly isFixed: boolean;
    /** Messages of the source in one commit, unless a transaction of the source holds more; absent: as many as is fast. */
    readonly messagesMax?: number;
}

/** What the caller hears while a source is followed. */
export interface FollowObserver {
    /** After each commit, and every second or so in between. */
    progressed(progress: FollowProgress): void;
    /** The connection was lost; the next try comes in so many milliseconds. */
    retrying(error: EltError, waitMs: number): void;
    connected(): void;
}

export interface FollowProgress {
    readonly changes: number;
    readonly commits: number;
    readonly lag: SourceLag;
    /** Of the last commit, with what was done before it: milliseconds. */
    readonly milliseconds: number | null;
}
