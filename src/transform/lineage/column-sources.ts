import type { ParsedSelect } from '../../sql/grammar/parse-select.ts';
import type { SqlExpression, SqlNode, SqlSelect } from '../../sql/grammar/sql-nodes.ts';
import { walkNodes, withoutParentheses } from '../../sql/grammar/walk-nodes.ts';
import { type ColumnScope, factsOfColumns } from '../marts/narrow/facts-of-columns.ts';
import type { SchemaFacts } from '../marts/rules/schema-facts.ts';

/** A column of a table, as the schema writes it. */
export interface TableColumn {
    readonly table: string;
    readonly column: string;
}

/** What a result column is made from. */
export interface ColumnOrigin {
    /** The columns of tables that its value is computed from; not those that only decide which rows there are. */
    readonly sources: readonly TableColumn[];
    /** It is one of them, unchanged. */
    readonly isCopy: boolean;
}

const NOTHING: ColumnOrigin = { sources: [], isCopy: false };

/** What each result column of a SELECT is made from, in their order; empty where it cannot be told. */
export function columnOrigins(parsed: ParsedSelect, schema: SchemaFacts): readonly ColumnOrigin[] {
    return factsOfColumns<ColumnOrigin>(parsed, schema, {
        unknown: NOTHING,
        ofTable: ({ name: table }, { name: column }) => ({ sources: [{ table, column }], isCopy: true }),
        ofFunction: () => NOTHING,
        ofExpression,
        together,
    });
}

function ofExpression(expression: SqlExpression, scope: ColumnScope<ColumnOrigin>): ColumnOrigin {
    const own = withoutParentheses(expression);
    const plain = named(own, scope);
    if (plain !== undefined) {
        return plain;
    }
    const found: ColumnOrigin[] = [];
    walkNodes(own, (node) => {
        if (node.type === 'Select') {
            // A scalar subquery gives its first column; of any other only its answer counts.
            found.push(scope.select(node as SqlSelect)[0] ?? NOTHING);
            return false;
        }
        const origin = named(node, scope);
        if (origin !== undefined) {
            found.push(origin);
            return false;
        }
        return true;
    });
    return together(found);
}

function named(node: SqlNode, { column }: ColumnScope<ColumnOrigin>): ColumnOrigin | undefined {
    switch (node.type) {
        case 'Id':
            return column(undefined, node.name);
        case 'NameExpr':
            return column(undefined, node.name.text);
        case 'QualifiedExpr':
            return column(node.table.text, node.column.text);
        default:
            return undefined;
    }
}

function together(origins: readonly ColumnOrigin[]): ColumnOrigin {
    const byText = new Map(
        origins.flatMap(({ sources }) => sources).map((one) => [`${one.table}\0${one.column}`, one]),
    );
    return { sources: [...byText.values()], isCopy: false };
}
