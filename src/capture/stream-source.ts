import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

import { EltError } from '../errors.ts';
import { checkedUtf8 } from './checked-utf8.ts';
import { decompressed } from './decompressed.ts';
import type { Source, SourceReading } from './source.ts';

const CHUNK_BYTES = 512 * 1024;

/** What is known of a file before it is opened. */
export interface FileFacts {
    readonly name: string;
    readonly path: string;
    readonly seekable: boolean;
    readonly sizeBytes: number | null;
}

/** A file, or anything with a path that can be read like one (a FIFO, a device). */
export function fileSource(facts: FileFacts): Source {
    return { ...facts, open: () => new Reading(facts.name, (count) => fileChunks(facts, count)) };
}

/** Standard input, or another stream of bytes under that name. */
export function standardInput(stream: AsyncIterable<Buffer | string> = process.stdin): Source {
    const chunks = (count: (bytes: number) => void): AsyncIterable<Buffer> => streamChunks(stream, count);
    return { name: '-', path: null, seekable: false, sizeBytes: null, open: () => new Reading('-', chunks) };
}

type Chunks = (count: (bytes: number) => void) => AsyncIterable<Buffer>;

class Reading implements SourceReading {
    bytesRead = 0;
    readonly #name: string;
    readonly #chunks: Chunks;

    constructor(name: string, chunks: Chunks) {
        this.#name = name;
        this.#chunks = chunks;
    }

    [Symbol.asyncIterator](): AsyncIterator<Buffer> {
        const raw = this.#chunks((bytes) => {
            this.bytesRead += bytes;
        });
        return checkedUtf8(decompressed(raw, this.#name), this.#name);
    }
}

/** Reads a file with two buffers: one is filled while the other is being used. */
async function* fileChunks(facts: FileFacts, count: (bytes: number) => void): AsyncGenerator<Buffer> {
    let handle: FileHandle | undefined;
    let pending: ReturnType<typeof readInto> | undefined;
    try {
        handle = await open(facts.path, constants.O_RDONLY);
        let [current, next] = [Buffer.allocUnsafeSlow(CHUNK_BYTES), Buffer.allocUnsafeSlow(CHUNK_BYTES)];
        pending = readInto(handle, current);
        for (;;) {
            const bytes = await pending;
            if (bytes === 0) return;
            pending = readInto(handle, next);
            count(bytes);
            yield current.subarray(0, bytes);
            [current, next] = [next, current];
        }
    } catch (error) {
        throw error instanceof EltError ? error : unreadable(facts.name, error);
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
    try {
        for await (const chunk of stream) {
            count(chunk.length);
            yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
        }
    } catch (error) {
        throw error instanceof EltError ? error : unreadable('-', error);
    }
}

function unreadable(name: string, error: unknown): EltError {
    return new EltError({
        code: 'SOURCE_UNREADABLE',
        message: `Cannot read "${name}".`,
        where: name,
        next: 'Check the permissions and the disk, then run the same command again.',
        cause: error,
    });
}
