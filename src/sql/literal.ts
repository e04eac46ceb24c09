import { quoteText } from './quote.ts';

/** A value of SQLite as SQL: `7`, `7.0`, `'seven'`, `x'07'`, `null`. Two values are the same where their literals are. */
export function sqlLiteral(value: unknown): string {
    switch (typeof value) {
        case 'bigint':
            return String(value);
        case 'number':
            return realLiteral(value);
        case 'string':
            return value.includes('\0') ? `cast(x'${Buffer.from(value).toString('hex')}' as text)` : quoteText(value);
        default:
            return Buffer.isBuffer(value) ? `x'${value.toString('hex')}'` : 'null';
    }
}

/** With a fraction or an exponent, so that it stays a real. */
function realLiteral(value: number): string {
    if (!Number.isFinite(value)) {
        return value > 0 ? '9e999' : '-9e999';
    }
    const text = Object.is(value, -0) ? '-0' : String(value);
    return /[.e]/.test(text) ? text : `${text}.0`;
}
