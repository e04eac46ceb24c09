/** Keys that rows are asked for, as SQL. */
export interface KeySet {
    /** A SELECT of some of the key's columns, by their places. */
    readonly select: (places: readonly number[]) => string;
}

/** The keys in a table whose columns are these names, quoted already. */
export function keysInTable(table: string, columns: readonly string[]): KeySet {
    return { select: (places) => `select ${places.map((place) => columns[place]).join(', ')} from ${table}` };
}

/** An expression that is a column of the key. */
export interface KeyExpression {
    readonly text: string;
    readonly place: number;
    /** It reads a column: a constant finds nothing by an index. */
    readonly readsColumns: boolean;
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
    const alone = `${operand(first.text)} in (${keys.select([first.place])})`;
    const texts = expressions.map(({ text }) => text).join(', ');
    const places = expressions.map(({ place }) => place);
    return expressions.length === 1 ? alone : `${alone}\n    and (${texts}) in (${keys.select(places)})`;
}

/** An expression before `in`: only what binds more tightly may stand bare. */
export function operand(text: string): string {
    return /^(?:[\w.]+|"[^"]*"|\w+\([^()]*\))$/.test(text) ? text : `(${text})`;
}
