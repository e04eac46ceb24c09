import type { PushKind } from '../push-type.ts';

/**
 * A row on its line, with the fields that come `after` its values. Joined by hand: this loop is most of a first push.
 * `nulError` is what to throw for a text with a NUL, which PostgreSQL cannot hold, by the place of its column.
 */
export function copyLine(
    values: readonly unknown[],
    kinds: readonly PushKind[],
    after: string,
    nulError: (place: number) => Error,
): string {
    let line = '';
    for (let index = 0; index < values.length; index++) {
        const value = values[index];
        const isPlain = typeof value === 'string' && !SPECIAL.test(value);
        if (!isPlain && typeof value === 'string' && value.includes('\0')) {
            throw nulError(index);
        }
        line += isPlain ? value : copyText(value, kinds[index] ?? 'text');
        line += index === values.length - 1 ? after : '\t';
    }
    return `${line}\n`;
}

/**
 * A value in COPY's text format; null is `\N`.
 * Source: https://www.postgresql.org/docs/current/sql-copy.html#SQL-COPY-FILE-FORMATS
 */
function copyText(value: unknown, kind: PushKind): string {
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
const SPECIAL = /[\\\n\r\t\0]/;
const EVERY_SPECIAL = /[\\\n\r\t]/g;
