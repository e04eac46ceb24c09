import { significantTokens, wordOf } from '../sql/tokens.ts';

/**
 * A SELECT without its last `order by`, for an answer that no order changes: SQLite would sort for nothing. With a limit
 * the order decides which rows there are, so it stays.
 */
export function withoutOrder(sql: string): string {
    let depth = 0;
    let at = -1;
    const tokens = significantTokens(sql);
    for (const [index, token] of tokens.entries()) {
        const { text, offset } = token;
        depth += text === '(' ? 1 : text === ')' ? -1 : 0;
        const word = depth === 0 ? wordOf(token) : undefined;
        if (word === 'limit') {
            return sql;
        }
        if (word === 'order' && wordOf(tokens[index + 1]) === 'by') {
            at = offset;
        }
    }
    return at === -1 ? sql : sql.slice(0, at);
}
