import type { Transform } from 'node:stream';
import * as zlib from 'node:zlib';

import { EltError } from '../../core/errors.ts';
import { GzipCheck, GzipHeader } from './gzip-member.ts';
import { refuseOtherPacking } from './refuse-other-packing.ts';

const OUTPUT_BYTES = 512 * 1024;
/** zlib discards all output of a write that contains damage, so pieces are small, and smallest near the start. */
const PIECE_BYTES_MIN = 64;
const PIECE_BYTES_MAX = 64 * 1024;
const PIECE_PART = 16;
const GZIP_MAGIC = [0x1f, 0x8b];
const ZSTD_MAGIC = [0x28, 0xb5, 0x2f, 0xfd];

type Decompressor = Transform & { readonly bytesWritten: number };

interface Format {
    readonly name: 'gzip' | 'zstd';
    create(): Decompressor;
}

/**
 * The bytes of `raw`, decompressed if its first bytes are those of gzip or zstd (also several streams joined).
 * `packed` is then called.
 * @throws EltError SOURCE_COMPRESSION with the compressed byte, if the stream is damaged, ends early or is followed by other bytes.
 */
export async function* decompressed(
    raw: AsyncIterable<Buffer>,
    name: string,
    packed: () => void = () => undefined,
): AsyncGenerator<Buffer> {
    const pieces = raw[Symbol.asyncIterator]();
    try {
        const first = await firstBytes(pieces);
        const format = formatOf(first, name);
        if (format === null) {
            if (first.length > 0) {
                yield first;
            }
            yield* { [Symbol.asyncIterator]: () => pieces };
        } else {
            packed();
            yield* new Decompression(format, name).run(first, pieces);
        }
    } finally {
        await pieces.return?.();
    }
}

/** Whether the first bytes of a source are those of a compressed format. */
export function isCompressed(first: Buffer): boolean {
    return startsWith(first, GZIP_MAGIC) || startsWith(first, ZSTD_MAGIC);
}

/** The first chunk, long enough to recognise the format. */
async function firstBytes(pieces: AsyncIterator<Buffer>): Promise<Buffer> {
    let first: Buffer = Buffer.alloc(0);
    while (first.length < ZSTD_MAGIC.length) {
        const piece = await pieces.next();
        if (piece.done === true) {
            return first;
        }
        first = first.length === 0 ? piece.value : Buffer.concat([first, piece.value]);
        if (first.length < ZSTD_MAGIC.length) {
            first = Buffer.from(first);
        }
    }
    return first;
}

function formatOf(first: Buffer, name: string): Format | null {
    refuseOtherPacking(first, name);
    if (startsWith(first, GZIP_MAGIC)) {
        return { name: 'gzip', create: () => zlib.createInflateRaw({ chunkSize: OUTPUT_BYTES }) };
    }
    if (!startsWith(first, ZSTD_MAGIC)) {
        return null;
    }
    if (typeof zlib.createZstdDecompress !== 'function') {
        throw new EltError({
            code: 'SOURCE_COMPRESSION',
            message: `cannot read "${name}": it is compressed with zstd, which Node.js ${process.version} cannot read`,
            where: `${name} (compressed byte 0)`,
            next: `run: zstd -dc ${name} | elt load -`,
        });
    }
    return { name: 'zstd', create: () => zlib.createZstdDecompress({ chunkSize: OUTPUT_BYTES }) };
}

function startsWith(bytes: Buffer, magic: readonly number[]): boolean {
    return magic.every((byte, index) => bytes[index] === byte);
}

/** The part that the next compressed byte belongs to: `body` is decompressed by zlib, the rest is read here. */
type Part = { readonly kind: 'body' } | { readonly kind: 'header' | 'check'; readonly reads: GzipHeader | GzipCheck };

const BODY: Part = { kind: 'body' };

class Decompression {
    readonly #format: Format;
    readonly #name: string;
    #stream: Decompressor;
    #error: unknown;
    #wake: () => void = () => {};
    #part: Part;
    #check = new GzipCheck();
    /** Compressed bytes before the current stream, or before the current header or check. */
    #before = 0;
    /** Compressed bytes given to the current stream. */
    #fed = 0;
    /** Padding has begun: only zeros may follow. */
    #padded = false;

    constructor(format: Format, name: string) {
        this.#format = format;
        this.#name = name;
        this.#stream = this.#create();
        this.#part = this.#begin();
    }

