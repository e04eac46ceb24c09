import { inParentheses } from '../../../sql/in-parentheses.ts';

/** Keys that rows are asked for, as SQL. */
export interface KeySet {
    /**
     * A SELECT of some of the key's columns, by their places. `isOfExpression`: they are looked for in an expression, whose
     * index SQLite uses only where no type of a column says how to compare.
     */
    readonly select: (places: readonly number[], isOfExpression?: boolean) => string;
}

/**
 * The keys in a table whose columns are these names, quoted already. `untyped`: those that hold what the SELECT gives as it
 * is, so that they may be compared without the type of the column; `+` takes it away.
 */
export function keysInTable(
    table: string,
    columns: readonly string[],
    untyped: ReadonlySet<string> = new Set(columns),
): KeySet {
    return {
        select: (places, isOfExpression = false) => {
            const names = places.map((place) => columns[place] ?? '');
            const asked = names.map((name) => (isOfExpression && untyped.has(name) ? `+${name}` : name));
            return `select ${asked.join(', ')} from ${table}`;
        },
    };
}

/** An expression that is a column of the key. */
export interface KeyExpression {
    readonly text: string;
    readonly place: number;
    /** It reads a column: a constant finds nothing by an index. */
    readonly readsColumns: boolean;
    /** It is a column as it stands. */
    readonly isColumn: boolean;
}

/**
 * The condition that expressions are among the keys. Of several columns one is asked for by itself as well: a row value
 * finds no index on expressions.
 */
export function isAmong(expressions: readonly KeyExpression[], keys: KeySet): string {
    const first = expressions.find(({ readsColumns }) => readsColumns) ?? expressions[0];
    if (first === undefined) {
        return 'true';
    }
    const alone = inParentheses([keys.select([first.place], !first.isColumn)], '', `${operand(first.text)} in `);
    if (expressions.length === 1) {
        return alone;
    }
    const texts = expressions.map(({ text }) => text).join(', ');
    const places = expressions.map(({ place }) => place);
    return `${alone}\n    ${inParentheses([keys.select(places)], '    ', `and (${texts}) in `)}`;
}

/** An expression before `in`: only what binds more tightly may stand bare. */
export function operand(text: string): string {
    return /^(?:[\w.]+|"[^"]*"|\w+\([^()]*\))$/.test(text) ? text : `(${text})`;
}
