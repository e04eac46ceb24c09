/** How much of a chunk is first copied after kept bytes; doubled each time. */
const COPY_BYTES_MIN = 4 * 1024;
const COPY_BYTES_MAX = 64 * 1024;

/**
 * The bytes of a source that the framer still needs: `bytes.subarray(start, end)`, of which the first stands at
 * `offset` in the source.
 *
 * Owns one buffer for bytes that must outlive their chunk. Chunks are read in place where possible: only the rest of
 * the previous chunk, and the part of this one that completes it, are copied.
 */
export class ByteWindow {
    bytes: Buffer = Buffer.alloc(0);
    start = 0;
    end = 0;
    /** Place in the source of `bytes[0]`; may be negative after a chunk was joined to kept bytes. */
    base: number;
    #kept: Buffer = Buffer.allocUnsafe(2 * COPY_BYTES_MAX);

    constructor(offset: number) {
        this.base = offset;
    }

    /**
     * Offers `chunk` piece by piece, calling `read` whenever there are more bytes. `read` moves `start` past the bytes
     * it no longer needs.
     */
    feed(chunk: Buffer, read: () => void): void {
        let taken = 0;
        let copied = COPY_BYTES_MIN;
        while (this.start < this.end && taken < chunk.length) {
            const piece = chunk.subarray(taken, taken + copied);
            copied = Math.min(2 * copied, COPY_BYTES_MAX);
            taken += piece.length;
            this.#append(piece);
            read();
            const left = this.end - this.start;
            if (left <= piece.length) {
                taken -= left;
                break;
            }
        }
        if (taken < chunk.length) {
            this.base += this.start - taken;
            this.bytes = chunk;
            this.start = taken;
            this.end = chunk.length;
            read();
        }
        this.#keep();
    }

    #append(piece: Buffer): void {
        this.#keep();
        const length = this.end - this.start;
        this.#reserve(length + piece.length);
        piece.copy(this.#kept, length);
        this.bytes = this.#kept;
        this.end = length + piece.length;
    }

    /** Moves the bytes still needed to the front of the owned buffer. */
    #keep(): void {
        const length = this.end - this.start;
        if (this.bytes === this.#kept && this.start === 0) {
            return;
        }
        this.#reserve(length);
        this.bytes.copy(this.#kept, 0, this.start, this.end);
        this.base += this.start;
        this.bytes = this.#kept;
        this.start = 0;
        this.end = length;
    }

    #reserve(length: number): void {
        if (this.#kept.length >= length) {
            return;
        }
        const larger = Buffer.allocUnsafeSlow(Math.max(length, 2 * this.#kept.length));
        const held = this.bytes === this.#kept ? this.end : 0;
        this.#kept.copy(larger, 0, 0, held);
        if (this.bytes === this.#kept) {
            this.bytes = larger;
        }
        this.#kept = larger;
    }
}
