import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Source } from '../../src/capture/source/source.ts';
import type { LoadOptions } from '../../src/load/load-options.ts';
import { type LoadResult, loadSource } from '../../src/load/load-source.ts';
import { interrupted } from '../../src/process/interrupt.ts';
import { type ProjectFiles, readProjectFiles } from '../../src/project/model-files.ts';
import { readMigrationFiles } from '../../src/project/read-migration-files.ts';
import { quoteName } from '../../src/sql/quote.ts';
import { closeDatabase, type Database, openDatabase } from '../../src/sqlite/database.ts';
import { Migrator } from '../../src/sqlite/migrations/migrator.ts';
import { withGenerator } from '../../src/transform/marts/with-generator.ts';
import type { RunRequest } from '../../src/transform/plan/decide.ts';
import { type TransformResult, transform } from '../../src/transform/transform.ts';
import { PROJECT } from './elt.ts';

/** A database in the test's own process: real SQLite, without the waits for a disk. */

export const QUIET = {
    requested: () => false,
    check: async () => undefined,
    checkNowAndThen: async () => undefined,
    dispose: () => undefined,
};

/** An interrupt that comes after so many chunks of a source. */
export function interruptAfter(chunks: number): typeof QUIET {
    let left = chunks;
    return {
        ...QUIET,
        checkNowAndThen: async () => {
            if (left-- <= 0) {
                throw interrupted('');
            }
        },
    };
}

/** A migrated database of a pipeline; in memory unless a file is named. */
export async function migratedDatabase(pipeline: string, file = ':memory:', project = PROJECT): Promise<Database> {
    const database = openDatabase(file, { create: true });
    database.pragma('synchronous = OFF');
    if (file !== ':memory:') {
        database.pragma('journal_mode = WAL');
    }
    await migrate(database, pipeline, project);
    return database;
}

export async function migrate(database: Database, pipeline: string, project = PROJECT): Promise<void> {
    const folders = { control: join(PROJECT, 'migrations'), own: join(project, 'migrations') };
    await new Migrator(database, readMigrationFiles(folders, pipeline)).up();
}

export function projectFiles(pipeline: string, project = PROJECT): ProjectFiles {
    return readProjectFiles(join(project, 'sql'), pipeline);
}

/** A source out of memory, delivered in chunks of `chunkBytes`. */
export function memorySource(
    bytes: Buffer | string,
    options: { chunkBytes?: number; path?: string; canGrow?: boolean } = {},
): Source {
    const all = Buffer.from(bytes);
    const chunkBytes = options.chunkBytes ?? 1 << 19;
    return {
        name: options.path ?? 'memory',
        path: options.path ?? null,
        seekable: true,
        sizeBytes: all.length,
        open: () => ({
            bytesRead: 0,
            canGrow: options.canGrow === true,
            async *[Symbol.asyncIterator]() {
                for (let at = 0; at < all.length; at += chunkBytes) {
                    // A chunk is valid only until the next one is asked for: a copy that is spoilt afterwards shows it.
                    const chunk = Buffer.from(all.subarray(at, at + chunkBytes));
                    yield chunk;
                    chunk.fill(0x7b);
                }
            },
        }),
    };
}

export async function load(
    database: Database,
    source: Source | Buffer | string,
    options: Partial<LoadOptions> = {},
): Promise<LoadResult> {
    const given = typeof source === 'string' || Buffer.isBuffer(source) ? memorySource(source) : source;
    return await loadSource(database, given, {
        asNew: false,
        strict: false,
        settings: { drift: 'evolve', text: new Map() },
        interrupt: QUIET,
        ...options,
    });
}

export async function runTransform(
    database: Database,
    files: ProjectFiles,
    request: Partial<RunRequest> = {},
): Promise<TransformResult> {
    return await withGenerator(() => transform(database, files, { select: [], rebuild: false, ...request }));
}

/** Runs a SQL file as a person does: its text inside `begin` and `commit`. */
export function runByHand(database: Database, text: string): void {
    try {
        database.exec(`begin immediate;\n${text}\ncommit;`);
    } catch (error) {
        if (database.inTransaction) {
            database.exec('rollback');
        }
        throw error;
    }
}

/** Every row of a table or query, integers as bigint, as JSON texts that can be compared. */
export function rowsOf(database: Database, sql: string): string[] {
    const rows = database.prepare(sql).raw().safeIntegers().all() as unknown[][];
    return rows.map((row) => JSON.stringify(row.map(tagged)));
}

/** All rows of every table with that prefix, in order of all columns but those left out. */
export function tablesText(database: Database, prefixes: readonly string[], without: readonly string[] = []) {
    const names = database
        .prepare("select name from sqlite_schema where type = 'table' order by name")
        .pluck()
        .all() as string[];
    const chosen = names.filter((name) => prefixes.some((prefix) => name.startsWith(prefix)));
    return Object.fromEntries(chosen.map((name) => [name, tableText(database, name, without)]));
}

export function tableText(database: Database, name: string, without: readonly string[] = []): string[] {
    const columns = database.prepare('select name from pragma_table_info(?)').pluck().all(name) as string[];
    const list = columns.filter((column) => !without.includes(column)).map(quoteName);
    return rowsOf(database, `select ${list.join(', ')} from ${quoteName(name)} order by ${list.join(', ')}`);
}

function tagged(value: unknown): unknown {
    if (typeof value === 'bigint') {
        return { integer: String(value) };
    }
    return typeof value === 'number' ? { real: String(Object.is(value, -0) ? '-0' : value) } : value;
}

export function modelText(pipeline: string, file: string, project = PROJECT): string {
    return readFileSync(join(project, 'sql', pipeline, file), 'utf8');
}

export function close(database: Database): void {
    closeDatabase(database);
}
