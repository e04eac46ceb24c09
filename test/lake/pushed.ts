import { join } from 'node:path';
import { fromLakeValue } from '../../src/lake/from-lake-value.ts';
import { type LakeManifest, type LakeTable, partPath, readManifest } from '../../src/lake/manifest.ts';
import { type LakePush, type LakePushed, pushLake } from '../../src/lake/push-lake.ts';
import { PART_LIMITS } from '../../src/lake/write-parts.ts';
import { ParquetFileReader } from '../../src/parquet/parquet-file-reader.ts';
import type { ParquetType } from '../../src/parquet/parquet-type.ts';
import { quoteName } from '../../src/sql/quote.ts';
import { closeDatabase, type Database } from '../../src/sqlite/database.ts';
import { migratedDatabase } from '../support/bench-database.ts';
import { workFolder } from '../support/elt.ts';

/** So small that a short history has many parts and row groups, and parts that are put together. */
export const SMALL = { ...PART_LIMITS, groupRowsMax: 3, firstPartRows: 5, partRowsMax: 7, partBytes: 1 };

/** A database, and a folder that is no lake yet. */
export async function withLake(work: (database: Database, lake: string) => Promise<void>): Promise<void> {
    const folder = workFolder();
    const database = await migratedDatabase('none', join(folder, 'one.db'));
    try {
        await work(database, join(folder, 'lake'));
    } finally {
        closeDatabase(database);
    }
}

interface StreamColumn {
    readonly name: string;
    readonly type: string;
    readonly value: unknown;
}

/** One change of format 2; `old` is the identity. */
export function change(
    action: 'I' | 'U' | 'D' | 'T',
    columns: readonly StreamColumn[],
    old: readonly StreamColumn[] = [],
    table = 'item',
): string {
    const identity = old.length === 0 ? {} : { identity: old };
    const own = action === 'T' || action === 'D' ? {} : { columns };
    return JSON.stringify({
        action,
        schema: 'public',
        table,
        ...own,
        ...identity,
        pk: [{ name: 'id', type: 'bigint' }],
    });
}

/** A transaction of format 2. */
export function transaction(...changes: readonly string[]): string {
    return ['{"action":"B"}', ...changes, '{"action":"C"}', ''].join('\n');
}

/** Pushes to the source `one` of the pipeline `shop`. */
export async function pushed(database: Database, lake: string, options: Partial<LakePush> = {}): Promise<LakePushed> {
    return await pushLake(database, {
        lake,
        pipeline: 'shop',
        source: 'one',
        isAnew: false,
        factsOf: () => ({ key: undefined, json: [] }),
        limits: SMALL,
        breathe: async () => undefined,
        ...options,
    });
}

export function manifestOf(lake: string, source = 'one'): LakeManifest {
    return readManifest(lake, 'shop', source) as LakeManifest;
}

export function tableOf(lake: string, staging: string): LakeTable {
    return manifestOf(lake).tables.find((table) => table.staging === staging) as LakeTable;
}

/** Rows of a table in a lake by column, each value as SQLite has it; in the order of parts. */
export async function lakeRows(lake: string, staging: string): Promise<Record<string, unknown>[]> {
    const manifest = manifestOf(lake);
    const table = tableOf(lake, staging);
    const rows: Record<string, unknown>[] = [];
    for (const part of table.parts) {
        const reader = await ParquetFileReader.open(join(lake, partPath(manifest, table, part)));
        for await (const group of reader.groups()) {
            const columns = reader.fields.map(({ name, type }, index) => {
                const isReal = table.columns.find((column) => column.name === name)?.sqliteType === 'REAL';
                return (group.columns[index] ?? []).map(fromLakeValue(type as ParquetType, isReal));
            });
            for (let row = 0; row < group.rows; row++) {
                rows.push(Object.fromEntries(reader.fields.map(({ name }, at) => [name, columns[at]?.[row]])));
            }
        }
        reader.close();
    }
    return rows;
}

/** What staging has of the columns that are its own, up to whole_seq; a column that is ANY as text. */
export function stagedRows(database: Database, staging: string): Record<string, unknown>[] {
    const columns = database
        .prepare(
            'select column_name as name, sqlite_type as type from elt_columns where staging_table = ? order by ordinal',
        )
        .all(staging) as { name: string; type: string }[];
    const own = columns.map(({ name, type }) =>
        type === 'ANY' ? `cast(${quoteName(name)} as text) as ${quoteName(name)}` : quoteName(name),
    );
    return database
        .prepare(
            `select ${['_seq', '_op', '_lsn', '_xid', '_committed_at', '_absent', ...own].join(', ')}
            from ${quoteName(staging)} where _seq <= (select whole_seq from elt_stream) order by _seq`,
        )
        .safeIntegers()
        .all() as Record<string, unknown>[];
}

/** The rows without the columns that only a lake has; a column that a part lacks is null. */
export function comparable(rows: readonly Record<string, unknown>[], names: readonly string[]): unknown[][] {
    return rows.map((row) => names.map((name) => row[name] ?? null));
}

export const ID = { name: 'id', type: 'bigint' };
export const item = (id: number, ...more: readonly { name: string; type: string; value: unknown }[]): string =>
    change('I', [{ ...ID, value: id }, ...more]);
