/**
 * What a replication connection has received, packed for the way from its thread to the landing's: frames, one behind
 * the other, each a kind, the length of its bytes, and these.
 */
export const FrameKind = {
    /** An XLogData message without its letter: where the log has it, its end, the server's time, the plugin's bytes. */
    data: 1,
    /** The server has nothing more up to that place of its log (8 bytes); 1 if it asks for an answer. */
    idle: 2,
    /** JSON: what the server says of the relation that the next message names. */
    facts: 3,
} as const;
export type FrameKind = (typeof FrameKind)[keyof typeof FrameKind];

const HEAD_BYTES = 5;
const BATCH_BYTES = 128 * 1024;

/** Collects frames; `take` gives them away. */
export class BatchWriter {
    #bytes: Buffer = Buffer.allocUnsafeSlow(BATCH_BYTES);
    #length = 0;
    /** Where the last frame begins, if it is an idle one: the next takes its place. */
    #idleAt = -1;

    get length(): number {
        return this.#length;
    }

    get isFull(): boolean {
        return this.#length >= BATCH_BYTES - HEAD_BYTES;
    }

    add(kind: FrameKind, bytes: Uint8Array, start = 0, end = bytes.length): void {
        if (kind === FrameKind.idle && this.#idleAt >= 0) {
            this.#length = this.#idleAt;
        }
        this.#idleAt = kind === FrameKind.idle ? this.#length : -1;
        const length = end - start;
        this.#reserve(HEAD_BYTES + length);
        this.#bytes[this.#length] = kind;
        this.#bytes.writeUInt32BE(length, this.#length + 1);
        this.#bytes.set(
            start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end),
            this.#length + HEAD_BYTES,
        );
        this.#length += HEAD_BYTES + length;
    }

    /** The frames so far, in memory that is the taker's from now on. */
    take(): Buffer {
        const taken = this.#bytes.subarray(0, this.#length);
        this.#bytes = Buffer.allocUnsafeSlow(BATCH_BYTES);
        this.#length = 0;
        this.#idleAt = -1;
        return taken;
    }

    #reserve(more: number): void {
        const needed = this.#length + more;
        if (needed > this.#bytes.length) {
            const larger = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.#bytes.length));
            this.#bytes.copy(larger, 0, 0, this.#length);
            this.#bytes = larger;
        }
    }
}

/** Calls `take` for each frame of a batch, with the place of its bytes. */
export function eachFrame(batch: Buffer, take: (kind: number, start: number, end: number) => void): void {
    for (let at = 0; at < batch.length; ) {
        const start = at + HEAD_BYTES;
        const end = start + batch.readUInt32BE(at + 1);
        take(batch[at] as number, start, end);
        at = end;
    }
}
