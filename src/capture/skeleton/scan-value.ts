import { BACKSLASH, CLOSE_ARRAY, COMMA, isSpace, LOWER_U, MINUS, NINE, QUOTE, ZERO } from '../../core/ascii.ts';
import { numberEnd } from '../../core/json-bytes.ts';
import { type ScannedValues, ValueKind } from '../../core/scanned-values.ts';

/** The character that an escape of two bytes means, by the byte after the backslash; 0: not such an escape. */
const ESCAPES = new Uint8Array(256);
for (const [behind, meaning] of ['""', '\\\\', '//', 'b\b', 'f\f', 'n\n', 'r\r', 't\t'].map((pair) => [...pair])) {
    ESCAPES[(behind as string).charCodeAt(0)] = (meaning as string).charCodeAt(0);
}

const WORDS = [
    { kind: ValueKind.null, bytes: Buffer.from('null') },
    { kind: ValueKind.true, bytes: Buffer.from('true') },
    { kind: ValueKind.false, bytes: Buffer.from('false') },
];

/**
 * Scans the elements of the list whose first byte after `[` is at `at` into `values`. Returns the index of its `]`.
 * Returns -1 and leaves `values` unchanged if the list does not end before `end`, is not JSON, or holds anything but
 * scalars that can be stored. `values` must have room for all bytes of the list.
 */
export function scanList(values: ScannedValues, source: Uint8Array, at: number, end: number): number {
    const before = values.count;
    let index = skipSpace(source, at, end);
    if (index < end && source[index] === CLOSE_ARRAY) {
        return index;
    }
    while (index < end) {
        index = scanValue(values, source, index, end);
        if (index === -1) {
            break;
        }
        index = skipSpace(source, index, end);
        const byte = index < end ? source[index] : undefined;
        if (byte === CLOSE_ARRAY) {
            return index;
        }
        if (byte !== COMMA) {
            break;
        }
        index = skipSpace(source, index + 1, end);
    }
    values.truncate(before);
    return -1;
}

/** Scans the scalar at `at` into `values`; returns the index after it, or -1 as `scanList` does. */
export function scanValue(values: ScannedValues, source: Uint8Array, at: number, end: number): number {
    const byte = source[at] as number;
    if (byte === QUOTE) {
        return scanString(values, source, at + 1, end);
    }
    if (byte === MINUS || (byte >= ZERO && byte <= NINE)) {
        return scanNumber(values, source, at, end);
    }
    return scanWord(values, source, at, end);
}

/** Scans the string whose first byte after the quote is at `at`, copying its bytes. */
function scanString(values: ScannedValues, source: Uint8Array, at: number, end: number): number {
    const { bytes } = values;
    let to = values.length;
    for (let index = at; index < end; index++) {
        const byte = source[index] as number;
        if (byte === QUOTE) {
            values.add(ValueKind.string, to);
            return index + 1;
        }
        if (byte !== BACKSLASH) {
            if (byte < 0x20) {
                return -1;
            }
            bytes[to++] = byte;
            continue;
        }
        index++;
        const behind = index < end ? (source[index] as number) : 0;
        const meaning = ESCAPES[behind] as number;
        if (meaning !== 0) {
            bytes[to++] = meaning;
        } else if (behind === LOWER_U) {
            const code = codePointAt(source, index + 1, end);
            if (code === -1) {
                return -1;
            }
            // A character outside the basic plane takes two escapes.
            index += code > 0xffff ? 10 : 4;
            to = writeCodePoint(bytes, to, code);
        } else {
            return -1;
        }
    }
    return -1;
}

/** The character of the hexadecimal digits at `at`, and of the escape that follows where it needs two; -1: a lone surrogate. */
function codePointAt(source: Uint8Array, at: number, end: number): number {
    const first = hexAt(source, at, end);
    if (first < 0xd800 || first > 0xdfff) {
        return first;
    }
    const isPair = first < 0xdc00 && at + 6 < end && source[at + 4] === BACKSLASH && source[at + 5] === LOWER_U;
    const second = isPair ? hexAt(source, at + 6, end) : -1;
    return second >= 0xdc00 && second <= 0xdfff ? 0x10000 + (first - 0xd800) * 0x400 + second - 0xdc00 : -1;
}

function hexAt(source: Uint8Array, at: number, end: number): number {
    if (at + 4 > end) {
        return -1;
    }
    let value = 0;
    for (let index = at; index < at + 4; index++) {
        const byte = (source[index] as number) | 0x20;
        const isDigit = (source[index] as number) >= ZERO && (source[index] as number) <= NINE;
        if (!isDigit && (byte < 0x61 || byte > 0x66)) {
            return -1;
        }
        value = value * 16 + (isDigit ? (source[index] as number) - ZERO : byte - 0x57);
    }
    return value;
}

/** Writes at most as many bytes as the escape has in the source. */
function writeCodePoint(bytes: Uint8Array, at: number, code: number): number {
    if (code < 0x80) {
        bytes[at] = code;
        return at + 1;
    }
    if (code < 0x800) {
        bytes[at] = 0xc0 | (code >> 6);
        bytes[at + 1] = 0x80 | (code & 0x3f);
        return at + 2;
    }
    if (code < 0x10000) {
        bytes[at] = 0xe0 | (code >> 12);
        bytes[at + 1] = 0x80 | ((code >> 6) & 0x3f);
        bytes[at + 2] = 0x80 | (code & 0x3f);
        return at + 3;
    }
    bytes[at] = 0xf0 | (code >> 18);
    bytes[at + 1] = 0x80 | ((code >> 12) & 0x3f);
    bytes[at + 2] = 0x80 | ((code >> 6) & 0x3f);
    bytes[at + 3] = 0x80 | (code & 0x3f);
    return at + 4;
}

function scanNumber(values: ScannedValues, source: Uint8Array, at: number, end: number): number {
    const index = numberEnd(source, at, end);
    if (index === -1) {
        return -1;
    }
    const to = values.length;
    for (let from = at; from < index; from++) {
        values.bytes[to + from - at] = source[from] as number;
    }
    values.add(ValueKind.number, to + index - at);
    return index;
}

function scanWord(values: ScannedValues, source: Uint8Array, at: number, end: number): number {
    for (const { kind, bytes } of WORDS) {
        let length = 0;
        while (length < bytes.length && at + length < end && source[at + length] === bytes[length]) {
            length++;
        }
        if (length === bytes.length) {
            values.add(kind, values.length);
            return at + length;
        }
    }
    return -1;
}

function skipSpace(source: Uint8Array, at: number, end: number): number {
    let index = at;
    while (index < end && isSpace(source[index] as number)) {
        index++;
    }
    return index;
}
