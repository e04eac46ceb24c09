import type { BodyBudget } from './body-budget.ts';
import { ANSWER_PREFIX_BYTES, type AnswerHead, READER_FAILURES } from './reader-wire.ts';

/** A reader's answer to a job: the bodies of all results, one after the other. */
export interface ReaderAnswer {
    readonly head: AnswerHead;
    readonly body: Buffer;
}

const NO_ROOM: AnswerHead = { failure: { code: READER_FAILURES.noRoom, message: 'no room' }, milliseconds: 0 };

/**
 * Splits a reader's output into answers. The buffer for an answer that arrives in pieces is allocated as soon as its
 * length is known; if the server has no room for it, its bytes are discarded as they arrive.
 */
export class AnswerSplitter {
    readonly #done: (answer: ReaderAnswer) => void;
    readonly #budget: BodyBudget;
    /** The buffer of an answer, of which `#filled` bytes have arrived. */
    #partial: Buffer = Buffer.alloc(0);
    #filled = 0;
    /** Bytes still to arrive of an answer for which there is no room. */
    #dropping = 0;

    constructor(budget: BodyBudget, done: (answer: ReaderAnswer) => void) {
        this.#budget = budget;
        this.#done = done;
    }

    take(chunk: Buffer): void {
        let rest = this.#dropping > 0 ? this.#drop(chunk) : this.#filled > 0 ? this.#fill(chunk) : chunk;
        while (rest.length > 0) {
            const length = rest.length < ANSWER_PREFIX_BYTES ? Number.POSITIVE_INFINITY : frameBytes(rest);
            if (rest.length < length) {
                this.#keep(rest);
                return;
            }
            this.#finish(rest.subarray(0, length));
            rest = rest.subarray(length);
        }
    }

    /** No more bytes will arrive. */
    end(): void {
        if (this.#filled >= ANSWER_PREFIX_BYTES) {
            this.#budget.endReceiving(this.#partial.length);
        }
        this.#filled = 0;
        this.#dropping = 0;
    }

    /** Adds to the answer that has begun; returns the bytes of the next one. */
    #fill(chunk: Buffer): Buffer {
        if (this.#filled < ANSWER_PREFIX_BYTES) {
            const start = Buffer.concat([this.#partial.subarray(0, this.#filled), chunk]);
            this.#filled = 0;
            return start;
        }
        const taken = chunk.copy(this.#partial, this.#filled);
        this.#filled += taken;
        if (this.#filled === this.#partial.length) {
            const frame = this.#partial;
            this.#partial = Buffer.alloc(0);
            this.#filled = 0;
            this.#budget.endReceiving(frame.length);
            this.#finish(frame);
        }
        return chunk.subarray(taken);
    }

    #drop(chunk: Buffer): Buffer {
        const dropped = Math.min(chunk.length, this.#dropping);
        this.#dropping -= dropped;
        if (this.#dropping === 0) {
            this.#done({ head: NO_ROOM, body: Buffer.alloc(0) });
        }
        return chunk.subarray(dropped);
    }

    #keep(start: Buffer): void {
        if (start.length < ANSWER_PREFIX_BYTES) {
            this.#partial = Buffer.from(start);
        } else {
            const length = frameBytes(start);
            if (!this.#budget.hasRoom(length)) {
                this.#dropping = length - start.length;
                return;
            }
            this.#budget.beginReceiving(length);
            this.#partial = Buffer.allocUnsafeSlow(length);
            start.copy(this.#partial);
        }
        this.#filled = start.length;
    }

    #finish(frame: Buffer): void {
        const headAt = ANSWER_PREFIX_BYTES + frame.readUInt32LE(0);
        const head = JSON.parse(frame.toString('utf8', headAt)) as AnswerHead;
        this.#done({ head, body: frame.subarray(ANSWER_PREFIX_BYTES, headAt) });
    }
}

function frameBytes(start: Buffer): number {
    return ANSWER_PREFIX_BYTES + start.readUInt32LE(0) + start.readUInt32LE(4);
}
