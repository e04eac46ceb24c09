import { WIDTH_MAX, wrapList } from './quote.ts';

/**
 * A list, or one text, in parentheses: on the line that `before` begins if there is room, else on lines of its own.
 * `indent`: that of the line.
 */
export function inParentheses(items: readonly string[], indent: string, before: string): string {
    const line = `${before}(${items.join(', ')})`;
    return indent.length + line.length <= WIDTH_MAX
        ? line
        : `${before}(\n${wrapList(items, `${indent}    `)}\n${indent})`;
}
