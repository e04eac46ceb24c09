import type { Transform } from 'node:stream';
import * as zlib from 'node:zlib';

import { EltError } from '../errors.ts';

const OUTPUT_BYTES = 512 * 1024;
/** Small pieces keep the place of damage near. */
const INPUT_BYTES = 64 * 1024;
const GZIP_MAGIC = [0x1f, 0x8b];
const ZSTD_MAGIC = [0x28, 0xb5, 0x2f, 0xfd];

type Decompressor = Transform & { readonly bytesWritten: number };

interface Format {
    readonly name: 'gzip' | 'zstd';
    create(): Decompressor;
    /** Whether another frame may begin behind the end of one that the decompressor stops at. */
    readonly joins: boolean;
}

/**
 * The bytes of `raw`, decompressed if its first bytes say gzip or zstd (several joined, too), else as they are.
 * @throws EltError SOURCE_COMPRESSION with the compressed byte, if the stream is damaged, ends early or holds rubbish.
 */
export async function* decompressed(raw: AsyncIterable<Buffer>, name: string): AsyncGenerator<Buffer> {
    const pieces = raw[Symbol.asyncIterator]();
    try {
        const first = await firstBytes(pieces);
        const format = formatOf(first, name);
        if (format === null) {
            if (first.length > 0) yield first;
            yield* { [Symbol.asyncIterator]: () => pieces };
        } else {
            yield* new Decompression(format, name).run(first, pieces);
        }
    } finally {
        await pieces.return?.();
    }
}

/** The first chunk, which is long enough to tell the format. */
async function firstBytes(pieces: AsyncIterator<Buffer>): Promise<Buffer> {
    let first: Buffer = Buffer.alloc(0);
    while (first.length < ZSTD_MAGIC.length) {
        const piece = await pieces.next();
        if (piece.done === true) return first;
        first = first.length === 0 ? piece.value : Buffer.concat([first, piece.value]);
        if (first.length < ZSTD_MAGIC.length) first = Buffer.from(first);
    }
    return first;
}

function formatOf(first: Buffer, name: string): Format | null {
    if (startsWith(first, GZIP_MAGIC)) {
        return { name: 'gzip', joins: false, create: () => zlib.createGunzip({ chunkSize: OUTPUT_BYTES }) };
    }
    if (!startsWith(first, ZSTD_MAGIC)) return null;
    if (typeof zlib.createZstdDecompress !== 'function') {
        throw new EltError({
            code: 'SOURCE_COMPRESSION',
            message: `Cannot read "${name}": it is compressed with zstd, which Node.js ${process.version} cannot read.`,
            where: `${name} (compressed byte 0)`,
            next: `Run: zstd -dc ${name} | elt load -`,
        });
    }
    return { name: 'zstd', joins: true, create: () => zlib.createZstdDecompress({ chunkSize: OUTPUT_BYTES }) };
}

function startsWith(bytes: Buffer, magic: readonly number[]): boolean {
    return magic.every((byte, index) => bytes[index] === byte);
}

class Decompression {
    readonly #format: Format;
    readonly #name: string;
    #stream: Decompressor;
    #error: unknown;
    #wake: () => void = () => {};
    /** Compressed bytes before the present stream. */
    #before = 0;
    /** Compressed bytes that the present stream was given. */
    #fed = 0;
    /** The stream has ended; only zeros may follow. */
    #ended = false;

    constructor(format: Format, name: string) {
        this.#format = format;
        this.#name = name;
        this.#stream = this.#create();
    }

    async *run(first: Buffer, pieces: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
        let chunk = first;
        try {
            for (;;) {
                for (let at = 0; at < chunk.length; at += INPUT_BYTES) {
                    yield* this.#feed(chunk.subarray(at, at + INPUT_BYTES));
                }
                const next = await pieces.next();
                if (next.done === true) break;
                chunk = next.value;
            }
            let finished = false;
            this.#stream.on('end', () => {
                finished = true;
            });
            this.#stream.end();
            if (!this.#ended) yield* this.#outputUntil(() => finished);
        } finally {
            this.#stream.destroy();
        }
    }

    #create(): Decompressor {
        const stream = this.#format.create();
        stream.on('error', (error) => {
            this.#error = error;
            this.#wake();
        });
        for (const event of ['readable', 'end', 'close']) stream.on(event, () => this.#wake());
        return stream;
    }

    async *#feed(given: Buffer): AsyncGenerator<Buffer> {
        let piece = given;
        while (piece.length > 0) {
            if (this.#ended) return this.#expectZeros(piece);
            let written = false;
            this.#fed += piece.length;
            this.#stream.write(piece, () => {
                written = true;
                this.#wake();
            });
            yield* this.#outputUntil(() => written);
            piece = piece.subarray(piece.length - (this.#fed - this.#stream.bytesWritten));
            if (piece.length > 0) this.#frameEnded();
        }
    }

    /** What the stream gives until `done`, and all that it has given by then. */
    async *#outputUntil(done: () => boolean): AsyncGenerator<Buffer> {
        for (;;) {
            this.#throwIfBroken();
            const output = this.#stream.read() as Buffer | null;
            if (output !== null) yield output;
            else if (done()) return;
            else {
                await new Promise<void>((resolve) => {
                    this.#wake = resolve;
                    if (done() || this.#error !== undefined || this.#stream.readableLength > 0) resolve();
                });
            }
        }
    }

    /** The stream stopped before the end of what it was given: a frame has ended there. */
    #frameEnded(): void {
        this.#before += this.#stream.bytesWritten;
        this.#fed = 0;
        if (this.#format.joins) this.#stream = this.#create();
        else this.#ended = true;
    }

    /** Zeros are padding; anything else behind a stream is not passed over. */
    #expectZeros(bytes: Buffer): void {
        const rubbish = bytes.findIndex((byte) => byte !== 0);
        if (rubbish !== -1) {
            throw this.#broken(this.#before + rubbish, 'other bytes stand behind the end of the compressed stream');
        }
        this.#before += bytes.length;
    }

    #throwIfBroken(): void {
        if (this.#error === undefined) return;
        const early = (this.#error as NodeJS.ErrnoException).code === 'Z_BUF_ERROR';
        const found = early ? 'it ends early' : 'damaged bytes here or shortly behind';
        throw this.#broken(this.#before + (early ? this.#fed : this.#stream.bytesWritten), found);
    }

    #broken(at: number, found: string): EltError {
        return new EltError({
            code: 'SOURCE_COMPRESSION',
            message: `Cannot read "${this.#name}" further: its ${this.#format.name} stream is broken.`,
            where: `${this.#name} (compressed byte ${at})`,
            found,
            next: 'Bring the whole, undamaged file and run the same command again.',
            cause: this.#error,
        });
    }
}
