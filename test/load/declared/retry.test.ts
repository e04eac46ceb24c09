import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { elt, PROJECT, workFolder } from '../../support/elt.ts';

/** `elt rejects retry` of rows: what fits the fixed declaration lands, in the form in which the source was framed. */

class Shop {
    readonly cwd = workFolder();

    declare(head: string, columns: string): void {
        const folder = join(this.cwd, 'project', 'sql', 'shop', 'sources');
        mkdirSync(folder, { recursive: true });
        mkdirSync(join(this.cwd, 'project', 'migrations'), { recursive: true });
        writeFileSync(join(folder, 'orders.sql'), `-- ${head}\ncreate table orders (${columns});\n`);
    }

    async run(...words: string[]): Promise<{ readonly status: number | null; readonly stdout: string }> {
        return await elt(['--pipeline', 'shop', '--project', 'project', ...words], { cwd: this.cwd });
    }

    /** Loads a file of which so many rows are put aside. */
    async load(name: string, text: string, rejected: number, ...words: string[]): Promise<void> {
        writeFileSync(join(this.cwd, name), text);
        await this.run('migrate');
        const { loads } = JSON.parse((await this.run('load', name, '--json', ...words)).stdout);
        expect(loads[0].rejected).toBe(rejected);
    }

    rows(sql: string): unknown[] {
        const database = new Sqlite(join(this.cwd, 'shop.db'), { readonly: true });
        try {
            return database.prepare(sql).raw().all();
        } finally {
            database.close();
        }
    }
}

const forms: readonly [what: string, name: string, head: string, text: string][] = [
    ['CSV', 'orders.csv', 'files: orders*.csv', 'id,note\n1,a\nA-2,b\n'],
    [
        'CSV with a byte order mark and another delimiter',
        'orders.csv',
        'files: orders*.csv',
        '\ufeff"id";"note"\r\n1;a\r\n"A-2";"b"\r\n',
    ],
    [
        'CSV whose delimiter is declared, and whose header must be quoted',
        'orders.csv',
        'delimiter: tab',
        'id\tnote\t"odd\t""name"""\n1\ta\tx\nA-2\tb\ty\n',
    ],
    ['JSON lines', 'orders.jsonl', 'files: orders*.jsonl', '{"id": 1, "note": "a"}\n{"note": "b", "id": "A-2"}\n'],
    [
        'an array of JSON over several lines',
        'orders.json',
        'files: orders*.json',
        '[\n {"id": 1, "note": "a"},\n {\n  "id": "A-2",\n  "note": "b"\n }\n]',
    ],
];

describe.each(forms)('%s', (_, name, head, text) => {
    test('a row lands once its declaration takes it, and only once', async () => {
        const shop = new Shop();
        shop.declare(head, 'id integer primary key, note text not null');
        await shop.load(name, text, 1, ...(head.startsWith('files') ? [] : ['--table', 'orders']));
        const before = await shop.run('rejects', 'retry');
        expect([before.status, before.stdout]).toEqual([4, expect.stringContaining('left     reject 1')]);
        shop.declare(head, 'id text primary key, note text not null');
        const after = await shop.run('rejects', 'retry');
        expect([after.status, after.stdout.trim()]).toEqual([0, 'landed   reject 1, after everything that has landed']);
        expect((await shop.run('rejects', 'retry')).stdout).toBe('no open rejects\n');
        expect(shop.rows('select cast(id as text), note from stg_orders order by _seq')).toEqual([
            ['1', 'a'],
            ['A-2', 'b'],
        ]);
        expect(shop.rows('select state from elt_rejects')).toEqual([['retried']]);
        expect((await shop.run('verify')).status).toBe(0);
    });
});

test('a row of a table of which nothing is declared is read as a row', async () => {
    const shop = new Shop();
    shop.declare('files: none.csv', 'other text');
    await shop.load('things.csv', 'a,b\n1,2\n3\n', 1, '--table', 'things');
    const ran = await shop.run('rejects', 'retry');
    expect([ran.status, ran.stdout]).toEqual([4, expect.stringContaining('the row has 1 fields, the header 2')]);
    expect(shop.rows('select a, b from stg_things')).toEqual([['1', '2']]);
});

test('rows that fit no declaration are left with their reason, the others land', async () => {
    const shop = new Shop();
    shop.declare('files: orders*.csv', 'id integer, at date');
    await shop.load('orders.csv', 'id,at\n1,2024-02-30\nx,2024-01-01\n2\n3,"a\n', 4);
    shop.declare('files: orders*.csv', 'id integer, at text');
    const ran = await shop.run('rejects', 'retry');
    expect(ran.status).toBe(4);
    expect(ran.stdout.trim().split('\n')).toEqual([
        'landed   reject 1, after everything that has landed',
        'left     reject 2: column "id" of type bigint cannot hold "x"',
        'left     reject 3: the row has 1 fields, the header 2',
        'left     reject 4: a quoted field is not closed',
    ]);
    expect(shop.rows('select id, at from stg_orders')).toEqual([[1, '2024-02-30']]);
});

test('the card transactions: the declaration is fixed in the pipeline, and the row reaches the mart', async () => {
    const cwd = workFolder();
    const header = 'user_id,transaction_type,merchant_type_code,amount_cents,datetime';
    writeFileSync(
        join(cwd, 'combined_transactions.csv'),
        `${header}\n1,PurchaseActivity,0742,5,2024-05-01 09:12:44\n2,ReturnActivity,0742,7,01.05.2024\n`,
    );
    const words = ['--pipeline', 'card_spend', '--project', 'fixed'];
    for (const folder of ['sql', 'migrations']) {
        cpSync(join(PROJECT, folder), join(cwd, 'fixed', folder), { recursive: true });
    }
    expect((await elt([...words, 'run', 'combined_transactions.csv'], { cwd })).status).toBe(4);
    const source = join(cwd, 'fixed', 'sql', 'card_spend', 'sources', 'combined_transactions.sql');
    writeFileSync(source, readFileSync(source, 'utf8').replace('datetime timestamp', 'datetime text'));
    expect((await elt([...words, 'rejects', 'retry'], { cwd })).status).toBe(0);
    expect((await elt([...words, 'transform'], { cwd })).status).toBe(0);
    const asked = await elt([...words, 'query', 'transactions', 'userId=2', '--json'], { cwd });
    expect(JSON.parse(asked.stdout)).toMatchObject([{ merchant_type_code: '0742', amount_cents: 7 }]);
});
