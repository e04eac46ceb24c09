import { createHash, type Hash } from 'node:crypto';

import type { RejectedBytes } from './frame.ts';

/** A reject keeps all its bytes up to this number. */
const REJECT_BYTES_MAX = 1024 * 1024;
/** Of longer ones it keeps this many. */
const REJECT_HEAD_BYTES = 4096;

/** A copy of `bytes` as a reject. */
export function rejectedBytes(bytes: Buffer, offset: number, reason: string, detail: string): RejectedBytes {
    const collector = new RejectCollector(offset);
    collector.add(bytes);
    return collector.finish(reason, detail);
}

/** Collects bytes that arrive in pieces; holds at most `REJECT_BYTES_MAX` of them. */
export class RejectCollector {
    readonly offset: number;
    #hash: Hash = createHash('sha256');
    #pieces: Buffer[] = [];
    #length = 0;

    constructor(offset: number) {
        this.offset = offset;
    }

    get length(): number {
        return this.#length;
    }

    /** Adds a copy of `bytes`. */
    add(bytes: Buffer): void {
        this.#hash.update(bytes);
        const whole = this.#length + bytes.length <= REJECT_BYTES_MAX;
        if (whole) {
            this.#pieces.push(Buffer.from(bytes));
        } else if (this.#length <= REJECT_BYTES_MAX) {
            this.#pieces = [
                Buffer.concat([...this.#pieces, bytes.subarray(0, REJECT_HEAD_BYTES)]).subarray(0, REJECT_HEAD_BYTES),
            ];
            this.#pieces = [Buffer.from(this.#pieces[0] as Buffer)];
        }
        this.#length += bytes.length;
    }

    finish(reason: string, detail: string): RejectedBytes {
        return {
            offset: this.offset,
            length: this.#length,
            bytes: Buffer.concat(this.#pieces),
            whole: this.#length <= REJECT_BYTES_MAX,
            sha256: this.#hash.digest('hex'),
            reason,
            detail,
        };
    }
}
