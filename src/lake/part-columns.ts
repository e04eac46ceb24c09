import type { ParquetField } from '../parquet/parquet-type.ts';
import { jsonTextSql } from '../sql/json-text-sql.ts';
import { labelPath, quoteName, quoteText } from '../sql/quote.ts';
import { type LakeColumn, type LakeOldKeyColumn, type LakeTable, PART_BOOKKEEPING } from './manifest.ts';

/** A column of the parts of a table, and how SQLite reads it from staging. */
export interface PartColumn extends ParquetField {
    readonly sql: string;
    /** The column of the source whose type does not hold a value that does not fit; null: every value fits. */
    readonly of: string | null;
}

/** The columns of a table's parts, in their order. */
export function partColumns({ columns, oldKey, json }: Pick<LakeTable, 'columns' | 'oldKey' | 'json'>): PartColumn[] {
    const byName = new Map(columns.map((column) => [column.name, column]));
    const keyed = oldKey.flatMap((old) => {
        const column = byName.get(old.column);
        return column === undefined ? [] : [{ old, column }];
    });
    const hasOldKey = hasOldKeySql(keyed.map(({ column }) => column));
    return [
        ...PART_BOOKKEEPING.map(([name, type]) => ({
            name,
            type,
            sql: name === '_has_old_key' ? hasOldKey : name,
            of: null,
        })),
        ...columns.map((column) => ({
            name: column.name,
            type: column.type,
            sql: stagedSql(column),
            of: column.name,
        })),
        ...keyed.map(({ old, column }) => oldColumn(old, column, hasOldKey)),
        ...json.map(({ name, column, path }) => ({
            name,
            type: 'text' as const,
            sql: jsonTextSql(quoteName(column), quoteText(path)),
            of: null,
        })),
    ];
}

function oldColumn({ name }: LakeOldKeyColumn, column: LakeColumn, hasOldKey: string): PartColumn {
    return { name, type: column.type, sql: `iif(${hasOldKey}, ${oldSql(column)}, null)`, of: column.name };
}

/** Whether the row had another key before: of whole old rows staging keeps every column that differs. */
function hasOldKeySql(columns: readonly LakeColumn[]): string {
    if (columns.length === 0) {
        return '0';
    }
    const differs = columns.map((column) => `${oldSql(column)} is not ${stagedSql(column)}`);
    return `(_old_key is not null and (${differs.join(' or ')}))`;
}

/** What the column was: staging keeps it where it differs. */
function oldSql(column: LakeColumn): string {
    const old = `_old_key ->> ${labelPath(column.name)}`;
    return `coalesce(${column.sqliteType === 'ANY' ? `cast(${old} as text)` : old}, ${stagedSql(column)})`;
}

/** In a column that is ANY, '7' and 7 would be two values: its text, as the current table has it. */
function stagedSql({ name, sqliteType }: LakeColumn): string {
    return sqliteType === 'ANY' ? `cast(${quoteName(name)} as text)` : quoteName(name);
}
