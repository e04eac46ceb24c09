import { crc32 } from 'node:zlib';

/**
 * The header and trailer of a gzip member (RFC 1952). They are read here and not by zlib, which does not report at
 * which byte a member ends, and discards what it has decompressed when other bytes follow in the same piece.
 */

const MAGIC = [0x1f, 0x8b, 8] as const;
const HEADER_BYTES = 10;
const TRAILER_BYTES = 8;
/** No tool writes a longer header. */
const HEADER_BYTES_MAX = 64 * 1024;
const FLAG = { headerCheck: 2, extra: 4, name: 8, comment: 16 } as const;

/** `magic`: other bytes where a member should begin. */
type GzipFault = 'magic' | 'header' | 'check';

/** Collects the header of a member; pieces may end anywhere. */
export class GzipHeader {
    #bytes: Buffer = Buffer.alloc(0);

    /** Whether no byte of a member has come yet. */
    get isEmpty(): boolean {
        return this.#bytes.length === 0;
    }

    /** Consumes bytes of the header; returns the rest once it is complete, null while more are needed. */
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

    /** Number of bytes of the header; null: it has not ended yet. */
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

/** Counts and hashes the contents of a member, and compares them with the check at its end. */
export class GzipCheck {
    #crc = 0;
    #size = 0;
    #bytes: Buffer = Buffer.alloc(0);

    /** Adds contents of the member, in order. */
    add(output: Buffer): void {
        this.#crc = crc32(output, this.#crc);
        this.#size = (this.#size + output.length) % 2 ** 32;
    }

    /** Consumes bytes of the check; returns the rest once it is complete, null while more are needed. */
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
