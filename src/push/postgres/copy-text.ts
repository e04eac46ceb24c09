import type { PushKind } from '../push-type.ts';

/**
 * A value in COPY's text format; null is `\N`.
 * Source: https://www.postgresql.org/docs/current/sql-copy.html#SQL-COPY-FILE-FORMATS
 */
export function copyText(value: unknown, kind: PushKind): string {
    if (value === null || value === undefined) {
        return '\\N';
    }
    if (typeof value === 'string') {
        return SPECIAL.test(value) ? value.replace(EVERY_SPECIAL, (one) => ESCAPES[one] as string) : value;
    }
    if (kind === 'boolean' && (value === 0n || value === 1n)) {
        return value === 1n ? 't' : 'f';
    }
    return Buffer.isBuffer(value) ? `\\\\x${value.toString('hex')}` : String(value);
}

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };
const SPECIAL = /[\\\n\r\t]/;
const EVERY_SPECIAL = /[\\\n\r\t]/g;
