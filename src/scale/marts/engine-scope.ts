import type { SqlExpression } from '../../sql/grammar/sql-nodes.ts';
import type { EngineType } from './engine-type.ts';

/** A column of something that stands in a FROM clause. */
export interface EngineColumn {
    /** As the engine has it. */
    readonly name: string;
    readonly type: EngineType;
    /** The name of the column beside it that holds what `json_text` gives of it; undefined: it cannot be had. */
    readonly json: (path: string) => string | undefined;
}

/** A table, a CTE or a subquery of a FROM clause under its alias. */
export interface EngineItem {
    readonly alias: string;
    readonly columns: readonly EngineColumn[];
}

/** What names mean at a place of a SELECT. */
export interface EngineScope {
    readonly items: readonly EngineItem[];
    /** Result columns of the SELECT by their names in lower case, which SQLite lets its other clauses use. */
    readonly aliases: ReadonlyMap<string, SqlExpression>;
    readonly outer: EngineScope | undefined;
}

export interface FoundColumn {
    readonly item: EngineItem;
    readonly column: EngineColumn;
}

/** The column that a name means: of the nearest SELECT that has one. */
export function findColumn(
    scope: EngineScope | undefined,
    table: string | undefined,
    name: string,
): FoundColumn | undefined {
    for (let at = scope; at !== undefined; at = at.outer) {
        const found = at.items
            .filter(({ alias }) => table === undefined || alias.toLowerCase() === table.toLowerCase())
            .flatMap((item) =>
                item.columns.flatMap((column) =>
                    column.name.toLowerCase() === name.toLowerCase() ? [{ item, column }] : [],
                ),
            );
        if (found[0] !== undefined) {
            return found[0];
        }
    }
    return undefined;
}
