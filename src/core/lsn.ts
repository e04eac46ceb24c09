import { ZERO } from './ascii.ts';

const [SLASH, UPPER_A] = [0x2f, 0x41];
const LSN = /^([0-9A-Fa-f]{1,8})\/([0-9A-Fa-f]{1,8})$/;

/** PostgreSQL's LSN text `16/B374D848` as a number; null if it is not one. */
export function lsnNumber(lsn: string | null): bigint | null {
    const match = lsn === null ? null : LSN.exec(lsn);
    if (match === null) {
        return null;
    }
    const position = (BigInt(`0x${match[1]}`) << 32n) | BigInt(`0x${match[2]}`);
    // From 2^63 on it would not fit SQLite's integer; no server writes 8 EiB of WAL.
    return position < 1n << 63n ? position : null;
}

/** The text that PostgreSQL writes for such a number. */
export function lsnText(position: bigint): string {
    return lsnOf(Number(position >> 32n), Number(position & 0xffffffffn));
}

/** The same from its two halves, without a bigint: a stream names one for each change. */
export function lsnOf(high: number, low: number): string {
    return `${high.toString(16).toUpperCase()}/${low.toString(16).toUpperCase()}`;
}

/** Writes the same text into `bytes` from `at` on, at most 17 bytes; gives the index after it. */
export function writeLsn(bytes: Uint8Array, at: number, high: number, low: number): number {
    const slash = writeHex(bytes, at, high);
    bytes[slash] = SLASH;
    return writeHex(bytes, slash + 1, low);
}

function writeHex(bytes: Uint8Array, at: number, value: number): number {
    let digits = 1;
    while (digits < 8 && value >>> (4 * digits) !== 0) {
        digits++;
    }
    for (let digit = digits - 1, to = at; digit >= 0; digit--, to++) {
        const one = (value >>> (4 * digit)) & 0xf;
        bytes[to] = one < 10 ? ZERO + one : UPPER_A + one - 10;
    }
    return at + digits;
}

/** Bytes of log from one LSN to another; 0 if the second is not greater. */
export function lsnDistance(from: string, to: string): number {
    const distance = (lsnNumber(to) ?? 0n) - (lsnNumber(from) ?? 0n);
    return distance > 0n ? Number(distance) : 0;
}

/** The larger of two. */
export function laterOf(one: string, other: string): string {
    return (lsnNumber(one) ?? 0n) > (lsnNumber(other) ?? 0n) ? one : other;
}
