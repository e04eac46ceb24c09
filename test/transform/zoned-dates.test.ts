import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { elt, workFolder } from '../support/elt.ts';

/** A date function on a `timestamptz` as it landed is null without an error: `elt run`, `elt status` and `elt check` say so. */

const columns = [
    { name: 'id', type: 'integer', value: 1 },
    { name: 'ordered_at', type: 'timestamp with time zone', value: '2026-11-20 23:59:59.5+00' },
    { name: 'Paid', type: 'timestamp(3) with time zone', value: '2026-11-20 23:59:59.5+00' },
    { name: 'noted_at', type: 'timestamp without time zone', value: '2026-11-20 23:59:59.5' },
    { name: 'day', type: 'date', value: '2026-11-20' },
];
const event = [
    { name: 'id', type: 'integer', value: 1 },
    { name: 'noted_at', type: 'timestamp with time zone', value: '2026-11-20 23:59:59.5+00' },
];
const stream = [
    { action: 'I', schema: 'public', table: 'orders', columns, pk: [{ name: 'id', type: 'integer' }] },
    { action: 'I', schema: 'public', table: 'events', columns: event, pk: [{ name: 'id', type: 'integer' }] },
];

/** The statement after `insert into days (day)`, and the call that is named; null: none. */
const CASES: readonly (readonly [select: string, call: string | null])[] = [
    ['select date(ordered_at) from stg_orders', 'date(ordered_at)'],
    ['select DateTime ( "ordered_at" ) from stg_orders', 'datetime(ordered_at)'],
    ['select unixepoch(o.ordered_at) from stg_orders as o', 'unixepoch(ordered_at)'],
    ['select julianday(stg_orders.ordered_at) from main.stg_orders', 'julianday(ordered_at)'],
    ["select strftime('%Y', paid, 'start of day') from stg_orders", 'strftime(paid)'],
    ['with found as (select ordered_at from stg_orders)\nselect date(ordered_at) from found', 'date(ordered_at)'],
    ["select date(ordered_at, '-1 day') from stg_orders", 'date(ordered_at)'],
    ['select date(substr(ordered_at, 1, 19)) from stg_orders', null],
    ["select date(ordered_at || ':00') from stg_orders", null],
    ['select date(day) from stg_orders', null],
    ['select date(noted_at) from stg_orders', null],
    ['select date(noted_at) from stg_events', 'date(noted_at)'],
    // Of which of the two is not certain.
    ['select date(o.noted_at) from stg_orders as o inner join stg_events using (id)', null],
    [
        'with found as (select substr(ordered_at, 1, 19) as ordered_at from stg_orders)\nselect date(ordered_at) from found',
        null,
    ],
    ["select date('2026-11-20') from stg_orders", null],
    ["select 'date(ordered_at)' from stg_orders", null],
    ['select date(ordered_at) from cleaned', null],
];

describe('a date function in a model', () => {
    test.each(CASES)('%s', async (select, call) => {
        const cwd = workFolder();
        const write = (file: string, text: string): void => {
            mkdirSync(dirname(join(cwd, file)), { recursive: true });
            writeFileSync(join(cwd, file), text);
        };
        write('wal.jsonl', stream.map((record) => `${JSON.stringify(record)}\n`).join(''));
        write(
            'sql/shop/views/cleaned.sql',
            'drop view if exists cleaned;\ncreate view cleaned as select substr(ordered_at, 1, 19) as ordered_at from stg_orders;\n',
        );
        const both = 'select count(*) from stg_orders, stg_events';
        write(
            'sql/shop/marts/days.sql',
            `create table if not exists days (day);\ndelete from days;\ninsert into days (day)\n${select};\ninsert into days ${both};\n`,
        );
        const options = { cwd, env: { ELT_PIPELINE: 'shop', ELT_PROJECT: cwd } };
        for (const words of [['run', 'wal.jsonl'], ['status']]) {
            const ran = await elt(words, options);
            expect(ran.status, ran.stderr).toBe(0);
            const named = [...ran.stderr.matchAll(/^note: sql\/shop\/marts\/days\.sql:(\d+): (\S+) is null/gm)];
            const line = select.startsWith('with') ? '5' : '4';
            expect(named.map((match) => [match[1], match[2]])).toEqual(call === null ? [] : [[line, call]]);
        }
        const { stdout } = await elt(['check'], options);
        expect(stdout.match(/^sql\/shop\/marts\/days\.sql:\d+: \S+ is null/gm)?.length ?? 0).toBe(
            call === null ? 0 : 1,
        );
    });
});

test('what docs/values.md says instead is true of every offset', () => {
    const database = new Sqlite(':memory:');
    const inUtc = database
        .prepare("select datetime(iif(substr(:x, -3, 1) in ('+', '-'), :x || ':00', :x)), date(:x)")
        .raw();
    expect(inUtc.get({ x: '2026-11-20 23:59:59.5+00' })).toEqual(['2026-11-20 23:59:59', null]);
    expect(inUtc.get({ x: '2026-11-21 00:59:59.5+01' })).toEqual(['2026-11-20 23:59:59', null]);
    expect(inUtc.get({ x: '2026-11-20 20:29:59-03:30' })).toEqual(['2026-11-20 23:59:59', '2026-11-20']);
    database.close();
});
