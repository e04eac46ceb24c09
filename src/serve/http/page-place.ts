import { toInt64 } from '../../core/value-texts.ts';
import type { JobValue } from '../readers/reader-wire.ts';

/** One value: `i-42`, `t` and the text as base64url, or `r` and the eight bytes of a real as hexadecimal digits. */
const VALUE = '(?:i-?[0-9]{1,19}|t[A-Za-z0-9_-]*|r[0-9a-f]{16})';

/** The pattern of `after` if pages are ordered by this many columns; a match need not be the place of a row. */
export function afterPattern(columns: number): string {
    return `^${Array.from({ length: columns }, () => VALUE).join('\\.')}$`;
}

/** The place where a page ends, as text for an address. */
export function encodeAfter(values: readonly JobValue[]): string {
    return values.map(encodeValue).join('.');
}

/** Null if the text is not a place. */
export function decodeAfter(text: string, columns: number): readonly JobValue[] | null {
    return new RegExp(afterPattern(columns)).test(text) ? text.split('.').map(decodeValue) : null;
}

function encodeValue(value: JobValue): string {
    if (value === null || typeof value === 'string') {
        return `t${Buffer.from(value ?? '').toString('base64url')}`;
    }
    if ('integer' in value) {
        return `i${value.integer}`;
    }
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleBE(value.real);
    return `r${bytes.toString('hex')}`;
}

function decodeValue(text: string): JobValue {
    const rest = text.slice(1);
    switch (text[0]) {
        case 'i':
            return { integer: String(toInt64(BigInt(rest))) };
        case 'r':
            return { real: Buffer.from(rest, 'hex').readDoubleBE() };
        default:
            return Buffer.from(rest, 'base64url').toString('utf8');
    }
}
