import type { ScannedValues } from './scanned-values.ts';

/**
 * What capture hands to decode: a source cut into records and changes, as bytes that have not been interpreted.
 *
 * A frame's bytes are `source.subarray(start, end)`: a view that is valid only while the frame is being delivered (the
 * buffer is reused). Offsets count bytes of the decompressed source from its start. Records, changes of a record and
 * batches are numbered from 1.
 *
 * Every byte of a source is in exactly one frame, except white space, the separators `,` `[` `]` between records and
 * between changes, the key `"change":`, and a byte order mark. The reject of a torn record repeats all its bytes.
 */
export type Frame = RecordFrame | BeginFrame | ChangeFrame | EndFrame | BatchFrame | BadFrame;

/** A longer change, or record without a list of changes, is put aside, unless a load allows more. */
export const RECORD_BYTES_MAX = 64 * 1024 * 1024;

/** Where a frame's bytes are, and the record they belong to. */
interface FrameBytes {
    readonly source: Buffer;
    /** First byte in `source`. */
    readonly start: number;
    /** Byte after the last one in `source`. */
    readonly end: number;
    /** Place of the byte at `start` in the decompressed source. */
    readonly offset: number;
    /** Number of the record in the source, from 1. */
    readonly record: number;
}

/** The skeleton that a frame's bytes repeat, and the contents of its gaps; null where they must be parsed. */
export interface Repetition {
    readonly skeleton: Skeleton | null;
    readonly values: ScannedValues | null;
    /** Gap `i` of a change holds the values `[bounds[i], bounds[i + 1])`, gap `i` of a record the value `bounds[0] + i`. */
    readonly bounds: readonly number[];
}

export const NO_REPETITION: Repetition = { skeleton: null, values: null, bounds: [] };

/** A complete object without a list of changes (format 2, or anything else). */
export interface RecordFrame extends FrameBytes, Repetition {
    readonly kind: 'record';
    /** For a row of a CSV source: the header's names and the row's fields, without quotes. */
    readonly row?: {
        readonly names: readonly string[];
        readonly fields: readonly string[];
        readonly delimiter: string;
    };
}

/** A format-1 record begins. The bytes run from `{` to the key `"change"`, without it: `{"xid":1,`. */
export interface BeginFrame extends FrameBytes {
    readonly kind: 'begin';
    /** True: its end has not been seen yet, so it may turn out to be torn. */
    readonly streamed: boolean;
}

/** One element of `"change":[…]`. */
export interface ChangeFrame extends FrameBytes, Repetition {
    readonly kind: 'change';
    /** Number of the change in the record, from 1 (including changes that could not be framed). */
    readonly change: number;
}

/** The record has closed. The bytes run from after the list's `]` to the record's `}`: `,"timestamp":"…"}`. */
export interface EndFrame extends FrameBytes {
    readonly kind: 'end';
    /** Changes of the record, including those that could not be framed. */
    readonly changes: number;
}

/** An inner array of a list of batches has closed. */
interface BatchFrame {
    readonly kind: 'batch';
    /** Byte after its `]`. */
    readonly offset: number;
    /** Number of the batch in the source, from 1. */
    readonly batch: number;
}

/** Bytes that cannot be framed. */
export interface BadFrame {
    readonly kind: 'bad';
    readonly reject: RejectedBytes;
    /** True: the record whose `begin` was delivered will never end; everything since `begin` must be undone. */
    readonly torn: boolean;
    readonly record: number;
    /** The number of the change in its record, if only that change is bad; null: the whole record, or bytes outside of records. */
    readonly change: number | null;
}

/** Bytes that were put aside, with everything known about them. Owns its bytes. */
export interface RejectedBytes {
    /** Place of the first byte in the decompressed source. */
    readonly offset: number;
    /** Number of bytes. */
    readonly length: number;
    /** All of them up to 1 MiB, else the first 4 KiB. */
    readonly bytes: Buffer;
    /** False: `bytes` is only the head. */
    readonly whole: boolean;
    /** SHA-256 over all of them, in hex; null if they had passed before they were known to be bad. */
    readonly sha256: string | null;
    /** A stable word, e.g. `not-json`, `value-does-not-fit`. */
    readonly reason: string;
    /** One sentence for a person, without a full stop. */
    readonly detail: string;
}

/**
 * The bytes of a change without its values, e.g. `{"kind":"insert",…,"columnvalues":[` and `]}`. The changes of a table
 * repeat it, so it is interned: equal bytes are the same object, and a decoder can cache what it knows by identity.
 */
export interface Skeleton {
    /** The JSON text of the change or record, with `[]` in the gaps of a change and `null` in those of a record. */
    readonly text: string;
    /**
     * Name of each gap, in the order of the bytes. In a change: its lists of values, `columnvalues` and `keyvalues`. In
     * a record (format 2): the members `xid`, `lsn`, `nextlsn`, `timestamp`, and one `columns` or `identity` per value.
     */
    readonly gaps: readonly string[];
}
