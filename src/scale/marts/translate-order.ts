import type { SqlExpression, SqlSortedColumn } from '../../sql/grammar/sql-nodes.ts';
import { value } from './engine-values.ts';
import type { Place, Translation } from './translation.ts';

/** A term of an order: SQLite holds null for less than every value, and compares text by bytes. */
export function translateOrder(sorted: SqlSortedColumn, place: Place, to: Translation, named?: string): string {
    const { sql, type } =
        named === undefined ? value(sorted.expr as SqlExpression, place, to) : { sql: named, type: 'any' };
    const isDown = sorted.order === 'Desc';
    const nulls = sorted.nulls ?? (isDown ? 'Last' : 'First');
    const key = type === 'text' ? to.dialect.byBytes(sql) : sql;
    return `${key}${isDown ? ' desc' : ''} nulls ${String(nulls).toLowerCase()}`;
}
