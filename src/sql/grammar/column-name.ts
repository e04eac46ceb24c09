import type { SqlExpression } from './sql-nodes.ts';

/** The name of the column that an expression is; undefined: it is not just a column. */
export function columnName(expression: SqlExpression): string | undefined {
    switch (expression.type) {
        case 'QualifiedExpr':
            return expression.column.text;
        case 'Id':
            return expression.name;
        case 'NameExpr':
            return expression.name.text;
        default:
            return undefined;
    }
}
