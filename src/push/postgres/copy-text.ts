import type { PushKind } from '../push-type.ts';

/** A row on its line, with the fields that come `after` its values. Joined by hand: this loop is most of a first push. */
export function copyLine(values: readonly unknown[], kinds: readonly PushKind[], after = ''): string {
    let line = '';
    for (let index = 0; index < values.length; index++) {
        const value = values[index];
        const isPlain = typeof value === 'string' && !SPECIAL.test(value);
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
const SPECIAL = /[\\\n\r\t]/;
const EVERY_SPECIAL = /[\\\n\r\t]/g;
