import { LOWER_E, MINUS, NINE, PLUS, POINT, ZERO } from './ascii.ts';

/** Pieces of JSON in bytes: every function returns the index after what stands at `at`, or -1 where it does not. */

/** Longer literals are compared by `compare`, a call of which costs as much as 60 comparisons of a byte. */
const COMPARED_BYTES_MAX = 80;

export function literalEnd(literal: Buffer, bytes: Buffer, at: number, end: number): number {
    const { length } = literal;
    if (at + length > end) {
        return -1;
    }
    if (length > COMPARED_BYTES_MAX) {
        return bytes.compare(literal, 0, length, at, at + length) === 0 ? at + length : -1;
    }
    for (let index = 0; index < length; index++) {
        if (bytes[at + index] !== literal[index]) {
            return -1;
        }
    }
    return at + length;
}

/** A number by JSON's grammar. One that reaches `end` is none: it may continue after it. */
export function numberEnd(source: Uint8Array, at: number, end: number): number {
    let index = source[at] === MINUS ? at + 1 : at;
    const isZero = index < end && source[index] === ZERO;
    const whole = index;
    index = isZero ? index + 1 : skipDigits(source, index, end);
    if (index === whole) {
        return -1;
    }
    if (index < end && source[index] === POINT) {
        const fraction = index + 1;
        index = skipDigits(source, fraction, end);
        if (index === fraction) {
            return -1;
        }
    }
    if (index < end && ((source[index] as number) | 0x20) === LOWER_E) {
        const sign = source[index + 1];
        const exponent = sign === PLUS || sign === MINUS ? index + 2 : index + 1;
        index = skipDigits(source, exponent, end);
        if (index <= exponent) {
            return -1;
        }
    }
    return index < end ? index : -1;
}

function skipDigits(source: Uint8Array, at: number, end: number): number {
    let index = at;
    while (index < end && (source[index] as number) >= ZERO && (source[index] as number) <= NINE) {
        index++;
    }
    return index;
}
