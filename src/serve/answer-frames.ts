import { ANSWER_PREFIX_BYTES, type AnswerHead } from './reader-protocol.ts';

/** What a reader gave for a job: the bodies of all results, one behind the other. */
export interface ReaderAnswer {
    readonly head: AnswerHead;
    readonly body: Buffer;
}

/** Cuts what a reader writes into answers. A large one gets its place as soon as its length is known. */
export class AnswerFrames {
    private readonly done: (answer: ReaderAnswer) => void;
    /** The beginning of an answer; `filled` bytes of it are there. */
    private partial: Buffer = Buffer.alloc(0);
    private filled = 0;

    constructor(done: (answer: ReaderAnswer) => void) {
        this.done = done;
    }

    take(chunk: Buffer): void {
        let rest = chunk;
        if (this.filled > 0) {
            rest = this.fill(chunk);
        }
        while (rest.length > 0) {
            const length = rest.length < ANSWER_PREFIX_BYTES ? Number.POSITIVE_INFINITY : frameBytes(rest);
            if (rest.length < length) {
                this.keep(rest);
                return;
            }
            this.finish(rest.subarray(0, length));
            rest = rest.subarray(length);
        }
    }

    /** Adds to the answer that has begun; returns what belongs to the next one. */
    private fill(chunk: Buffer): Buffer {
        if (this.filled < ANSWER_PREFIX_BYTES) {
            const start = Buffer.concat([this.partial.subarray(0, this.filled), chunk]);
            this.filled = 0;
            return start;
        }
        const taken = chunk.copy(this.partial, this.filled);
        this.filled += taken;
        if (this.filled === this.partial.length) {
            const frame = this.partial;
            this.partial = Buffer.alloc(0);
            this.filled = 0;
            this.finish(frame);
        }
        return chunk.subarray(taken);
    }

    private keep(start: Buffer): void {
        this.partial =
            start.length < ANSWER_PREFIX_BYTES ? Buffer.from(start) : Buffer.allocUnsafeSlow(frameBytes(start));
        start.copy(this.partial);
        this.filled = start.length;
    }

    private finish(frame: Buffer): void {
        const headAt = ANSWER_PREFIX_BYTES + frame.readUInt32LE(0);
        const head = JSON.parse(frame.toString('utf8', headAt)) as AnswerHead;
        this.done({ head, body: frame.subarray(ANSWER_PREFIX_BYTES, headAt) });
    }
}

function frameBytes(start: Buffer): number {
    return ANSWER_PREFIX_BYTES + start.readUInt32LE(0) + start.readUInt32LE(4);
}
