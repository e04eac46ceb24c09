import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { begin, commit, type Database, openDatabase } from '../../src/sqlite/database.ts';
import { PartFile } from '../../src/sqlite/pages/part-file.ts';
import { SqliteRowWriter } from '../../src/sqlite/pages/sqlite-row-writer.ts';
import { workFolder } from '../support/elt.ts';

export type Value = null | bigint | number | string;

export const DDL = (name: string) =>
    `create table "${name}" (_seq integer primary key, a any, b any, c any, d any) strict`;

export function openFile(): Database {
    const database = openDatabase(join(workFolder(), 'rows.db'), { create: true });
    database.pragma('synchronous = OFF');
    onTestFinished(() => {
        database.close();
    });
    return database;
}

/** Puts rows into tables by way of a part file, `together` rows at a time; `_seq` counts from `first`. */
export function put(
    database: Database,
    tables: ReadonlyMap<string, readonly Value[][]>,
    together = 100,
    first = 1,
): void {
    const part = new PartFile(database);
    begin(database);
    const written = [...tables].map(([name, rows]) => {
        const writer = new SqliteRowWriter();
        for (const [at, row] of rows.entries()) {
            writer.begin();
            writer.addNull();
            for (const value of row) {
                if (value === null) {
                    writer.addNull();
                } else if (typeof value === 'string') {
                    writer.addText(value);
                } else if (typeof value === 'bigint') {
                    writer.addInteger(value);
                } else {
                    writer.addReal(value);
                }
            }
            writer.end(first + at);
        }
        const leaves = [];
        for (let from = 0; from < rows.length; from += together) {
            leaves.push(...part.append(writer, from, Math.min(from + together, rows.length)));
        }
        return { name, sql: DDL(name), leaves };
    });
    part.take(written);
    commit(database);
    part.release();
    expect(existsSync(part.path)).toBe(false);
}

export function rowsOf(database: Database, table: string): Value[][] {
    return database.prepare(`select a, b, c, d from "${table}" order by _seq`).raw().safeIntegers().all() as Value[][];
}
