import type { Database } from '../sqlite/database.ts';

/** A staging table in the catalogue (`elt_relations`, `elt_columns`). */
export interface CatalogueRelation {
    readonly stagingTable: string;
    readonly schema: string;
    readonly table: string;
    /** Source names of the primary key; null: never given by the stream. */
    primaryKey: readonly string[] | null;
    /** Source names of the columns of the last old key; null: none was seen. */
    identity: readonly string[] | null;
    /** Old keys look like whole rows (REPLICA IDENTITY FULL), so they do not show the key. */
    identityFull: boolean;
    readonly firstSeq: number;
    readonly columns: CatalogueColumn[];
}

export interface CatalogueColumn {
    readonly ordinal: number;
    readonly sourceName: string;
    readonly columnName: string;
    pgType: string | null;
    sqliteType: 'INTEGER' | 'REAL' | 'TEXT' | 'ANY';
    /** The `_seq` at which the column was gone from the stream; null while it is live. */
    droppedSeq: number | null;
}

/** One difference between a relation and its staging table. */
export interface Drift {
    readonly seq: number;
    readonly loadId: number;
    readonly stagingTable: string;
    readonly kind: 'added' | 'dropped' | 'retyped' | 'renamed' | 'returned' | 'widened';
    readonly columnName: string | null;
    readonly was: string | null;
    readonly now: string | null;
}

/** Every relation of the database, with its columns in the order of arrival. */
export function readCatalogue(database: Database): CatalogueRelation[] {
    const columns = database
        .prepare('select * from elt_columns order by staging_table, ordinal')
        .all() as readonly Record<string, string | number | null>[];
    const byTable = new Map<string, CatalogueColumn[]>();
    for (const row of columns) {
        const table = String(row.staging_table);
        const list = byTable.get(table) ?? [];
        byTable.set(table, list);
        list.push({
            ordinal: Number(row.ordinal),
            sourceName: String(row.source_name),
            columnName: String(row.column_name),
            pgType: row.pg_type as string | null,
            sqliteType: row.sqlite_type as CatalogueColumn['sqliteType'],
            droppedSeq: row.dropped_seq as number | null,
        });
    }
    const relations = database.prepare('select * from elt_relations order by staging_table').all() as readonly Record<
        string,
        string | number | null
    >[];
    return relations.map((row) => ({
        stagingTable: String(row.staging_table),
        schema: String(row.schema_name),
        table: String(row.table_name),
        primaryKey: namesOf(row.primary_key),
        identity: namesOf(row.identity),
        identityFull: row.identity_full === 1,
        firstSeq: Number(row.first_seq),
        columns: byTable.get(String(row.staging_table)) ?? [],
    }));
}

export function saveRelation(database: Database, relation: CatalogueRelation): void {
    database
        .prepare(
            `insert into elt_relations (
                staging_table, schema_name, table_name, primary_key, identity, identity_full, first_seq
            )
            values (?, ?, ?, ?, ?, ?, ?)
            on conflict (staging_table) do update set
                primary_key = excluded.primary_key,
                identity = excluded.identity,
                identity_full = excluded.identity_full`,
        )
        .run(
            relation.stagingTable,
            relation.schema,
            relation.table,
            relation.primaryKey === null ? null : JSON.stringify(relation.primaryKey),
            relation.identity === null ? null : JSON.stringify(relation.identity),
            relation.identityFull ? 1 : 0,
            relation.firstSeq,
        );
}

export function saveColumn(database: Database, stagingTable: string, column: CatalogueColumn): void {
    database
        .prepare(
            `insert into elt_columns (
                staging_table, ordinal, source_name, column_name, pg_type, sqlite_type, dropped_seq
            )
            values (?, ?, ?, ?, ?, ?, ?)
            on conflict (staging_table, ordinal) do update set
                pg_type = excluded.pg_type,
                sqlite_type = excluded.sqlite_type,
                dropped_seq = excluded.dropped_seq`,
        )
        .run(
            stagingTable,
            column.ordinal,
            column.sourceName,
            column.columnName,
            column.pgType,
            column.sqliteType,
            column.droppedSeq,
        );
}

export function saveDrift(database: Database, drift: Drift): void {
    database
        .prepare(
            `insert into elt_drift (_seq, load_id, staging_table, kind, column_name, was, now, recorded_at)
            values (?, ?, ?, ?, ?, ?, ?, ?)`,
        )
        .run(
            drift.seq,
            drift.loadId,
            drift.stagingTable,
            drift.kind,
            drift.columnName,
            drift.was,
            drift.now,
            new Date().toISOString(),
        );
}

/** All drift in order of `_seq`, for people. */
export function readDrift(database: Database): readonly Record<string, string | number | null>[] {
    return database.prepare('select * from elt_drift order by drift_id').all() as Record<
        string,
        string | number | null
    >[];
}

function namesOf(json: string | number | null | undefined): readonly string[] | null {
    return typeof json === 'string' ? (JSON.parse(json) as string[]) : null;
}
