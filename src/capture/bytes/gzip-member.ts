import { crc32 } from 'node:zlib';

/**
 * What stands around the compressed bytes of a gzip member (RFC 1952): a header, and behind them a check of what they
 * hold. Read here and not by zlib, which does not say at which byte a member ends, and forgets what it has decompressed
 * when rubbish follows in the same piece.
 */

const MAGIC = [0x1f, 0x8b, 8] as const;
const HEADER_BYTES = 10;
const TRAILER_BYTES = 8;
/** Above this a header is not one that any tool writes. */
const HEADER_BYTES_MAX = 64 * 1024;
const FLAG = { headerCheck: 2, extra: 4, name: 8, comment: 16 } as const;

/** `magic`: other bytes stand where a member should begin. */
export type GzipFault = 'magic' | 'header' | 'check';

/** Collects the header of a member, byte by byte at worst: pieces end anywhere. */
export class GzipHeader {
    #bytes: Buffer = Buffer.alloc(0);

    /** Whether nothing of a member has come yet. */
    get isEmpty(): boolean {
        return this.#bytes.length === 0;
    }

    /** Takes what belongs to the header; returns the rest once it is whole, null while more is needed. */
    take(piece: Buffer): Buffer | GzipFault | null {
        const before = this.#bytes.length;
        this.#bytes = Buffer.concat([this.#bytes, piece]);
        if (MAGIC.some((byte, index) => index < this.#bytes.length && this.#bytes[index] !== byte)) {
            return 'magic';
        }
        const length = this.#length();
        if (length === null) {
            return this.#bytes.length > HEADER_BYTES_MAX ? 'header' : null;
        }
        return piece.subarray(length - before);
    }

    /** Number of bytes of the header; null: its end has not come. */
    #length(): number | null {
        if (this.#bytes.length < HEADER_BYTES) {
            return null;
        }
        const flags = this.#bytes[3] as number;
        let end = HEADER_BYTES;
        if ((flags & FLAG.extra) !== 0) {
            if (this.#bytes.length < end + 2) {
                return null;
            }
            end += 2 + this.#bytes.readUInt16LE(end);
        }
        for (const flag of [FLAG.name, FLAG.comment]) {
            if ((flags & flag) !== 0) {
                const zero = this.#bytes.indexOf(0, end);
                if (zero < 0) {
                    return null;
                }
                end = zero + 1;
            }
        }
        end += (flags & FLAG.headerCheck) !== 0 ? 2 : 0;
        return end <= this.#bytes.length ? end : null;
    }
}

/** Counts and hashes what a member holds, and compares it with the check at its end. */
export class GzipCheck {
    #crc = 0;
    #size = 0;
    #bytes: Buffer = Buffer.alloc(0);

    /** Bytes that the member holds, in their order. */
    add(output: Buffer): void {
        this.#crc = crc32(output, this.#crc);
        this.#size = (this.#size + output.length) % 2 ** 32;
    }

    /** Takes what belongs to the check; returns the rest once it is whole, null while more is needed. */
    take(piece: Buffer): Buffer | GzipFault | null {
        const missing = TRAILER_BYTES - this.#bytes.length;
        this.#bytes = Buffer.concat([this.#bytes, piece.subarray(0, missing)]);
        if (this.#bytes.length < TRAILER_BYTES) {
            return null;
        }
        const isRight = this.#bytes.readUInt32LE(0) === this.#crc && this.#bytes.readUInt32LE(4) === this.#size;
        return isRight ? piece.subarray(missing) : 'check';
    }
}
