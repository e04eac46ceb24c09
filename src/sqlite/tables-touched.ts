import Sqlite from 'better-sqlite3';
import type { Database } from './database.ts';

/** The tables that a compiled statement opens, also through views and triggers. */
interface TablesTouched {
    readonly reads: readonly string[];
    readonly writes: readonly string[];
}

/** The version of SQLite, to the commit; another one may plan a statement in another way. */
export function sqliteBuild(database: Database): string {
    return database.prepare('select sqlite_source_id()').pluck().get() as string;
}

/**
 * The statements that make an empty copy of a database's schema. What records rows for targets is left out: it hangs on
 * the tables of models, and is no part of any.
 */
export function schemaSql(database: Database): readonly string[] {
    return database
        .prepare(
            "select sql from sqlite_schema where sql is not null and name not like 'sqlite^_%' escape '^' and name not glob 'elt_touched_*' order by rowid",
        )
        .pluck()
        .all() as string[];
}

/** A schema in memory, where statements can be compiled without touching a database. */
export function openScratch(schema: readonly string[]): Database {
    const scratch = new Sqlite(':memory:');
    for (const sql of schema) {
        scratch.exec(sql);
    }
    return scratch;
}

/**
 * Reads `explain`, which names the root page of each table and index that a statement opens.
 * Source: https://www.sqlite.org/opcode.html (OpenRead, OpenWrite: P2 is the root page, P3 the database).
 */
export function tablesTouched(
    database: Database,
    sql: string,
    /** Values for its parameters, which change nothing, but the driver requires them. */
    values: Readonly<Record<string, null>> = {},
): TablesTouched {
    const roots = new Map(
        (
            database.prepare('select rootpage, tbl_name from sqlite_schema where rootpage > 0').all() as {
                rootpage: number;
                tbl_name: string;
            }[]
        ).map((row) => [row.rootpage, row.tbl_name]),
    );
    const reads = new Set<string>();
    const writes = new Set<string>();
    const explained = database.prepare(`explain ${sql}`).all(values) as {
        opcode: string;
        p1: number;
        p2: number;
        p3: number;
    }[];
    for (const { opcode, p1, p2, p3 } of explained) {
        if ((opcode === 'OpenRead' || opcode === 'OpenWrite') && p3 === 0) {
            (opcode === 'OpenRead' ? reads : writes).add(roots.get(p2) ?? '');
        } else if (opcode === 'Clear' && p2 === 0) {
            writes.add(roots.get(p1) ?? '');
        }
    }
    reads.delete('');
    writes.delete('');
    return { reads: [...reads], writes: [...writes] };
}
