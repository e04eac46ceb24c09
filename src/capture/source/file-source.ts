import { closeSync, constants, openSync, readSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { availableParallelism } from 'node:os';

import { EltError } from '../../core/errors.ts';
import { decompressed, isCompressed } from '../bytes/decompressed.ts';
import { ReadingThread } from '../bytes/reading-thread.ts';
import type { RunningHash } from '../bytes/running-hash.ts';
import type { ScannedAhead } from '../skeleton/scanned-ahead.ts';
import type { Source, SourceReading } from './source.ts';

const CHUNK_BYTES = 512 * 1024;
/** A smaller file is landed sooner without a thread, which begins with code that V8 has yet to optimise. */
const THREAD_BYTES_MIN = 96 * 1024 * 1024;

/** What is known about a file before it is opened. */
interface FileFacts {
    readonly name: string;
    readonly path: string;
    readonly seekable: boolean;
    readonly sizeBytes: number | null;
}

/** A file, or anything with a path that can be read like one (a FIFO, a device). */
export function fileSource(facts: FileFacts): Source {
    return {
        ...facts,
        open: (hashed = false) => {
            const thread = hashed && isLarge(facts) ? new ReadingThread(facts.path as string) : null;
            const chunks: Chunks = (count) => (thread === null ? fileChunks(facts.path, count) : thread.chunks(count));
            return new Reading(facts, chunks, thread);
        },
    };
}

const STANDARD_INPUT = { name: '-', path: null, seekable: false, sizeBytes: null } as const;

/** Standard input, or another stream of bytes in its place. */
export function standardInput(stream: AsyncIterable<Buffer | string> = process.stdin): Source {
    const chunks = (count: (bytes: number) => void): AsyncIterable<Buffer> => streamChunks(stream, count);
    return { ...STANDARD_INPUT, open: () => new Reading(STANDARD_INPUT, chunks, null) };
}

type Chunks = (count: (bytes: number) => void) => AsyncIterable<Buffer>;

class Reading implements SourceReading {
    bytesRead = 0;
    readonly #facts: Pick<FileFacts, 'name' | 'seekable'>;
    readonly #chunks: Chunks;
    readonly #thread: ReadingThread | null;

    #isPacked = false;

    constructor(facts: Pick<FileFacts, 'name' | 'seekable'>, chunks: Chunks, thread: ReadingThread | null) {
        this.#facts = facts;
        this.#chunks = chunks;
        this.#thread = thread;
    }

    get canGrow(): boolean {
        return this.#facts.seekable && !this.#isPacked;
    }

    get hash(): RunningHash | null {
        return this.#thread;
    }

    aheadOf(chunk: Buffer): ScannedAhead | null {
        return this.#thread?.aheadOf(chunk) ?? null;
    }

    async close(): Promise<void> {
        await this.#thread?.close();
    }

    [Symbol.asyncIterator](): AsyncIterator<Buffer> {
        const raw = this.#chunks((bytes) => {
            this.bytesRead += bytes;
        });
        const { name } = this.#facts;
        return decompressed(readable(raw, name), name, () => {
            this.#isPacked = true;
        });
    }
}

/** The chunks, and for an error of the system SOURCE_UNREADABLE. */
async function* readable(chunks: AsyncIterable<Buffer>, name: string): AsyncGenerator<Buffer> {
    try {
        yield* chunks;
    } catch (error) {
        throw unreadable(name, name, error);
    }
}

/**
 * Whether a thread pays: a large regular file that is not compressed (the hash is that of the decompressed bytes), and a
 * second processor.
 */
function isLarge({ path, seekable, sizeBytes }: FileFacts): boolean {
    if (path === null || !seekable || sizeBytes === null || sizeBytes < THREAD_BYTES_MIN) {
        return false;
    }
    if (availableParallelism() === 1) {
        return false;
    }
    try {
        const first = Buffer.alloc(8);
        const file = openSync(path, 'r');
        readSync(file, first);
        closeSync(file);
        return !isCompressed(first);
    } catch {
        // The read that follows reports the error.
        return false;
    }
}

/** Reads a file with two buffers: one is filled while the other is in use. */
async function* fileChunks(path: string, count: (bytes: number) => void): AsyncGenerator<Buffer> {
    let handle: FileHandle | undefined;
    let pending: ReturnType<typeof readInto> | undefined;
    try {
        handle = await open(path, constants.O_RDONLY);
        let [current, next] = [Buffer.allocUnsafeSlow(CHUNK_BYTES), Buffer.allocUnsafeSlow(CHUNK_BYTES)];
        pending = readInto(handle, current);
        for (;;) {
            const bytes = await pending;
            if (bytes === 0) {
                return;
            }
            pending = readInto(handle, next);
            count(bytes);
            yield current.subarray(0, bytes);
            [current, next] = [next, current];
        }
    } finally {
        await pending?.catch(() => {});
        await handle?.close();
    }
}

async function readInto(handle: FileHandle, buffer: Buffer): Promise<number> {
    return (await handle.read(buffer, 0, buffer.length, null)).bytesRead;
}

async function* streamChunks(
    stream: AsyncIterable<Buffer | string>,
    count: (bytes: number) => void,
): AsyncGenerator<Buffer> {
    for await (const chunk of stream) {
        count(chunk.length);
        yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    }
}

export function unreadable(name: string, where: string, cause: unknown): EltError {
    return new EltError({
        code: 'SOURCE_UNREADABLE',
        message: `cannot read "${name}"`,
        where,
        next: 'check the permissions and the disk, then run the same command again',
        cause,
    });
}
