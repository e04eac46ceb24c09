import type { RejectedBytes } from './frame.ts';
import type { ScannedValues } from './scanned-values.ts';
import type { SqliteType } from './storage-types.ts';
import type { TopicPlace } from './topic-place.ts';

/**
 * What decode hands to land. Places (`record`, `change`, `offset`) are those of src/core/frame.ts: numbered from 1, bytes
 * of the decompressed source. Texts of the stream (lsn, xid, timestamps) are passed on unchanged, numbers as their JSON
 * text. LSN texts do not sort.
 */
export type StreamEvent =
    | StreamBegin
    | StreamChange
    | StreamMessage
    | StreamCommit
    | StreamBatchEnd
    | StreamRecordEnd
    | StreamReject;

/** Receives events in order; what an event refers to is valid only during the call. */
export type EmitEvent = (event: StreamEvent) => void;

/** A value as SQLite is to store it exactly. A bigint is an integer beyond 2^53. */
export type SqlValue = null | number | bigint | string;

/** A column of a change. */
export interface ColumnShape {
    readonly name: string;
    /** PostgreSQL's type text as the stream gives it; null: the stream carries no types. */
    readonly type: string | null;
    /** How its values are stored where the type does not say it. */
    readonly stored?: SqliteType;
    /** The value is a text that the type's column may not hold as it is stored: `NaN` of a `double precision`. */
    readonly isText?: true;
}

/**
 * A change without its values. Interned by the decoder: equal shapes are the same object, so that plans can be cached by
 * identity.
 */
export interface Shape {
    readonly op: 'insert' | 'update' | 'delete' | 'truncate';
    readonly schema: string;
    readonly table: string;
    /** The new row's columns, in the order of the stream; absent columns are unchanged. Empty for delete, truncate. */
    readonly columns: readonly ColumnShape[];
    /** The old identity (format 1 `oldkeys`, format 2 `identity`); empty if not given. */
    readonly oldColumns: readonly ColumnShape[];
    /** Names of the primary key; null: not in the stream; []: the table has none. */
    readonly primaryKey: readonly string[] | null;
    /** The replica identity, where the source tells it beside the rows; else only old keys tell it. */
    readonly identity?: ReplicaIdentity;
    /** The old identity of a whole row (REPLICA IDENTITY FULL) lacks the columns that are null (format 1). */
    readonly oldLeavesNullsOut?: boolean;
}

/** By which columns PostgreSQL tells old rows; `isFull`: by all of them. */
export interface ReplicaIdentity {
    readonly columns: readonly string[];
    readonly isFull: boolean;
}

/** A source transaction begins. A format-2 stream without transactions (`include-transaction=false`) has none. */
export interface StreamBegin {
    readonly kind: 'begin';
    readonly xid: string | null;
    /** Place in PostgreSQL's log: `nextlsn` (the end of the commit), else the `lsn`; null if not known (yet). */
    readonly position: string | null;
    readonly committedAt: string | null;
    readonly record: number;
    readonly offset: number;
    /** True: its end has not been seen yet, so it may turn out to be torn. */
    readonly streamed: boolean;
}

/** One row change. */
export interface StreamChange {
    readonly kind: 'change';
    readonly shape: Shape;
    /** One value per column of `shape.columns`. */
    readonly values: readonly SqlValue[];
    /** One value per column of `shape.oldColumns`. */
    readonly old: readonly SqlValue[];
    /**
     * The same values as bytes, where the change was scanned: those of `shape.columns` begin at `newAt`, those of
     * `shape.oldColumns` at `oldAt`, with the kinds in which they are stored. `values` and `old` are computed on access.
     */
    readonly scanned: { readonly values: ScannedValues; readonly newAt: number; readonly oldAt: number } | null;
    /** The row's own lsn (format 2 with include-lsn). */
    readonly lsn: string | null;
    /** The same as the two halves of a number, where the source gives it so: `lsn` is made on access then. */
    readonly logPlace?: LogPlace;
    /** The same as a message's place in a topic: `lsn` is made on access then. Null: it is of none. */
    readonly topicPlace?: TopicPlace | null;
    /** The row's own xid (format 2 with include-xids); in format 1 it is the transaction's. */
    readonly xid: string | null;
    readonly record: number;
    /** Number in the record; 1 in format 2. */
    readonly change: number;
    readonly offset: number;
}

export interface LogPlace {
    readonly high: number;
    readonly low: number;
}

/** A logical message (`pg_logical_emit_message`). A non-transactional one may come outside of a transaction. */
export interface StreamMessage {
    readonly kind: 'message';
    readonly prefix: string;
    /** Bytes, where they are not UTF-8. */
    readonly content: string | Buffer;
    readonly transactional: boolean;
    readonly lsn: string | null;
    readonly xid: string | null;
    readonly record: number;
    readonly change: number;
    readonly offset: number;
}

/** The transaction is whole. These members replace those of `begin`, which could not know all of them. */
export interface StreamCommit {
    readonly kind: 'commit';
    readonly xid: string | null;
    readonly position: string | null;
    readonly committedAt: string | null;
    readonly record: number;
    /** Byte after the record. */
    readonly offset: number;
}

/** A batch of a list of batches is whole. */
interface StreamBatchEnd {
    readonly kind: 'batch';
    readonly batch: number;
    /** Byte after the batch's `]`. */
    readonly offset: number;
}

/** A record is whole (or was put aside): a place where a source can be resumed. */
interface StreamRecordEnd {
    readonly kind: 'recordEnd';
    readonly record: number;
    /** Byte after the record. */
    readonly offset: number;
    /** True inside a format-2 transaction: this place must not be stored, because the transaction has not ended. */
    readonly inTransaction: boolean;
}

/** Bytes that were put aside: a change, a record, or bytes outside of records. */
export interface StreamReject {
    readonly kind: 'reject';
    readonly reject: RejectedBytes;
    readonly record: number;
    /** The number of the change in its record, if only that change is put aside; else null. */
    readonly change: number | null;
    /** True: the transaction that began will never end; everything since `begin` must be undone. */
    readonly torn: boolean;
    /** `schema.table`, where known. */
    readonly relation: string | null;
    readonly xid: string | null;
    readonly position: string | null;
}
