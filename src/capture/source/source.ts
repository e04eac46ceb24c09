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
    /** True for a regular file: it can be read again from its start. */
    readonly seekable: boolean;
    /** Size on disk (compressed, if it is); null where it cannot be known. */
    readonly sizeBytes: number | null;
    /** `hashed`: all of it will be read, and `hash` is wanted where it costs nothing. */
    open(hashed?: boolean): SourceReading;
}

/**
 * The decompressed, checked bytes of a source, in chunks of at most 1 MiB. A chunk is valid until the next is asked for.
 *
 * Reading throws EltError SOURCE_UNREADABLE, SOURCE_COMPRESSION or SOURCE_NOT_UTF8; the bytes before the trouble have
 * been delivered by then.
 */
export interface SourceReading extends AsyncIterable<Buffer> {
    /** Bytes taken from the disk so far, for progress. */
    readonly bytesRead: number;
    /** Hashes chunks beside the reading, where that can be done; else it is left to whoever reads. */
    readonly hash?: RunningHash | null;
    /** What was scanned of this chunk beside the reading; null where nothing is. */
    aheadOf?(chunk: Buffer): ScannedAhead | null;
    /** To be called when neither bytes nor the hash are needed any more. */
    close?(): Promise<void>;
}
