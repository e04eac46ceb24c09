import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { elt, eltJson, workFolder } from '../support/elt.ts';

/** People name tables as PostgreSQL does: what they are called here is said. */

const insert = (schema: string, table: string): string =>
    `{"change":[{"kind":"insert","schema":"${schema}","table":"${table}","columnnames":["id"],"columntypes":["integer"],"columnvalues":[1],"pk":{"pknames":["id"],"pktypes":["integer"]}}]}\n`;

test('a table of PostgreSQL is found by its own name, and what waits for a key by its command', async () => {
    const cwd = workFolder();
    const options = { cwd, env: { ELT_PIPELINE: 'shop' } };
    writeFileSync(join(cwd, 'wal.jsonl'), insert('public', 'orders') + insert('shop', 'items'));
    expect((await elt(['init', 'shop', '--from', 'wal.jsonl'], options)).status).toBe(0);
    writeFileSync(
        join(cwd, 'wal.jsonl'),
        insert('public', 'orders') + insert('shop', 'items') + insert('shop', 'logs'),
    );
    expect((await elt(['run', 'wal.jsonl'], options)).status).toBe(0);

    for (const [name, meant] of [
        ['orders', 'current_orders'],
        ['public.Orders', 'current_orders'],
        ['shop.items', 'current_shop__items'],
        ['shop.logs', 'stg_shop__logs'],
        ['current_order', 'current_orders'],
    ] as const) {
        const { stdout, status } = await elt(['show', name, '--json'], options);
        expect([status, JSON.parse(stdout).error.found]).toEqual([2, `did you mean "${meant}"?`]);
    }
    expect(await eltJson(['show', 'current_shop__items'], options)).toMatchObject({ rows: [[1]] });
});

test('elt scaffold of a landed table without a key names the command, and does not wait for what has landed', async () => {
    const cwd = workFolder();
    const options = { cwd, env: { ELT_PIPELINE: 'shop' } };
    expect((await elt(['init', 'shop'], options)).status).toBe(0);
    writeFileSync(join(cwd, 'wal.jsonl'), insert('public', 'views').replace(/,"pk":.*?\}/, ''));
    expect((await elt(['run', 'wal.jsonl'], options)).status).toBe(0);
    expect((await elt(['scaffold', 'public.views'], options)).stderr).toBe(
        'public.views stays as changes: the stream names no key for it; "elt --pipeline shop scaffold public.views --key COLUMN"\n',
    );
});
