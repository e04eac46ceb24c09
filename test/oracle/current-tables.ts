import type Database from 'better-sqlite3';

export type Stored = null | bigint | number | string | Buffer;

export interface LandedColumn {
    readonly sourceName: string;
    readonly columnName: string;
    /** Declared type in staging; `ANY` where the column was retyped in flight. */
    readonly sqliteType: string;
}

export interface LandedRelation {
    readonly schema: string;
    readonly table: string;
    readonly stagingTable: string;
    readonly currentTable: string;
    readonly columns: ReadonlyMap<string, LandedColumn>;
    /** JSON array of names as the stream told it; null where it did not. */
    readonly primaryKey: string | null;
    /** JSON array of the columns of the last old key. */
    readonly identity: string | null;
}

/** What `elt` calls each relation and column, from its catalogue, by schema and table. */
export function landedRelations(database: Database.Database): Map<string, LandedRelation> {
    const columns = database.prepare<[string], LandedColumn>(
        `select source_name as sourceName, column_name as columnName, sqlite_type as sqliteType
        from elt_columns where staging_table = ? order by ordinal`,
    );
    const relations = database
        .prepare<[], Omit<LandedRelation, 'columns' | 'currentTable'>>(
            `select schema_name as schema, table_name as "table", staging_table as stagingTable, primary_key as primaryKey, identity
            from elt_relations`,
        )
        .all()
        .map((relation) => ({
            ...relation,
            currentTable: relation.stagingTable.replace(/^stg_/, 'current_'),
            columns: new Map(columns.all(relation.stagingTable).map((column) => [column.sourceName, column])),
        }));
    return new Map(relations.map((relation) => [relationId(relation.schema, relation.table), relation]));
}

export function relationId(schema: string, table: string): string {
    return JSON.stringify([schema, table]);
}

export function tableNames(database: Database.Database, pattern: string): string[] {
    return database
        .prepare<[string], string>("select name from sqlite_schema where type = 'table' and name glob ? order by name")
        .pluck()
        .all(pattern);
}

export function quote(name: string): string {
    return `"${name.replaceAll('"', '""')}"`;
}

/** Every row of a table, by column name; integers as bigint, so that none is rounded. */
export function readRows(database: Database.Database, table: string): Record<string, Stored>[] {
    return database
        .prepare<[], Record<string, Stored>>(`select * from ${quote(table)}`)
        .safeIntegers()
        .all();
}
