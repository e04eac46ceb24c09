/** After a large answer the place shrinks back to this. */
const KEPT_BYTES = 256 * 1_024;

/**
 * Bytes in the making, in one place that grows: a reader writes thousands of answers, and leaves no garbage behind.
 * `transfer` gives the old place back at once, where a new buffer would leave it to the garbage collector.
 */
export class OutputBuffer {
    length = 0;
    private buffer = Buffer.from(new ArrayBuffer(KEPT_BYTES));

    /** Adds text as UTF-8. */
    write(text: string): void {
        // A UTF-16 unit is at most three bytes of UTF-8.
        this.ensure(text.length * 3);
        this.length += this.buffer.write(text, this.length);
    }

    /** Leaves `bytes` open, to be set later; returns where. */
    reserve(bytes: number): number {
        this.ensure(bytes);
        const place = this.length;
        this.length += bytes;
        return place;
    }

    setUint32(place: number, value: number): void {
        this.buffer.writeUInt32LE(value, place);
    }

    /** What is in it; good until it is written to again. */
    bytes(): Buffer {
        return this.buffer.subarray(0, this.length);
    }

    clear(): void {
        this.length = 0;
        if (this.buffer.length > KEPT_BYTES) {
            this.resize(KEPT_BYTES);
        }
    }

    private ensure(more: number): void {
        const needed = this.length + more;
        if (needed > this.buffer.length) {
            this.resize(Math.max(needed, Math.ceil(this.buffer.length * 1.5)));
        }
    }

    private resize(bytes: number): void {
        this.buffer = Buffer.from(this.buffer.buffer.transfer(bytes));
    }
}
