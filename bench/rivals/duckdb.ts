/**
 * Rival: DuckDB, tuned: the raw records as a temporary table of `VARCHAR[]`, one insert a table and column list, types
 * by cast, the tie broken by a window.
 */
import { readFileSync } from 'node:fs';
import type { DuckDBConnection } from '@duckdb/node-api';
import { declared, metricsSelect, readRecords, typed, withDuckdb } from './duckdb-raw.ts';
import type { TypedTables } from './typed-tables.ts';

const [mode = '', input = '', output = '', specFile = ''] = process.argv.slice(2);
const spec = JSON.parse(readFileSync(specFile, 'utf8')) as TypedTables;
await withDuckdb(output, mode === 'dump' ? dump : work);

/** Everything as text: how a number is printed is no part of what landed. */
async function dump(connection: DuckDBConnection): Promise<void> {
    const rows = (await connection.runAndReadAll(input)).getRows();
    process.stdout.write(
        JSON.stringify(rows.map((row) => row.map((value) => (value === null ? null : String(value))))),
    );
}

async function work(connection: DuckDBConnection): Promise<void> {
    if (mode !== 'append') {
        for (const table of spec.tables) {
            await connection.run(
                `create table if not exists ${table.name} (${table.columns.map(declared).join(', ')})`,
            );
        }
    }
    await connection.run(readRecords(input));
    if (mode === 'append' || mode === 'upsert') {
        await keepLastChanges(connection);
    }
    const shapes = await connection.runAndReadAll(
        "select distinct change.\"table\", array_to_string(change.columnnames, ',') from raw where change.kind <> 'delete'",
    );
    for (const [table, list] of shapes.getRows() as [string, string][]) {
        await insert(connection, table, list.split(','));
    }
    if (mode === 'run' || mode === 'append') {
        await connection.run('drop table if exists metrics');
        const select = metricsSelect((column, path) => `json_extract_string(${column}, '${path}')`);
        await connection.run(`create table metrics as\n${select}`);
    }
}

async function insert(connection: DuckDBConnection, source: string, names: readonly string[]): Promise<void> {
    const table = spec.tables.find((one) => one.source === source);
    const values = names.map((name, index) =>
        typed(
            `change.columnvalues[${index + 1}]`,
            table?.columns.find((one) => one.name === name),
        ),
    );
    const where = `change.kind <> 'delete' and change."table" = '${source}'
        and array_to_string(change.columnnames, ',') = '${names.join(',')}'`;
    const list = names.map((name) => `"${name}"`).join(', ');
    await connection.run(`insert into current_${source} (${list}) select ${values.join(', ')} from raw where ${where}`);
}

/** Of each key the last change stays, and its row is taken out of the table: so one writes an upsert of a batch. */
async function keepLastChanges(connection: DuckDBConnection): Promise<void> {
    for (const { source, name, key } of spec.tables) {
        await connection.run(`create temp table last_${source} as
            select raw.rowid as number, coalesce(
                change.columnvalues[list_position(change.columnnames, '${key}')], change.oldkeys.keyvalues[1]
            ) as key_value
            from raw where change."table" = '${source}'
            qualify row_number() over (partition by key_value order by raw.rowid desc) = 1`);
        await connection.run(`delete from ${name} where ${key} in (select key_value from last_${source})`);
        await connection.run(`delete from raw
            where change."table" = '${source}' and rowid not in (select number from last_${source})`);
    }
}
