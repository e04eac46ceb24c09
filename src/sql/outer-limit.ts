import { significantTokens, wordOf } from './tokens.ts';

/**
 * The expression of the LIMIT that ends a statement and holds for all of it: `0` of `insert … select … limit 0`;
 * undefined where there is none, or something follows it.
 */
export function outerLimit(sql: string): string | undefined {
    const tokens = significantTokens(sql).filter(({ kind }) => kind !== 'semicolon');
    let depth = 0;
    let from: number | undefined;
    for (const token of tokens) {
        depth += token.text === '(' ? 1 : token.text === ')' ? -1 : 0;
        if (depth > 0) {
            continue;
        }
        const word = wordOf(token);
        if (word === 'limit') {
            from = token.offset + token.text.length;
        } else if (from !== undefined && (token.text === ',' || ENDS.has(word ?? ''))) {
            return undefined;
        }
    }
    const last = tokens.at(-1);
    return from === undefined || last === undefined ? undefined : sql.slice(from, last.offset + last.text.length);
}

/** What may follow a LIMIT, or its expression, in a statement. */
const ENDS: ReadonlySet<string> = new Set(['offset', 'on', 'returning']);
