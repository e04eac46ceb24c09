import type { RunningHash } from '../bytes/running-hash.ts';
import type { ScannedAhead } from '../skeleton/scanned-ahead.ts';

/**
 * Where bytes come from. A source is opened anew for each reading; a reading is used once.
 */
export interface Source {
    /** As the person gave it; `-` is standard input. */
    readonly name: string;
    /** Absolute path; null for standard input. */
    readonly path: string | null;
    /** True for a regular file, which can be read again from its start. */
    readonly seekable: boolean;
    /** Size on disk (compressed, where it is); null if unknown. */
    readonly sizeBytes: number | null;
    /** `hashed`: the caller will read to the end and wants `hash` where it costs nothing. */
    open(hashed?: boolean): SourceReading;
}

/**
 * The decompressed bytes of a source, in chunks of at most 1 MiB. A chunk is valid until the next one is requested.
 *
 * Reading throws EltError SOURCE_UNREADABLE or SOURCE_COMPRESSION, after the bytes before the fault have been
 * delivered.
 */
export interface SourceReading extends AsyncIterable<Buffer> {
    /** Bytes taken from the disk so far, for progress. */
    readonly bytesRead: number;
    /** Once it is read: a file that is not packed, so that what is missing at its end may still be written. */
    readonly canGrow?: boolean;
    /** Hashes chunks in parallel with reading; absent where the caller has to hash. */
    readonly hash?: RunningHash | null;
    /** The reading thread's matches in this chunk; null where there is no such thread. */
    aheadOf?(chunk: Buffer): ScannedAhead | null;
    /** Of a pipe: the same chunks, and null whenever none has come for so long. */
    lulls?(milliseconds: number): AsyncIterable<Buffer | null>;
    /** To be called when neither bytes nor the hash are needed. */
    close?(): Promise<void>;
}
