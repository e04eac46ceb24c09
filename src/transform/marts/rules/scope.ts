import type { SqlExpression } from '../../../sql/grammar/sql-nodes.ts';
import type { Told } from './value.ts';
import { EMPTY_WAY, type Way } from './way.ts';

/** A table of a FROM clause under its name there. */
export interface Item {
    readonly alias: string;
    /** Columns by their names in lower case. */
    readonly columns: ReadonlyMap<string, Told>;
}

/** A way through a FROM clause, with what can be named in it. */
export interface Joined {
    readonly way: Way;
    readonly items: readonly Item[];
    /** Columns that `using` and natural joins make one of two. */
    readonly merged: ReadonlyMap<string, Told>;
}

export const EMPTY_JOINED: Joined = { way: EMPTY_WAY, items: [], merged: new Map() };

/** Where the names of an expression are looked up. */
export interface Scope {
    /** What the spans of the expression point into. */
    readonly text: string;
    readonly joined: Joined;
    /** Result columns of the same SELECT, which conditions may name too. */
    readonly aliases: ReadonlyMap<string, SqlExpression>;
    /** The SELECT around a correlated subquery. */
    readonly outer: Scope | undefined;
}

/** A name that was found: a value, or an expression of the SELECT it was found in. */
export type Found =
    | { readonly value: Told }
    | { readonly alias: string; readonly expression: SqlExpression; readonly scope: Scope };

/** What a name means, from the inside out; undefined where no table has such a column. */
export function lookUp(scope: Scope, table: string | undefined, column: string): Found | undefined {
    for (let at: Scope | undefined = scope; at !== undefined; at = at.outer) {
        const { items, merged } = at.joined;
        const one = table === undefined ? merged.get(column) : undefined;
        if (one !== undefined) {
            return { value: one };
        }
        for (const item of items) {
            const value = table === undefined || item.alias === table ? item.columns.get(column) : undefined;
            if (value !== undefined) {
                return { value };
            }
        }
        const expression = table === undefined ? at.aliases.get(column) : undefined;
        if (expression !== undefined) {
            return { alias: column, expression, scope: at };
        }
    }
    return undefined;
}

/** A scope in which a result column can no longer be meant by its own expression. */
export function withoutAlias(scope: Scope, alias: string): Scope {
    return { ...scope, aliases: new Map([...scope.aliases].filter(([name]) => name !== alias)) };
}
