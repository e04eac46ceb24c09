import type { Socket } from 'node:net';

/** The letter of a CopyData message, which its length follows: of itself and of the bytes after it. */
const COPY_DATA = 0x64;
/** Letter and length. */
export const COPY_DATA_HEAD_BYTES = 5;
/** Room for a message that comes in two pieces; that of a longer one is given back. */
const REST_BYTES = 64 * 1024;

/** Takes whole CopyData messages, one after the other, heads included: `bytes[start, end)`, good during the call. */
export type TakeCopyData = (bytes: Buffer, start: number, end: number) => void;

/** The index after the message that begins at `at`, of which the head is there. */
export function messageEnd(bytes: Buffer, at: number): number {
    const length =
        ((bytes[at + 1] as number) << 24) |
        ((bytes[at + 2] as number) << 16) |
        ((bytes[at + 3] as number) << 8) |
        (bytes[at + 4] as number);
    return at + 1 + (length >>> 0);
}

/**
 * Takes the CopyData messages out of what a socket receives; the driver gets all others, each of them whole. The driver
 * makes three objects and an event of each message, which costs more than landing what is in it.
 *
 * To be called while the server has nothing to say, so that the driver holds no piece of a message.
 * Source: https://www.postgresql.org/docs/current/protocol-message-formats.html
 */
export function takeCopyData(socket: Socket, take: TakeCopyData): void {
    const listeners = socket.listeners('data') as ((bytes: Buffer) => void)[];
    const framer = new CopyDataFramer(take, (bytes) => {
        for (const listener of listeners) {
            listener.call(socket, bytes);
        }
    });
    socket.on('data', (bytes: Buffer) => framer.push(bytes));
    for (const listener of listeners) {
        socket.off('data', listener);
    }
}

/** Tells apart the messages of a server, whatever pieces they come in. Owns the beginning of one that is not whole. */
export class CopyDataFramer {
    readonly #take: TakeCopyData;
    readonly #others: (message: Buffer) => void;
    #rest: Buffer = Buffer.alloc(0);
    #restLength = 0;

    /** `others`: gets each message of another kind, whole. */
    constructor(take: TakeCopyData, others: (message: Buffer) => void) {
        this.#take = take;
        this.#others = others;
    }

    push(chunk: Buffer): void {
        const from = this.#restLength === 0 ? 0 : this.#complete(chunk);
        const end = this.#deliver(chunk, from, chunk.length);
        if (end < chunk.length) {
            this.#keep(chunk, end, chunk.length);
        }
    }

    /** Hands on what is whole in `bytes[from, to)`; gives the index after it. */
    #deliver(bytes: Buffer, from: number, to: number): number {
        let runStart = from;
        let at = from;
        while (to - at >= COPY_DATA_HEAD_BYTES) {
            const next = messageEnd(bytes, at);
            if (next > to) {
                break;
            }
            if (bytes[at] !== COPY_DATA) {
                this.#handOn(bytes, runStart, at);
                this.#others(bytes.subarray(at, next));
                runStart = next;
            }
            at = next;
        }
        this.#handOn(bytes, runStart, at);
        return at;
    }

    #handOn(bytes: Buffer, start: number, end: number): void {
        if (end > start) {
            this.#take(bytes, start, end);
        }
    }

    /** Takes what the kept message lacks from the chunk; gives the index after that. */
    #complete(chunk: Buffer): number {
        let used = 0;
        if (this.#restLength < COPY_DATA_HEAD_BYTES) {
            used = Math.min(COPY_DATA_HEAD_BYTES - this.#restLength, chunk.length);
            this.#keep(chunk, 0, used);
            if (this.#restLength < COPY_DATA_HEAD_BYTES) {
                return used;
            }
        }
        const missing = messageEnd(this.#rest, 0) - this.#restLength;
        const taken = Math.min(missing, chunk.length - used);
        this.#keep(chunk, used, used + taken);
        if (taken === missing) {
            const length = this.#restLength;
            this.#restLength = 0;
            this.#deliver(this.#rest, 0, length);
            if (this.#rest.length > REST_BYTES) {
                this.#rest = Buffer.alloc(0);
            }
        }
        return used + taken;
    }

    #keep(chunk: Buffer, from: number, to: number): void {
        const length = this.#restLength + to - from;
        const whole = length < COPY_DATA_HEAD_BYTES ? 0 : this.#wholeLength(chunk, from);
        if (Math.max(length, whole) > this.#rest.length) {
            const larger = Buffer.allocUnsafeSlow(Math.max(length, whole, REST_BYTES));
            this.#rest.copy(larger, 0, 0, this.#restLength);
            this.#rest = larger;
        }
        chunk.copy(this.#rest, this.#restLength, from, to);
        this.#restLength = length;
    }

    /** Of the message that is kept, or begins at `from`. */
    #wholeLength(chunk: Buffer, from: number): number {
        return this.#restLength >= COPY_DATA_HEAD_BYTES
            ? messageEnd(this.#rest, 0)
            : this.#restLength === 0
              ? messageEnd(chunk, from) - from
              : 0;
    }
}
