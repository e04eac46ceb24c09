import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Head } from './head.ts';
import type { Source, SourceReading } from './source.ts';

const SPOOL_CHUNK_BYTES = 262_144;

/** What follows the head: the rest, or the fault that ended it. */
export async function* afterHead(head: Head, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
    if (head.failure !== undefined) {
        throw head.failure;
    }
    yield* { [Symbol.asyncIterator]: () => rest };
}

/** A source that can be read only once, with its head put back in front. */
export function replayed(source: Source, head: Head, rest: AsyncIterator<Buffer>): Source {
    return {
        ...source,
        open: () =>
            withCount(async function* () {
                yield head.bytes;
                yield* afterHead(head, rest);
            }),
    };
}

/**
 * Copies a source that can be read only once to a temporary file: it may have been loaded before, and only its last
 * byte can tell. The file is unlinked as soon as it is open, so a crash leaves nothing.
 */
export async function spooled(source: Source, head: Head, rest: AsyncIterator<Buffer>): Promise<Source> {
    const folder = mkdtempSync(join(tmpdir(), 'elt-'));
    const file = openSync(join(folder, 'source'), 'w+');
    let size = 0;
    let failure: unknown;
    const write = (bytes: Buffer): void => {
        for (let written = 0; written < bytes.length; ) {
            written += writeSync(file, bytes, written, bytes.length - written, size + written);
        }
        size += bytes.length;
    };
    try {
        rmSync(folder, { recursive: true, force: true });
        write(head.bytes);
        for await (const bytes of afterHead(head, rest)) {
            write(bytes);
        }
    } catch (error) {
        // The bytes before the fault are landed first, as they would be without the copy.
        failure = error;
    }
    process.once('exit', () => closeSync(file));
    return { ...source, seekable: true, sizeBytes: size, open: () => withCount(() => readSpool(file, size, failure)) };
}

async function* readSpool(file: number, size: number, failure: unknown): AsyncGenerator<Buffer> {
    for (let at = 0; at < size; ) {
        const chunk = Buffer.allocUnsafe(Math.min(SPOOL_CHUNK_BYTES, size - at));
        const length = readSync(file, chunk, 0, chunk.length, at);
        at += length;
        yield chunk.subarray(0, length);
    }
    if (failure !== undefined) {
        throw failure;
    }
}

function withCount(chunks: () => AsyncGenerator<Buffer>): SourceReading {
    let bytesRead = 0;
    return {
        get bytesRead() {
            return bytesRead;
        },
        async *[Symbol.asyncIterator]() {
            for await (const chunk of chunks()) {
                bytesRead += chunk.length;
                yield chunk;
            }
        },
    };
}
