import type { Database } from '../sqlite/database.ts';
import { insertRow, saveRow, updateRows } from './write-row.ts';

/** A row of `elt_sources`; the migration that makes the table explains each column. */
export interface SourceRow {
    readonly source_id: number;
    readonly name: string;
    readonly plugin: 'pgoutput' | 'wal2json';
    readonly slot: string;
    readonly publications: readonly string[];
    readonly owns_publications: boolean;
    readonly system_id: string;
    readonly database_oid: string;
    readonly timeline: number;
    readonly phase: 'creating' | 'snapshot' | 'streaming' | 'lost';
    readonly consistent_point: string | null;
    readonly end_lsn: string | null;
    readonly server_lsn: string | null;
    readonly measured_at: string | null;
    readonly last_commit_at: string | null;
    readonly load_id: number | null;
    readonly error: string | null;
    readonly created_at: string;
}

export type NewSource = Pick<
    SourceRow,
    'name' | 'plugin' | 'slot' | 'publications' | 'owns_publications' | 'system_id' | 'database_oid' | 'timeline'
>;

/** A row of `elt_source_tables`. */
export interface SourceTableRow {
    readonly schema_name: string;
    readonly table_name: string;
    readonly relation_oid: number | null;
    readonly state: 'pending' | 'copying' | 'streaming';
    readonly snapshot_lsn: string | null;
    readonly copied_rows: number | null;
    readonly load_id: number | null;
    /** JSON array of numbers; null: not known yet, or it has none. */
    readonly partitions: string | null;
}

/** The source that the database follows; null: none. */
export function readSource(database: Database): SourceRow | null {
    const row = database.prepare('select * from elt_sources order by source_id desc limit 1').get() as
        | (Omit<SourceRow, 'publications' | 'owns_publications'> & { publications: string; owns_publications: number })
        | undefined;
    return row === undefined
        ? null
        : {
              ...row,
              publications: JSON.parse(row.publications) as string[],
              owns_publications: row.owns_publications === 1,
          };
}

/** Written before anything is created in the server: a crash leaves nothing there that is not named here. */
export function insertSource(database: Database, source: NewSource): number {
    return insertRow(database, 'elt_sources', {
        ...source,
        publications: JSON.stringify(source.publications),
        owns_publications: source.owns_publications ? 1 : 0,
        phase: 'creating',
        created_at: new Date().toISOString(),
    });
}

type Settable = Pick<
    SourceRow,
    | 'name'
    | 'phase'
    | 'consistent_point'
    | 'end_lsn'
    | 'server_lsn'
    | 'measured_at'
    | 'last_commit_at'
    | 'load_id'
    | 'error'
    | 'timeline'
    | 'system_id'
    | 'database_oid'
>;

/** Sets what is given; the rest stays. */
export function updateSource(database: Database, sourceId: number, values: Partial<Settable>): void {
    updateRows(database, 'elt_sources', values, { source_id: sourceId });
}

/** Forgets a source, its tables and its types; what has landed stays. */
export function deleteSource(database: Database, sourceId: number): void {
    for (const table of ['elt_source_types', 'elt_source_tables', 'elt_sources']) {
        database.prepare(`delete from ${table} where source_id = ?`).run(sourceId);
    }
}

export function readSourceTables(database: Database, sourceId: number): readonly SourceTableRow[] {
    return database
        .prepare(
            `select schema_name, table_name, relation_oid, state, snapshot_lsn, copied_rows, load_id, partitions
            from elt_source_tables
            where source_id = ?
            order by schema_name, table_name`,
        )
        .all(sourceId) as SourceTableRow[];
}

export function saveSourceTable(database: Database, sourceId: number, table: SourceTableRow): void {
    const key = ['source_id', 'schema_name', 'table_name'];
    saveRow(database, 'elt_source_tables', key, { ...table, source_id: sourceId });
}

export function deleteSourceTable(
    database: Database,
    sourceId: number,
    { schema, table }: { readonly schema: string; readonly table: string },
): void {
    database
        .prepare('delete from elt_source_tables where source_id = ? and schema_name = ? and table_name = ?')
        .run(sourceId, schema, table);
}

/** Texts of types by `<oid>:<modifier>`. */
export function readTypeNames(database: Database, sourceId: number): Readonly<Record<string, string>> {
    const rows = database
        .prepare('select type_oid, modifier, type_text from elt_source_types where source_id = ?')
        .raw()
        .all(sourceId) as [number, number, string][];
    return Object.fromEntries(rows.map(([oid, modifier, text]) => [`${oid}:${modifier}`, text]));
}

export function saveTypeNames(database: Database, sourceId: number, names: Readonly<Record<string, string>>): void {
    const save = database.prepare(
        `insert or ignore into elt_source_types (source_id, type_oid, modifier, type_text) values (?, ?, ?, ?)`,
    );
    for (const [key, text] of Object.entries(names)) {
        const [oid, modifier] = key.split(':').map(Number);
        save.run(sourceId, oid, modifier, text);
    }
}
