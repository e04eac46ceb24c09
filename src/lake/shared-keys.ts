import { join } from 'node:path';
import { ParquetFileReader } from '../parquet/parquet-file-reader.ts';
import { openSideDatabase } from '../sqlite/side-database.ts';
import { fromLakeValue } from './from-lake-value.ts';
import { type LakeManifest, type LakeTable, partPath, readManifests } from './manifest.ts';

/** A key that two sources have: which of their changes came first nobody can say. */
export interface SharedKey {
    readonly staging: string;
    /** The columns of the key, `id` or `region, number`. */
    readonly columns: string;
    /** JSON array of its values. */
    readonly key: string;
    readonly sources: readonly string[];
}

export interface SharedKeys {
    readonly count: number;
    /** The first ones. */
    readonly first: readonly SharedKey[];
}

const SHOWN_MAX = 5;

interface Owned {
    readonly manifest: LakeManifest;
    readonly table: LakeTable;
}

/**
 * The keys of each table that more than one source has ever had, deleted rows included. Reads the key columns of those
 * tables only; keys that were seen are kept on the disk.
 */
export async function sharedKeys(
    lake: string,
    pipeline: string,
    breathe: (file: string) => Promise<void>,
): Promise<SharedKeys> {
    const owned = readManifests(lake, pipeline).flatMap((manifest) =>
        manifest.tables.filter(({ key }) => key.length > 0).map((table) => ({ manifest, table })),
    );
    let count = 0;
    const first: SharedKey[] = [];
    for (const [staging, owners] of Map.groupBy(owned, ({ table }) => table.staging)) {
        if (owners.length > 1) {
            const found = await sharedOf(lake, staging, owners, breathe);
            count += found.count;
            first.push(...found.first);
        }
    }
    return { count, first: first.slice(0, SHOWN_MAX) };
}

async function sharedOf(
    lake: string,
    staging: string,
    owners: readonly Owned[],
    breathe: (file: string) => Promise<void>,
): Promise<SharedKeys> {
    const seen = openSideDatabase();
    try {
        seen.exec(
            `create table seen (key text not null, source text not null, primary key (key, source)) without rowid`,
        );
        const insert = seen.prepare('insert or ignore into seen values (?, ?)');
        for (const owner of owners) {
            for (const part of owner.table.parts) {
                const file = partPath(owner.manifest, owner.table, part);
                await breathe(file);
                for await (const key of keysOfPart(join(lake, file), owner.table)) {
                    insert.run(key, owner.manifest.source);
                }
            }
        }
        const shared = 'select key, json_group_array(source) as sources from seen group by key having count(*) > 1';
        const count = seen.prepare(`select count(*) from (${shared})`).pluck().get() as number;
        const rows = seen.prepare(`${shared} order by key limit ${SHOWN_MAX}`).all() as {
            key: string;
            sources: string;
        }[];
        const columns = owners[0]?.table.key.join(', ') ?? '';
        const first = rows.map(({ key, sources }) => ({
            staging,
            columns,
            key,
            sources: (JSON.parse(sources) as string[]).sort(),
        }));
        return { count, first };
    } finally {
        seen.close();
    }
}

/** The keys that a part names, before and after, as JSON: in one source 7 may be a number where in another it is text. */
async function* keysOfPart(path: string, { key, columns, oldKey }: LakeTable): AsyncGenerator<string> {
    const reader = await ParquetFileReader.open(path);
    try {
        const there = new Set(reader.fields.map(({ name }) => name));
        const old = key.map((name) => oldKey.find(({ column }) => column === name)?.name ?? '');
        const sets = [key, old].filter((names) => names.every((name) => there.has(name)));
        for await (const group of reader.groups(['_op', ...sets.flat()])) {
            const [ops = [], ...values] = group.columns;
            for (const [at] of sets.entries()) {
                const texts = key.map((name, index) => {
                    const column = columns.find((one) => one.name === name);
                    const convert = fromLakeValue(column?.type ?? 'text', column?.sqliteType === 'REAL');
                    return (values[at * key.length + index] ?? []).map(convert);
                });
                for (let row = 0; row < group.rows; row++) {
                    const one = texts.map((list) => list[row]);
                    if (ops[row] !== 'truncate' && one.every((value) => value !== null)) {
                        yield JSON.stringify(one.map(String));
                    }
                }
            }
        }
    } finally {
        reader.close();
    }
}
