import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { beforeEach, describe, expect, test } from 'vitest';
import { elt, workFolder } from '../../support/elt.ts';
import { expectError } from '../../support/error-lines.ts';

/** Rows of a relation of the stream, given by `--table schema.table`, and the names that such rows could take from it. */

const PK = [{ name: 'id', type: 'bigint' }];
const columns = (id: number, note: string | null) => [
    { name: 'id', type: 'bigint', value: id },
    { name: 'note', type: 'text', value: note },
    { name: 'price', type: 'numeric(10,2)', value: 1.5 },
    { name: 'paid', type: 'boolean', value: true },
    { name: 'mark', type: 'bytea', value: 'dead' },
];
const change = (action: 'I' | 'U', id: number, note: string | null): string =>
    `${JSON.stringify({ action, schema: 'shop', table: 'orders', columns: columns(id, note), pk: PK })}\n`;

/** As `\copy shop.orders to stdout csv header` writes it. */
const CSV = ['id,note,price,paid,mark', '1,,2.50,t,\\xbeef', '2,"",3.00,f,', '3,"a ""b"", ""c""",,t,\\x', ''].join(
    '\n',
);

let cwd = '';

beforeEach(async () => {
    cwd = workFolder();
    writeFileSync(join(cwd, 'capture.jsonl'), change('I', 9, 'new') + change('U', 2, 'updated'));
    writeFileSync(join(cwd, 'orders.csv'), CSV);
    expect((await elt(['init', 'shop', '--from', 'capture.jsonl'], { cwd })).status).toBe(0);
});

const run = (...words: string[]) => elt(['--pipeline', 'shop', 'run', ...words], { cwd });

function rows(sql: string): unknown[] {
    const database = new Sqlite(join(cwd, 'shop.db'), { readonly: true });
    try {
        return database.prepare(sql).all();
    } finally {
        database.close();
    }
}

describe('elt run --table shop.orders', () => {
    test('lands in the table of that relation, as its type and key are known: no drift', async () => {
        expect((await run('capture.jsonl')).status).toBe(0);
        const ran = await run('--table', 'shop.orders', 'orders.csv');
        expect(ran.status).toBe(0);
        // The capture updates an order that never came.
        expect(
            ran.stderr.replace(/^note: shop\.orders: an update or delete named a row that never came, .*\n/, ''),
        ).toBe('');
        expect(ran.stdout).not.toContain('drift');
        expect(rows('select id, note, price, paid, mark from stg_shop__orders where _load = 2')).toEqual([
            { id: 1, note: null, price: 2.5, paid: 1, mark: 'beef' },
            { id: 2, note: '', price: 3, paid: 0, mark: null },
            { id: 3, note: 'a "b", "c"', price: null, paid: 1, mark: '' },
        ]);
        expect(rows('select id from current_shop__orders order by id')).toEqual([
            { id: 1 },
            { id: 2 },
            { id: 3 },
            { id: 9 },
        ]);
        expect(rows('select primary_key from elt_relations')).toEqual([{ primary_key: '["id"]' }]);
    });

    test('before the stream, the stream lands in the same table', async () => {
        expect((await run('--table', 'shop.orders', 'orders.csv')).status).toBe(0);
        const ran = await run('capture.jsonl');
        expect([ran.status, ran.stderr]).toEqual([0, '']);
        expect(rows('select * from elt_drift')).toEqual([]);
        expect(rows('select staging_table from elt_relations')).toEqual([{ staging_table: 'stg_shop__orders' }]);
        expect(rows('select id, note, price, paid from current_shop__orders order by id')).toEqual([
            { id: 1, note: null, price: 2.5, paid: 1 },
            { id: 2, note: 'updated', price: 1.5, paid: 1 },
            { id: 3, note: 'a "b", "c"', price: null, paid: 1 },
            { id: 9, note: 'new', price: 1.5, paid: 1 },
        ]);
    });

    test('in quotes, a name may hold what it likes', async () => {
        const ran = await run('--table', 'shop."a.b c"', 'orders.csv');
        expect(ran.status).toBe(0);
        expect(rows('select schema_name, table_name, staging_table from elt_relations')).toEqual([
            { schema_name: 'shop', table_name: 'a.b c', staging_table: 'stg_shop__a.b c' },
        ]);
    });

    test.each(['a.b.c', 'shop.', '.orders', '"shop', '"shop".or ders', ''])(
        'a name that is none is refused: %s',
        async (name) => {
            expectError(await run('--table', name, 'orders.csv'), {
                status: 2,
                code: 'COMMAND_WRONG',
                says: name,
                has: ['found', 'state', 'next'],
            });
        },
    );

    test('a row that was put aside lands there too, once its value is right', async () => {
        expect((await run('capture.jsonl')).status).toBe(0);
        writeFileSync(join(cwd, 'bad.csv'), 'id,note\nx,1\n');
        expect((await run('--table', 'shop.orders', 'bad.csv')).status).toBe(4);
        expect(rows('select relation from elt_rejects')).toEqual([{ relation: 'shop.orders' }]);
        const retried = await elt(['--pipeline', 'shop', 'rejects', 'retry'], { cwd });
        expect([retried.status, retried.stdout]).toEqual([4, expect.stringContaining('type bigint cannot hold')]);
        expect(rows('select staging_table from elt_relations')).toEqual([{ staging_table: 'stg_shop__orders' }]);
    });
});

describe('a name that a current table has for another relation', () => {
    test.each(['shop__orders', 'SHOP__Orders', 'public.shop__orders'])(
        'is refused before anything lands: %s',
        async (name) => {
            const ran = await run('--table', name, 'orders.csv');
            expectError(ran, {
                status: 2,
                code: 'COMMAND_WRONG',
                says: 'shop.orders',
                has: ['where', 'found', 'state', 'next'],
            });
            expect(ran.stderr).toContain('say --table shop.orders');
            expect(rows('select * from elt_loads')).toEqual([]);
            expect(rows('select * from elt_relations')).toEqual([]);
        },
    );

    test('is refused too where a source of rows declares it', async () => {
        const declaration = '-- files: orders*.csv\ncreate table shop__orders (id integer);';
        mkdirSync(join(cwd, 'sql', 'shop', 'sources'));
        writeFileSync(join(cwd, 'sql', 'shop', 'sources', 'shop__orders.sql'), declaration);
        const ran = await run('orders.csv');
        expectError(ran, { status: 2, code: 'COMMAND_WRONG', says: 'sources/shop__orders.sql', has: ['where'] });
    });
});
