import type { SqliteType } from '../core/storage-types.ts';
import { countChange } from '../sqlite/change-count.ts';
import type { Database } from '../sqlite/database.ts';
import { insertRow, saveRow } from './write-row.ts';

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
    /** The keys by which the stream has named rows, in order of `_seq`; empty until an old key was seen. */
    keys: readonly StreamKey[];
}

/** The key by which the stream names the rows that it updates and deletes, from a `_seq` on (`elt_keys`). */
export interface StreamKey {
    readonly seq: number;
    /** Our names of its columns, as `keyText` writes them; empty if there is no key. */
    readonly key: string;
    /** The key before; null for the first one. */
    readonly was: string | null;
    /** Old rows come whole (REPLICA IDENTITY FULL), so any column can be read from them; null: that cannot be known. */
    readonly whole: boolean | null;
}

export interface CatalogueColumn {
    readonly ordinal: number;
    readonly sourceName: string;
    readonly columnName: string;
    pgType: string | null;
    sqliteType: SqliteType;
    /** The `_seq` at which the column was gone from the stream; null while it is live. */
    droppedSeq: number | null;
}

/** One difference between a relation and its staging table. */
export interface Drift {
    readonly seq: number;
    readonly loadId: number;
    readonly stagingTable: string;
    readonly kind: 'added' | 'dropped' | 'retyped' | 'renamed' | 'returned' | 'widened' | 'rekeyed';
    readonly columnName: string | null;
    readonly was: string | null;
    readonly now: string | null;
    /** Rows that are not written again keep a value that PostgreSQL no longer has. */
    readonly stale: boolean;
}

/** A row of `elt_drift`. */
export interface DriftRow {
    readonly drift_id: number;
    readonly _seq: number;
    readonly load_id: number;
    readonly staging_table: string;
    readonly kind: Drift['kind'];
    readonly column_name: string | null;
    readonly was: string | null;
    readonly now: string | null;
    readonly stale: number;
    readonly recorded_at: string;
}

/** Every relation of the database, with its columns in the order of arrival. */
export function readCatalogue(database: Database): CatalogueRelation[] {
    const columns = database
        .prepare(
            `select staging_table as stagingTable, ordinal, source_name as sourceName, column_name as columnName,
                pg_type as pgType, sqlite_type as sqliteType, dropped_seq as droppedSeq
            from elt_columns
            order by staging_table, ordinal`,
        )
        .all() as (CatalogueColumn & { readonly stagingTable: string })[];
    const byTable = Map.groupBy(columns, ({ stagingTable }) => stagingTable);
    const keys = readKeys(database);
    const relations = database
        .prepare(
            `select staging_table as stagingTable, schema_name as schema, table_name as "table",
                primary_key as primaryKey, identity, identity_full as identityFull, first_seq as firstSeq
            from elt_relations
            order by staging_table`,
        )
        .all() as (CatalogueRelation & { readonly primaryKey: unknown; readonly identity: unknown })[];
    return relations.map((relation) => ({
        ...relation,
        primaryKey: namesOf(relation.primaryKey),
        identity: namesOf(relation.identity),
        identityFull: Boolean(relation.identityFull),
        columns: (byTable.get(relation.stagingTable) ?? []).map(({ stagingTable: _, ...column }) => column),
        keys: keys.get(relation.stagingTable) ?? [],
    }));
}

function readKeys(database: Database): ReadonlyMap<string, readonly StreamKey[]> {
    const rows = database.prepare('select * from elt_keys order by staging_table, _seq').all() as readonly {
        readonly staging_table: string;
        readonly _seq: number;
        readonly key: string;
        readonly was: string | null;
        readonly whole: number | null;
    }[];
    const byTable = new Map<string, StreamKey[]>();
    for (const { staging_table: table, _seq: seq, key, was, whole } of rows) {
        const one = { seq, key, was, whole: whole === null ? null : whole === 1 };
        byTable.set(table, [...(byTable.get(table) ?? []), one]);
    }
    return byTable;
}

/** Replaces the keys of a relation. */
export function saveKeys(database: Database, { stagingTable, keys }: CatalogueRelation): void {
    countChange(database);
    database.prepare('delete from elt_keys where staging_table = ?').run(stagingTable);
    const insert = database.prepare(
        'insert into elt_keys (staging_table, _seq, key, was, whole) values (?, ?, ?, ?, ?)',
    );
    for (const { seq, key, was, whole } of keys) {
        insert.run(stagingTable, seq, key, was, whole === null ? null : Number(whole));
    }
}

export function saveRelation(database: Database, relation: CatalogueRelation): void {
    countChange(database);
    saveRow(database, 'elt_relations', ['staging_table'], {
        staging_table: relation.stagingTable,
        schema_name: relation.schema,
        table_name: relation.table,
        primary_key: relation.primaryKey === null ? null : JSON.stringify(relation.primaryKey),
        identity: relation.identity === null ? null : JSON.stringify(relation.identity),
        identity_full: relation.identityFull ? 1 : 0,
        first_seq: relation.firstSeq,
    });
}

export function saveColumn(database: Database, stagingTable: string, column: CatalogueColumn): void {
    countChange(database);
    saveRow(database, 'elt_columns', ['staging_table', 'ordinal'], {
        staging_table: stagingTable,
        ordinal: column.ordinal,
        source_name: column.sourceName,
        column_name: column.columnName,
        pg_type: column.pgType,
        sqlite_type: column.sqliteType,
        dropped_seq: column.droppedSeq,
    });
}

export function saveDrift(database: Database, drift: Drift): void {
    countChange(database);
    insertRow(database, 'elt_drift', {
        _seq: drift.seq,
        load_id: drift.loadId,
        staging_table: drift.stagingTable,
        kind: drift.kind,
        column_name: drift.columnName,
        was: drift.was,
        now: drift.now,
        stale: drift.stale ? 1 : 0,
        recorded_at: new Date().toISOString(),
    });
}

/** Whether a column was there in the first change and is as it was: neither added, nor given other values since. */
export function isFromBeginning(database: Database, { stagingTable }: CatalogueRelation, column: string): boolean {
    return (
        database
            .prepare(
                `select 1 from elt_drift
                where staging_table = ? and column_name = ? and (kind = 'added' or stale = 1)
                limit 1`,
            )
            .get(stagingTable, column) === undefined
    );
}

/** All drift in the order in which it was met. */
export function readDrift(database: Database): readonly DriftRow[] {
    return database.prepare('select * from elt_drift order by drift_id').all() as DriftRow[];
}

function namesOf(json: unknown): readonly string[] | null {
    return typeof json === 'string' ? (JSON.parse(json) as string[]) : null;
}
