import { createHash } from 'node:crypto';
import { type SqlToken, significantTokens } from './tokens.ts';

/**
 * The SQL without comments and layout: one blank between tokens, none next to parentheses, commas, semicolons and the
 * dot of a qualified name. Two texts that differ only in white space or comments give the same result; strings, quoted
 * names and the case of letters are kept.
 *
 * One effect of layout is ignored on purpose: SQLite names a result column without `as` by its text.
 */
export function normalisedText(sql: string): string {
    let normalised = '';
    let previous: SqlToken | undefined;
    for (const token of significantTokens(sql)) {
        normalised += previous !== undefined && needsBlank(previous, token) ? ` ${token.text}` : token.text;
        previous = token;
    }
    return normalised;
}

/** SHA-256 (hex) of the normalised text: a change to comments or layout is not an edit. */
export function textHash(sql: string): string {
    return createHash('sha256').update(normalisedText(sql), 'utf8').digest('hex');
}

function needsBlank(left: SqlToken, right: SqlToken): boolean {
    if (isDot(left) || isDot(right)) {
        // `1 . 5` must not become the number 1.5, and `a ..5` must keep its tokens.
        return !isName(isDot(left) ? right : left);
    }
    return !isTight(left) && !isTight(right);
}

function isDot(token: SqlToken): boolean {
    return token.kind === 'operator' && token.text === '.';
}

function isName(token: SqlToken): boolean {
    return token.kind === 'word' || token.kind === 'identifier';
}

function isTight(token: SqlToken): boolean {
    return token.kind === 'semicolon' || (token.kind === 'operator' && /^[(),]$/.test(token.text));
}
