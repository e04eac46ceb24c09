import { ValueKind } from '../../core/scanned-values.ts';
import type { ColumnRule } from '../values.ts';

const [LOWER_T, MINUS, UPPER_I, UPPER_N, BACKSLASH, LOWER_X] = [0x74, 0x2d, 0x49, 0x4e, 0x5c, 0x78];

/**
 * How PostgreSQL's text of a value is stored, by its column's rule. Its own output is what it is: it is not looked at
 * more closely than that.
 */
export function kindOfText(bytes: Buffer, start: number, rule: ColumnRule['rule']): ValueKind {
    switch (rule) {
        case 'integer':
            return ValueKind.integer;
        case 'boolean':
            return bytes[start] === LOWER_T ? ValueKind.true : ValueKind.false;
        case 'number':
            return isNoNumber(bytes, start) ? ValueKind.text : ValueKind.real;
        default:
            return ValueKind.text;
    }
}

/** `NaN`, `Infinity`, `-Infinity`: a REAL column keeps their text, and so cannot stay one. */
export function isNoNumber(bytes: Buffer, start: number): boolean {
    const first = bytes[start];
    return first === UPPER_N || first === UPPER_I || (first === MINUS && bytes[start + 1] === UPPER_I);
}

/** Where the text of a bytea begins: without `\x`, as wal2json writes it. */
export function byteaStart(bytes: Buffer, start: number, end: number): number {
    return end - start >= 2 && bytes[start] === BACKSLASH && bytes[start + 1] === LOWER_X ? start + 2 : start;
}
