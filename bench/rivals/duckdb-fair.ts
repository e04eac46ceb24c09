/**
 * Rival: DuckDB with the same promises. Every change is kept, typed and in order; the fold follows deletes, keys that
 * move and columns that updates leave out (it is the one that `elt print --engine duckdb` prints); what the data tests
 * of elt ask is asked before the commit, and the whole is one transaction. New changes are folded on the rows that they
 * name; `metrics` is filled again.
 */
import { readFileSync } from 'node:fs';
import type { DuckDBConnection } from '@duckdb/node-api';
import { duckdbDialect } from '../../src/scale/dialects/duckdb-dialect.ts';
import { foldSql } from '../../src/scale/fold/fold-sql.ts';
import { declared, metricsSelect, readRecords, typed, withDuckdb } from './duckdb-raw.ts';
import { martTests, tableTests } from './duckdb-tests.ts';
import type { TypedTable, TypedTables } from './typed-tables.ts';

const [mode = '', input = '', output = '', specFile = ''] = process.argv.slice(2);
const spec = JSON.parse(readFileSync(specFile, 'utf8')) as TypedTables;
/** The rows of before enter a fold ahead of all changes: their numbers begin after minus this. */
const FIRST = 1_000_000_000_000;

await withDuckdb(output, work);

async function work(connection: DuckDBConnection): Promise<void> {
    // Before the transaction: rows that it has added are not numbered from 0 until it ends.
    await connection.run(readRecords(input));
    await connection.run('begin');
    for (const { source, name, key, columns } of spec.tables) {
        const typedColumns = columns.map(declared).join(', ');
        const old = columns.find((column) => column.name === key);
        await connection.run(`create table if not exists stg_${source} (
            _seq BIGINT, _op VARCHAR, _absent VARCHAR, ${old === undefined ? '' : declared({ ...old, name: `_old_${key}` })},
            ${typedColumns}
        )`);
        await connection.run(`create table if not exists ${name} (${typedColumns})`);
    }
    const previous = await stage(connection);
    if (mode !== 'land') {
        await transform(connection, previous);
    }
    await connection.run('commit');
}

/** Appends all changes to staging. Resolves with the number of the last one before them. */
async function stage(connection: DuckDBConnection): Promise<number> {
    const last = spec.tables.map(({ source }) => `(select max(_seq) from stg_${source})`).join(', ');
    const previous = Number(await firstValue(connection, `select coalesce(greatest(${last}), 0)`));
    const shapes = await connection.runAndReadAll(
        `select distinct change."table", change.kind, array_to_string(change.columnnames, ',') from raw`,
    );
    for (const [source, kind, list] of shapes.getRows() as [string, string, string | null][]) {
        const table = spec.tables.find((one) => one.source === source);
        if (table !== undefined) {
            await connection.run(stageShape(table, kind, list?.split(',') ?? [], previous));
        }
    }
    return previous;
}

/** The changes of one table that have the same columns. */
function stageShape({ source, key, columns }: TypedTable, kind: string, names: readonly string[], previous: number) {
    const keyColumn = columns.find((column) => column.name === key);
    const old = typed(`change.oldkeys.keyvalues[list_position(change.oldkeys.keynames, '${key}')]`, keyColumn);
    const values = names.map((name, index) =>
        typed(
            `change.columnvalues[${index + 1}]`,
            columns.find((one) => one.name === name),
        ),
    );
    const absent = columns.filter(({ name }) => !names.includes(name)).map(({ name }) => name);
    const written =
        kind === 'delete'
            ? { names: [key], values: [old], absent: 'null', old: 'null' }
            : {
                  names,
                  values,
                  absent: kind === 'update' && absent.length > 0 ? `',${absent.join(',')},'` : 'null',
                  old: kind === 'update' ? `nullif(${old}, ${values[names.indexOf(key)]})` : 'null',
              };
    return `insert into stg_${source} (_seq, _op, _absent, "_old_${key}", ${written.names.map((name) => `"${name}"`).join(', ')})
        select ${previous + 1} + rowid, '${kind}', ${written.absent}, ${written.old}, ${written.values.join(', ')}
        from raw
        where change."table" = '${source}' and change.kind = '${kind}'
            and ${kind === 'delete' ? 'true' : `array_to_string(change.columnnames, ',') = '${names.join(',')}'`}
        order by rowid`;
}

async function transform(connection: DuckDBConnection, previous: number): Promise<void> {
    const tests: string[] = [];
    for (const table of spec.tables) {
        await fold(connection, table, previous);
        tests.push(...tableTests(table, previous));
    }
    if (mode !== 'upsert') {
        // A text that is not JSON has no values.
        const select = metricsSelect(
            (column, path) => `case when json_valid(${column}) then json_extract_string(${column}, '${path}') end`,
        );
        await connection.run(`create or replace table metrics as\n${select}`);
        tests.push(...martTests(select));
    }
    for (const query of tests) {
        if ((await connection.runAndReadAll(query)).getRows().length > 0) {
            throw new Error(`a data test found bad rows: ${query}`);
        }
    }
}

/** A first fold takes all changes; a later one those that are new, on the rows that they name. */
async function fold(connection: DuckDBConnection, { source, name, key, columns }: TypedTable, previous: number) {
    const old = `_old_${key}`;
    const list = columns.map((column) => `"${column.name}"`).join(', ');
    const fresh = `from stg_${source} where _seq > ${previous}`;
    const has = async (condition: string): Promise<boolean> =>
        Boolean(await firstValue(connection, `select exists (select 1 ${fresh} and ${condition})`));
    if (previous > 0) {
        await connection.run(`create temp table reached_${source} as
            select "${key}" ${fresh} union select "${old}" ${fresh} and "${old}" is not null`);
        await connection.run(`create temp table base_${source} as
            select * from ${name} where "${key}" in (select "${key}" from reached_${source})`);
        await connection.run(`create temp view folded_${source} as
            select row_number() over () - ${FIRST} as _seq, 'insert' as _op, null::VARCHAR as _absent, null as "${old}", ${list}
            from base_${source}
            union all
            select _seq, _op, _absent, "${old}", ${list} ${fresh}`);
        await connection.run(`delete from ${name} where "${key}" in (select "${key}" from reached_${source})`);
    }
    const { steps, rows } = foldSql(
        {
            tail: source,
            changes: previous > 0 ? `folded_${source}` : `stg_${source}`,
            key: [key],
            columns: columns as Parameters<typeof foldSql>[0]['columns'],
            since: -FIRST,
            whole: FIRST,
            hasPatches: await has('_absent is not null'),
            hasMoves: await has(`"${old}" is not null`),
            hasDrags: await has(`_absent is not null and "${old}" is not null`),
        },
        duckdbDialect,
    );
    for (const step of steps) {
        await connection.run(step);
    }
    await connection.run(`insert into ${name} (${list})\n${rows}`);
}

async function firstValue(connection: DuckDBConnection, query: string): Promise<unknown> {
    return (await connection.runAndReadAll(query)).getRows()[0]?.[0];
}
