import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Head, LULL_MS } from './head.ts';
import { LULL, type PatientIterator } from './patient-iterator.ts';
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
export function replayed(source: Source, head: Head, rest: PatientIterator): Source {
    return { ...source, open: () => new Replay(head, rest, () => [head.bytes]) };
}

/**
 * A source that can be read only once and may have been loaded before: what is read of it is copied to a temporary file,
 * so that it can be compared with the ledger and then be landed. The file is unlinked as soon as it is open, so a crash
 * leaves nothing.
 */
export class Spool {
    readonly #file: number;
    readonly #head: Head;
    readonly #rest: PatientIterator;
    readonly #mayStop: boolean;
    #size = 0;

    /** `mayStop`: a pipe that is quiet need not be compared any further. */
    constructor(head: Head, rest: PatientIterator, mayStop: boolean) {
        const folder = mkdtempSync(join(tmpdir(), 'elt-'));
        this.#file = openSync(join(folder, 'source'), 'w+');
        this.#head = head;
        this.#rest = rest;
        this.#mayStop = mayStop;
        process.once('exit', () => closeSync(this.#file));
        rmSync(folder, { recursive: true, force: true });
        this.#write(head.bytes);
    }

    /** What follows the head, which is kept. @throws QuietPipe if nothing comes, and that may be. */
    async *following(): AsyncGenerator<Buffer> {
        if (this.#head.failure !== undefined) {
            throw this.#head.failure;
        }
        for (;;) {
            const next = await this.#rest.nextOrLull(LULL_MS);
            if (next === LULL) {
                if (this.#mayStop) {
                    throw new QuietPipe();
                }
            } else if (next.done === true) {
                return;
            } else {
                this.#write(next.value);
                yield next.value;
            }
        }
    }

    /** The whole source: what was kept, then what still comes. */
    source(source: Source): Source {
        return { ...source, open: () => new Replay(this.#head, this.#rest, () => this.#kept()) };
    }

    *#kept(): Generator<Buffer> {
        for (let at = 0; at < this.#size; ) {
            const chunk = Buffer.allocUnsafe(Math.min(SPOOL_CHUNK_BYTES, this.#size - at));
            const length = readSync(this.#file, chunk, 0, chunk.length, at);
            at += length;
            yield chunk.subarray(0, length);
        }
    }

    #write(bytes: Buffer): void {
        for (let written = 0; written < bytes.length; ) {
            written += writeSync(this.#file, bytes, written, bytes.length - written, this.#size + written);
        }
        this.#size += bytes.length;
    }
}

/** A pipe is quiet before it could be compared to its end. */
export class QuietPipe extends Error {}

/** Bytes that were read before, then what still comes. */
class Replay implements SourceReading {
    bytesRead = 0;
    readonly #head: Head;
    readonly #rest: PatientIterator;
    readonly #before: () => Iterable<Buffer>;

    constructor(head: Head, rest: PatientIterator, before: () => Iterable<Buffer>) {
        this.#head = head;
        this.#rest = rest;
        this.#before = before;
    }

    async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
        for await (const chunk of this.lulls(Number.MAX_SAFE_INTEGER)) {
            if (chunk !== null) {
                yield chunk;
            }
        }
    }

    async *lulls(milliseconds: number): AsyncGenerator<Buffer | null> {
        for (const chunk of this.#before()) {
            yield this.#counted(chunk);
        }
        if (this.#head.failure !== undefined) {
            throw this.#head.failure;
        }
        try {
            for (;;) {
                const next = await this.#rest.nextOrLull(Math.min(milliseconds, LONGEST_TIMER_MS));
                if (next !== LULL && next.done === true) {
                    return;
                }
                yield next === LULL ? null : this.#counted(next.value);
            }
        } finally {
            await this.#rest.return();
        }
    }

    #counted(chunk: Buffer): Buffer {
        this.bytesRead += chunk.length;
        return chunk;
    }
}

const LONGEST_TIMER_MS = 2 ** 31 - 1;
