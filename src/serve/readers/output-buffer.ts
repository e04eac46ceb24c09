const CHUNK_BYTES = 256 * 1_024;

interface Chunk {
    readonly buffer: Buffer<ArrayBuffer>;
    used: number;
}

/** A place in the bytes, for `rewind`. */
export interface OutputPlace {
    readonly chunks: number;
    readonly used: number;
    readonly length: number;
}

/**
 * A buffer of output, in chunks. A reader writes thousands of small answers into the first chunk; further chunks of a
 * large answer are freed at once (`transfer`), without waiting for the garbage collector.
 */
export class OutputBuffer {
    /** All bytes so far. */
    length = 0;
    #chunks: Chunk[] = [newChunk(CHUNK_BYTES)];

    /** Adds text as UTF-8. */
    write(text: string): void {
        // A UTF-16 unit is at most three bytes of UTF-8.
        const atMost = text.length * 3;
        const chunk = this.#chunkFor(atMost <= CHUNK_BYTES ? atMost : Buffer.byteLength(text));
        const written = chunk.buffer.write(text, chunk.used);
        chunk.used += written;
        this.length += written;
    }

    /** Leaves room for two numbers of four bytes, and returns what sets them. */
    reserveTwo(): (first: number, second: number) => void {
        const chunk = this.#chunkFor(8);
        const at = chunk.used;
        chunk.used += 8;
        this.length += 8;
        return (first, second) => {
            chunk.buffer.writeUInt32LE(first, at);
            chunk.buffer.writeUInt32LE(second, at + 4);
        };
    }

    place(): OutputPlace {
        return { chunks: this.#chunks.length, used: this.#last().used, length: this.length };
    }

    /** Takes back what was written since. */
    rewind({ chunks, used, length }: OutputPlace): void {
        this.#free(chunks);
        this.#last().used = used;
        this.length = length;
    }

    /** What is in it; good until it is written to again. */
    pieces(): readonly Buffer[] {
        return this.#chunks.map(({ buffer, used }) => buffer.subarray(0, used));
    }

    clear(): void {
        this.rewind({ chunks: 1, used: 0, length: 0 });
    }

    #free(kept: number): void {
        for (const { buffer } of this.#chunks.splice(kept)) {
            buffer.buffer.transfer(0);
        }
    }

    #chunkFor(bytes: number): Chunk {
        const last = this.#last();
        if (last.buffer.length - last.used >= bytes) {
            return last;
        }
        const chunk = newChunk(Math.max(bytes, CHUNK_BYTES));
        this.#chunks.push(chunk);
        return chunk;
    }

    #last(): Chunk {
        return this.#chunks.at(-1) as Chunk;
    }
}

function newChunk(bytes: number): Chunk {
    return { buffer: Buffer.from(new ArrayBuffer(bytes)), used: 0 };
}
