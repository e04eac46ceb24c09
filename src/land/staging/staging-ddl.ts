import type { SqliteType } from '../../core/storage-types.ts';
import { quoteName, wrapList } from '../../sql/quote.ts';
import type { Database } from '../../sqlite/database.ts';

/** The bookkeeping columns of every staging table, in their order. */
export const BOOKKEEPING = [
    { name: '_seq', type: 'integer primary key' },
    { name: '_op', type: 'text not null' },
    { name: '_load', type: 'integer not null' },
    { name: '_lsn', type: 'text' },
    { name: '_xid', type: 'text' },
    { name: '_committed_at', type: 'text' },
    { name: '_old_key', type: 'text' },
    { name: '_absent', type: 'text' },
] as const;

export interface StagingColumn {
    readonly name: string;
    readonly type: SqliteType;
}

/**
 * A staging table. STRICT, because there a wrong type is an error and not another value. The declared types are
 * SQLite's, because PostgreSQL's names (`uuid`, `interval`, `point`) would change values by affinity.
 */
export function createStaging(table: string, columns: readonly StagingColumn[]): string {
    const lines = [
        ...BOOKKEEPING.map((column) => `    ${column.name} ${column.type}`),
        ...columns.map((column) => `    ${columnDefinition(column)}`),
    ];
    return `create table ${quoteName(table)} (\n${lines.join(',\n')}\n) strict`;
}

export function addColumn(table: string, column: StagingColumn): string {
    return `alter table ${quoteName(table)} add column ${columnDefinition(column)}`;
}

/** Copies a staging table with other column types, keeping every value as stored. */
export function copyStaging(database: Database, table: string, columns: readonly StagingColumn[]): void {
    // Otherwise a view that reads the table would prevent the rename.
    const legacy = database.pragma('legacy_alter_table', { simple: true });
    database.pragma('legacy_alter_table = ON');
    for (const statement of copyStatements(table, columns)) {
        database.exec(statement);
    }
    database.pragma(`legacy_alter_table = ${legacy}`);
}

/** The statements of `copyStaging`. */
export function copyStatements(table: string, columns: readonly StagingColumn[]): readonly string[] {
    const copy = `stg_copy_of_${table}`;
    const names = [...BOOKKEEPING.map((column) => column.name), ...columns.map((column) => quoteName(column.name))];
    const list = wrapList(names, '    ');
    return [
        createStaging(copy, columns),
        `insert into ${quoteName(copy)} (\n${list}\n)\nselect\n${list}\nfrom ${quoteName(table)}\norder by _seq`,
        `drop table ${quoteName(table)}`,
        `alter table ${quoteName(copy)} rename to ${quoteName(table)}`,
    ];
}

function columnDefinition(column: StagingColumn): string {
    return `${quoteName(column.name)} ${column.type.toLowerCase()}`;
}
