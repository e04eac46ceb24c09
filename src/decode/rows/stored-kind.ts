import { MINUS, NINE, POINT, ZERO } from '../../core/ascii.ts';
import { ValueKind } from '../../core/scanned-values.ts';
import { utf8Text } from '../../core/utf8-text.ts';
import type { DeclaredColumn } from '../../project/declared-source.ts';
import { Refusal } from '../refusal.ts';
import { csvValue } from './declared-values.ts';

/** A double holds any whole number of up to this many digits, and any decimal of as many is finite. */
const SAFE_DIGITS = 15;
const UUID_BYTES = 36;
/** What each byte of a uuid is. */
const [DIGIT, HYPHEN] = [1, 2];
const CLASS_OF_BYTE = Uint8Array.from({ length: 256 }, (_, byte) =>
    /[0-9a-f]/i.test(String.fromCharCode(byte)) ? DIGIT : byte === MINUS ? HYPHEN : 0,
);
const UUID_CLASSES = Uint8Array.from([8, 4, 4, 4, 12].map((digits) => 'd'.repeat(digits)).join('-'), (letter) =>
    letter === '-' ? HYPHEN : DIGIT,
);

/**
 * How a scalar of JSON is stored in a declared column, by its bytes `source[start, end)`: of a string those between the
 * quotes, without escapes. What is stored is what `jsonValue` returns. Undefined: `jsonValue` is to say, and whether it
 * fits at all.
 */
export function storedKind(
    column: DeclaredColumn,
    kind: ValueKind,
    source: Buffer,
    start: number,
    end: number,
): ValueKind | undefined {
    const isString = kind === ValueKind.string;
    const isNumber = kind === ValueKind.number;
    if (kind === ValueKind.null) {
        return column.required ? undefined : ValueKind.null;
    }
    switch (column.type) {
        case 'text':
            return isString || isNumber ? ValueKind.text : undefined;
        case 'uuid':
            return isString && isUuid(source, start, end) ? ValueKind.text : undefined;
        case 'integer':
            return isNumber && isShortInteger(source, start, end) ? ValueKind.integer : undefined;
        case 'numeric':
            return isNumber ? ValueKind.text : undefined;
        case 'real':
            return isNumber && isShortDecimal(source, start, end) ? ValueKind.real : undefined;
        case 'boolean':
            return isString || isNumber ? undefined : kind;
        case 'date':
        case 'timestamp':
            return isString && fits(utf8Text(source, start, end), column) ? ValueKind.text : undefined;
        default:
            return undefined;
    }
}

function fits(text: string, column: DeclaredColumn): boolean {
    try {
        return csvValue(text, column) === text;
    } catch (error) {
        if (error instanceof Refusal) {
            return false;
        }
        throw error;
    }
}

/** Whether the number is a whole one that a double holds; not `-0`, which is stored as 0. */
function isShortInteger(source: Buffer, start: number, end: number): boolean {
    const first = source[start] === MINUS ? start + 1 : start;
    if (end - first > SAFE_DIGITS || (source[first] === ZERO && first > start)) {
        return false;
    }
    for (let at = first; at < end; at++) {
        if ((source[at] as number) < ZERO || (source[at] as number) > NINE) {
            return false;
        }
    }
    return true;
}

function isShortDecimal(source: Buffer, start: number, end: number): boolean {
    if (end - start > SAFE_DIGITS) {
        return false;
    }
    for (let at = source[start] === MINUS ? start + 1 : start; at < end; at++) {
        const byte = source[at] as number;
        if (byte !== POINT && (byte < ZERO || byte > NINE)) {
            return false;
        }
    }
    return true;
}

function isUuid(source: Buffer, start: number, end: number): boolean {
    if (end - start !== UUID_BYTES) {
        return false;
    }
    for (let index = 0; index < UUID_BYTES; index++) {
        if (UUID_CLASSES[index] !== (CLASS_OF_BYTE[source[start + index] as number] as number)) {
            return false;
        }
    }
    return true;
}
