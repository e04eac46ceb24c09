/** Rival: what one writes first in Node. `JSON.parse` of the whole file, better-sqlite3, one transaction. */
import { readFileSync } from 'node:fs';
import Sqlite from 'better-sqlite3';
import { createKey, createTable, type TypedTables } from './typed-tables.ts';

interface Change {
    readonly kind: string;
    readonly table: string;
    readonly columnnames: readonly string[];
    readonly columnvalues: readonly unknown[];
    readonly oldkeys?: { readonly keynames: readonly string[]; readonly keyvalues: readonly unknown[] };
}

const [mode = '', input = '', output = '', specFile = ''] = process.argv.slice(2);
const spec = JSON.parse(readFileSync(specFile, 'utf8')) as TypedTables;
const database = new Sqlite(output);
database.pragma('page_size = 8192');
const inserts = new Map<string, Sqlite.Statement>();

database.exec('begin');
if (mode !== 'append') {
    for (const table of spec.tables) {
        database.exec(createTable(table).replace('create table', 'create table if not exists'));
        if (mode === 'upsert') {
            database.exec(createKey(table).replace('index', 'index if not exists'));
        }
    }
}
for (const record of JSON.parse(readFileSync(input, 'utf8')) as { change: Change[] }[]) {
    for (const change of record.change) {
        take(change);
    }
}
if (mode === 'run') {
    for (const table of spec.tables) {
        database.exec(createKey(table));
    }
    for (const sql of [...spec.indexes, spec.view, spec.mart]) {
        database.exec(sql);
    }
}
if (mode === 'run' || mode === 'append') {
    database.exec('delete from metrics');
    database.exec('insert into metrics select * from metrics_now');
}
database.exec('commit');
database.close();

function take(change: Change): void {
    if (change.kind === 'delete') {
        const where = change.oldkeys?.keynames.map((name) => `"${name}" = ?`).join(' and ');
        const sql = `delete from current_${change.table} where ${where}`;
        database.prepare(sql).run(...(change.oldkeys?.keyvalues ?? []));
        return;
    }
    const shape = `${change.table} ${change.columnnames.join()}`;
    let insert = inserts.get(shape);
    if (insert === undefined) {
        const names = change.columnnames.map((name) => `"${name}"`).join(', ');
        const places = change.columnnames.map(() => '?').join(', ');
        insert = database.prepare(`insert or replace into current_${change.table} (${names}) values (${places})`);
        inserts.set(shape, insert);
    }
    insert.run(change.columnvalues.map((value) => (typeof value === 'boolean' ? Number(value) : value)));
}
