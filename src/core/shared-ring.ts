/**
 * Frames on their way from one thread to another, in shared memory: a kind and bytes each, in order. Nothing is copied on
 * the reader's side, and no memory is made: passing buffers by messages takes longer than landing what is in them.
 *
 * The writer owns the place to write at, the reader the place to read from; between them lies what is not read. A frame
 * lies in one piece: where it does not fit at the end of the memory, a mark there says that it begins at its start. Its
 * bytes begin at a multiple of eight, so numbers in them can be read where they lie.
 */

const HEAD_BYTES = 8;
const ALIGNED_BYTES = 8;
const WRAP = 0xffff_ffff;
/** Places in the shared control words. */
const [WRITE_AT, READ_AT, READER_WAITS, WRITER_WAITS] = [0, 1, 2, 3];
const CONTROL_WORDS = 4;

/** What both threads hold. */
export interface RingMemory {
    readonly data: SharedArrayBuffer;
    readonly control: SharedArrayBuffer;
}

export function ringMemory(bytes: number): RingMemory {
    return {
        data: new SharedArrayBuffer(bytes),
        control: new SharedArrayBuffer(CONTROL_WORDS * Int32Array.BYTES_PER_ELEMENT),
    };
}

function aligned(length: number): number {
    return Math.ceil(length / ALIGNED_BYTES) * ALIGNED_BYTES;
}

export class RingWriter {
    readonly #bytes: Buffer;
    readonly #control: Int32Array;
    readonly #wake: () => void;
    #at = 0;

    /** `wake`: called when the reader waits and there is something to read. */
    constructor({ data, control }: RingMemory, wake: () => void) {
        this.#bytes = Buffer.from(data);
        this.#control = new Int32Array(control);
        this.#wake = wake;
    }

    /** A longer frame never fits. */
    get longest(): number {
        return Math.floor(this.#bytes.length / (2 * ALIGNED_BYTES)) * ALIGNED_BYTES - HEAD_BYTES;
    }

    /** False: there is no room now. Then the reader says when there is some. */
    write(kind: number, source: Uint8Array, start: number, end: number): boolean {
        const length = end - start;
        const at = this.#placeFor(HEAD_BYTES + aligned(length));
        if (at === -1) {
            Atomics.store(this.#control, WRITER_WAITS, 1);
            // The reader may have made room just before it could see that.
            const again = this.#placeFor(HEAD_BYTES + aligned(length));
            if (again === -1) {
                return false;
            }
            Atomics.store(this.#control, WRITER_WAITS, 0);
            this.#put(again, kind, source, start, length);
            return true;
        }
        this.#put(at, kind, source, start, length);
        return true;
    }

    #put(at: number, kind: number, source: Uint8Array, start: number, length: number): void {
        const bytes = this.#bytes;
        if (at !== this.#at && this.#at + HEAD_BYTES <= bytes.length) {
            bytes.writeUInt32LE(WRAP, this.#at);
        }
        bytes.writeUInt32LE(length, at);
        bytes[at + 4] = kind;
        bytes.set(source.subarray(start, start + length), at + HEAD_BYTES);
        this.#at = at + HEAD_BYTES + aligned(length);
        Atomics.store(this.#control, WRITE_AT, this.#at);
        if (Atomics.exchange(this.#control, READER_WAITS, 0) === 1) {
            this.#wake();
        }
    }

    /** Where so many bytes fit: behind what is written last, or at the beginning; -1: nowhere. */
    #placeFor(needed: number): number {
        const readAt = Atomics.load(this.#control, READ_AT);
        const at = this.#at;
        if (readAt > at) {
            // Never up to the reader: that would look as if nothing were there.
            return at + needed < readAt ? at : -1;
        }
        if (at + needed <= this.#bytes.length) {
            return at;
        }
        return needed < readAt ? 0 : -1;
    }
}

export class RingReader {
    readonly bytes: Buffer;
    readonly #control: Int32Array;
    readonly #room: () => void;
    #at = 0;

    /** `room`: called when the writer waits for room and there is some. */
    constructor({ data, control }: RingMemory, room: () => void) {
        this.bytes = Buffer.from(data);
        this.#control = new Int32Array(control);
        this.#room = room;
    }

    /** There is nothing to read now. */
    get isEmpty(): boolean {
        return Atomics.load(this.#control, WRITE_AT) === this.#at;
    }

    /** False: there is nothing to read, and the writer will call `wake` when there is. */
    hasMore(): boolean {
        if (Atomics.load(this.#control, WRITE_AT) !== this.#at) {
            return true;
        }
        Atomics.store(this.#control, READER_WAITS, 1);
        return Atomics.load(this.#control, WRITE_AT) !== this.#at;
    }

    /**
     * Calls `take` for every frame that is there, until it returns false: then the frame stays. The bytes are good until
     * `release`.
     */
    read(take: (kind: number, start: number, end: number) => boolean): void {
        const until = Atomics.load(this.#control, WRITE_AT);
        while (this.#at !== until) {
            const isAtEnd = this.#at + HEAD_BYTES > this.bytes.length;
            if (isAtEnd || this.bytes.readUInt32LE(this.#at) === WRAP) {
                this.#at = 0;
                continue;
            }
            const start = this.#at + HEAD_BYTES;
            const end = start + this.bytes.readUInt32LE(this.#at);
            if (!take(this.bytes[this.#at + 4] as number, start, end)) {
                return;
            }
            this.#at = start + aligned(end - start);
        }
    }

    /** What was read may be written over. */
    release(): void {
        Atomics.store(this.#control, READ_AT, this.#at);
        if (Atomics.exchange(this.#control, WRITER_WAITS, 0) === 1) {
            this.#room();
        }
    }
}
