import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { beginAttempt } from '../../src/ledger/pushes.ts';
import { modelOf } from '../../src/project/model-files.ts';
import { martShape } from '../../src/push/mart-shape.ts';
import { trackTouched } from '../../src/push/touched-keys.ts';
import { closeDatabase, openDatabase } from '../../src/sqlite/database.ts';
import { elt, eltJson, workFolder } from '../support/elt.ts';

/** What nothing reads, what nothing fills any more, and what waits for a name that is misspelt: each is said. */

const insert = (table: string, id: number): string =>
    `{"change":[{"kind":"insert","schema":"shop","table":"${table}","columnnames":["id"],"columntypes":["integer"],"columnvalues":[${id}],"pk":{"pknames":["id"],"pktypes":["integer"]}}]}\n`;
const mart = (name: string, from: string): string =>
    `create table if not exists ${name} (id integer);\ndelete from ${name};\ninsert into ${name}\nselect id\nfrom ${from};\n`;

let cwd = '';
const at = (): { cwd: string; env: Record<string, string> } => ({
    cwd,
    env: { ELT_PIPELINE: 'shop', ELT_PROJECT: cwd },
});

function write(file: string, text: string): void {
    const path = join(cwd, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
}

interface Status {
    readonly orphans: readonly { readonly model: string; readonly objects: readonly string[] }[];
    readonly models: readonly { readonly model: string }[];
    readonly tables: readonly unknown[];
    readonly error?: { readonly code: string };
}

beforeEach(async () => {
    cwd = workFolder();
    write('capture.jsonl', insert('orders', 1) + insert('orders', 2));
    write('sql/shop/marts/copy.sql', mart('copy', 'stg_shop__orders'));
    write('migrations/shop/0001_create_kept.sql', 'create table kept (id integer);\n');
    const ran = await elt(['run', 'capture.jsonl'], at());
    expect([ran.status, ran.stderr]).toEqual([0, '']);
});

describe('a relation that no model reads', () => {
    test('is named by run, transform and status, with the command that folds it', async () => {
        write('more.jsonl', insert('coupons', 1));
        const note = 'note: shop.coupons has landed and no model reads it: "elt scaffold shop.coupons"';
        for (const words of [['run', 'more.jsonl'], ['transform'], ['status']]) {
            const ran = await elt(words, at());
            expect([ran.status, ran.stderr.includes(note)]).toEqual([0, true]);
        }
        write('sql/shop/marts/coupons.sql', mart('coupons', 'stg_shop__coupons'));
        expect((await elt(['transform'], at())).stderr).toBe('');
    });

    test('is no matter where the pipeline only lands', async () => {
        rmSync(join(cwd, 'sql', 'shop', 'marts', 'copy.sql'));
        expect((await elt(['transform'], at())).stderr).toBe('');
    });
});

test('a model that waits for a misspelt table gets the name that it means', async () => {
    write('sql/shop/marts/typo.sql', mart('typo', 'stg_shop__order'));
    for (const words of [['transform'], ['status']]) {
        const ran = await elt(words, at());
        expect(ran.stderr).toContain('note: typo waits for stg_shop__order: did you mean "stg_shop__orders"?');
    }
});

describe('a model whose file is gone', () => {
    beforeEach(() => {
        rmSync(join(cwd, 'sql', 'shop', 'marts', 'copy.sql'));
        write('sql/shop/marts/other.sql', mart('other', 'stg_shop__orders'));
    });

    test('is named by status until elt prune drops its table', async () => {
        expect((await elt(['status'], at())).stdout).toContain('no file fills copy: sql/shop/marts/copy.sql is gone');
        expect((await eltJson<Status>(['status'], at())).orphans).toMatchObject([{ model: 'copy', objects: ['copy'] }]);
        expect((await elt(['prune', '--dry-run'], at())).stdout).toContain('would be dropped  copy');
        expect((await elt(['show', 'copy'], at())).status).toBe(0);
        expect((await elt(['prune'], at())).stdout).toContain('dropped  copy');
        expect((await elt(['show', 'copy'], at())).status).toBe(2);
        expect((await elt(['prune'], at())).stdout).toContain('nothing to drop');
        expect((await eltJson<Status>(['status'], at())).orphans).toEqual([]);
        expect((await elt(['verify'], at())).status).toBe(0);
    });

    test('is pushed nowhere any more when it is dropped; its target keeps the rows', async () => {
        const database = openDatabase(join(cwd, 'shop.db'));
        beginAttempt(database, 'copy', { name: 'postgres:///reports/public.copy', kind: 'postgres' });
        trackTouched(database, martShape(database, 'copy', modelOf('copy', 'mart', 'copy.sql', '-- key: id\n')));
        closeDatabase(database);
        const forgotten = 'copy to postgres:///reports/public.copy: it keeps its rows';
        expect((await elt(['prune', '--dry-run'], at())).stdout).toContain(`would be forgotten  ${forgotten}`);
        const { stdout } = await elt(['prune'], at());
        expect(stdout).toContain('dropped  copy, elt_touched_copy: ');
        expect(stdout).toContain(`forgot  ${forgotten}`);
        expect((await elt(['push', 'status'], at())).stdout).toBe('no mart is pushed anywhere\n');
        const left = openDatabase(join(cwd, 'shop.db'), { readonly: true });
        expect(left.prepare('select mart from elt_push_marts').all()).toEqual([]);
        closeDatabase(left);
    });

    test('keeps what another file creates under its name, and what a migration made', async () => {
        const from = 'stg_shop__orders';
        write('sql/shop/marts/renamed.sql', mart('renamed', from) + mart('copy', from));
        write('sql/shop/marts/kept.sql', 'delete from kept;\ninsert into kept\nselect id\nfrom stg_shop__orders;\n');
        expect((await elt(['transform'], at())).status).toBe(0);
        rmSync(join(cwd, 'sql', 'shop', 'marts', 'kept.sql'));
        expect((await elt(['prune'], at())).stdout).toContain('nothing to drop');
        expect((await elt(['show', 'copy'], at())).status).toBe(0);
        expect((await elt(['show', 'kept'], at())).status).toBe(0);
    });
});

describe('status where a SQL file is wrong', () => {
    beforeEach(() => write('sql/shop/marts/wrong.sql', mart('wrong', 'nowhere')));

    test('prints what it knows, then the error', async () => {
        const ran = await elt(['status'], at());
        expect(ran.status).toBe(6);
        expect(ran.stdout).toContain('stg_shop__orders');
        expect(ran.stdout).toContain('0 open rejects');
        expect(ran.stderr).toContain('sql/shop/marts/wrong.sql:');
    });

    test('as JSON writes one value with the error in it', async () => {
        const ran = await elt(['status', '--json'], at());
        expect(ran.status).toBe(6);
        const status = JSON.parse(ran.stdout) as Status;
        expect([status.tables.length, status.error?.code]).toEqual([1, 'SQL_STATEMENT']);
    });
});