    async *run(first: Buffer, pieces: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
        let chunk = first;
        try {
            for (;;) {
                for (let at = 0; at < chunk.length; ) {
                    const place = this.#before + this.#fed;
                    const length = Math.min(Math.max(place / PIECE_PART, PIECE_BYTES_MIN), PIECE_BYTES_MAX) | 0;
                    yield* this.#feed(chunk.subarray(at, at + length));
                    at += length;
                }
                const next = await pieces.next();
                if (next.done === true) {
                    break;
                }
                chunk = next.value;
            }
            yield* this.#end();
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
        for (const event of ['readable', 'end', 'close']) {
            stream.on(event, () => this.#wake());
        }
        return stream;
    }

    #begin(): Part {
        return this.#format.name === 'gzip' ? { kind: 'header', reads: new GzipHeader() } : BODY;
    }

    async *#feed(given: Buffer): AsyncGenerator<Buffer> {
        let piece = given;
        while (piece.length > 0) {
            if (this.#part.kind !== 'body') {
                piece = this.#readOwn(piece);
                continue;
            }
            let written = false;
            this.#fed += piece.length;
            this.#stream.write(piece, () => {
                written = true;
                this.#wake();
            });
            yield* this.#outputUntil(() => written);
            piece = piece.subarray(piece.length - (this.#fed - this.#stream.bytesWritten));
            if (piece.length > 0) {
                this.#bodyEnded();
            }
        }
    }

    /** The source has ended, inside a frame or between two. */
    async *#end(): AsyncGenerator<Buffer> {
        if (this.#part.kind === 'body') {
            let finished = false;
            this.#stream.on('end', () => {
                finished = true;
            });
            this.#stream.end();
            yield* this.#outputUntil(() => finished);
        }
        const isBetween = this.#part.kind === 'header' && (this.#part.reads as GzipHeader).isEmpty;
        if (this.#format.name === 'gzip' && !isBetween) {
            throw this.#broken(this.#before + this.#fed, 'it ends early');
        }
    }

    /** The stream's output until `done`. */
    async *#outputUntil(done: () => boolean): AsyncGenerator<Buffer> {
        for (;;) {
            this.#throwIfBroken();
            const output = this.#stream.read() as Buffer | null;
            if (output !== null) {
                if (this.#format.name === 'gzip') {
                    this.#check.add(output);
                }
                yield output;
            } else if (done()) {
                return;
            } else {
                await new Promise<void>((resolve) => {
                    this.#wake = resolve;
                    if (done() || this.#error !== undefined || this.#stream.readableLength > 0) {
                        resolve();
                    }
                });
            }
        }
    }

    /** The stream stopped before the end of its input: a frame has ended there. */
    #bodyEnded(): void {
        this.#before += this.#stream.bytesWritten;
        this.#fed = 0;
        this.#stream.destroy();
        this.#stream = this.#create();
        if (this.#format.name === 'gzip') {
            this.#part = { kind: 'check', reads: this.#check };
        }
    }

    /** Consumes a header, a check or padding at the beginning of `piece` and returns the rest. */
    #readOwn(piece: Buffer): Buffer {
        const { kind, reads } = this.#part as Exclude<Part, { kind: 'body' }>;
        const begins = kind === 'header' && (reads as GzipHeader).isEmpty && this.#before > 0;
        if (this.#padded || (begins && piece[0] === 0)) {
            return this.#expectZeros(piece);
        }
        const rest = reads.take(piece);
        if (rest === 'check') {
            throw this.#broken(
                this.#before,
                'the checksum at the end of the stream does not match: bytes before it are damaged',
            );
        }
        if (typeof rest === 'string') {
            const found = begins ? 'other bytes after the end of the compressed stream' : 'a damaged header';
            throw this.#broken(this.#before, found);
        }
        this.#before += piece.length - (rest?.length ?? 0);
        if (rest !== null) {
            this.#part = kind === 'header' ? BODY : this.#begin();
            this.#check = new GzipCheck();
        }
        return rest ?? Buffer.alloc(0);
    }

    /** Zeros are padding; anything else after a stream is an error. */
    #expectZeros(bytes: Buffer): Buffer {
        this.#padded = true;
        const rubbish = bytes.findIndex((byte) => byte !== 0);
        if (rubbish !== -1) {
            throw this.#broken(this.#before + rubbish, 'other bytes after the end of the compressed stream');
        }
        this.#before += bytes.length;
        return Buffer.alloc(0);
    }

    #throwIfBroken(): void {
        if (this.#error === undefined) {
            return;
        }
        const early = (this.#error as NodeJS.ErrnoException).code === 'Z_BUF_ERROR';
        const found = early ? 'it ends early' : 'damaged bytes here or shortly after';
        throw this.#broken(this.#before + (early ? this.#fed : this.#stream.bytesWritten), found);
    }

    #broken(at: number, found: string): EltError {
        return new EltError({
            code: 'SOURCE_COMPRESSION',
            message: `cannot read "${this.#name}" further: its ${this.#format.name} stream is broken`,
            where: `${this.#name} (compressed byte ${at})`,
            found,
            next: 'provide the complete, undamaged file, then run the same command again',
            cause: this.#error,
        });
    }
}
