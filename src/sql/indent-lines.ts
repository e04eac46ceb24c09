import { sqlTokens } from './tokens.ts';

/** Every line of `sql` but the first and those that are empty, indented; a line feed inside a string or a quoted name is no end of a line. */
export function indentLines(sql: string, indent: string): string {
    return sqlTokens(sql)
        .map(({ kind, text }) =>
            kind === 'space' || kind === 'comment' ? text.replaceAll(/\n(?!\n)/g, `\n${indent}`) : text,
        )
        .join('');
}
