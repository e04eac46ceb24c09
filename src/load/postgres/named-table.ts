import { parseRelation } from '../../sql/relation-name.ts';

export interface NamedTable {
    readonly schema: string;
    readonly table: string;
}

/**
 * The table that a word of the command line names: `orders` (of the schema public), `sales.orders`, or with quotes as
 * the other commands print and take them, `"Sales"."my orders"`. A name with other characters may also stand as it is.
 */
export function namedTable(word: string): NamedTable {
    if (word.includes('"')) {
        const quoted = parseRelation(word) ?? parseRelation(`public.${word}`);
        if (quoted !== undefined) {
            return quoted;
        }
    }
    const dot = word.indexOf('.');
    return dot < 0 ? { schema: 'public', table: word } : { schema: word.slice(0, dot), table: word.slice(dot + 1) };
}
