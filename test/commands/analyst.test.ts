import { cpSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { elt, eltJson, PROJECT, workFolder } from '../support/elt.ts';

/** The user's own project folder: edits of models and migrations, right and wrong ones. */

const sample = elt(['sample', 'payments', '--records', '120', '--seed', '5']);
const MART = join('sql', 'payments', 'marts', 'metrics.sql');

interface Shown {
    readonly count: number;
    readonly columns: readonly string[];
    readonly rows: readonly (readonly unknown[])[];
}

let cwd = '';

beforeEach(async () => {
    cwd = workFolder();
    cpSync(join(PROJECT, 'sql'), join(cwd, 'sql'), { recursive: true });
    cpSync(join(PROJECT, 'migrations'), join(cwd, 'migrations'), { recursive: true });
    writeFileSync(join(cwd, 'wal.json'), (await sample).stdout);
    expect((await elt(['run', 'wal.json'], { cwd })).status).toBe(0);
});

function edit(file: string, change: (text: string) => string): void {
    const before = readFileSync(join(cwd, file), 'utf8');
    const after = change(before);
    expect(after).not.toBe(before);
    writeFileSync(join(cwd, file), after);
}

const shown = async (): Promise<Shown> => await eltJson<Shown>(['show', 'metrics', '--limit', '1000'], { cwd });

describe('an edit of a model', () => {
    test('is picked up by the next transform, which refills it', async () => {
        const before = await shown();
        edit(MART, (text) => text.replace('payment.amount,', 'payment.amount / 100 as amount,'));
        const ran = await elt(['transform'], { cwd });
        expect([ran.status, ran.stderr]).toEqual([
            0,
            expect.stringMatching(/^note: sql\/payments\/upkeep\/metrics.sql is out of date/),
        ]);
        expect(ran.stdout).toMatch(/^metrics +edited/m);
        const after = await shown();
        const at = before.columns.indexOf('amount');
        const amounts = (table: Shown) => new Map(table.rows.map((row) => [row[0], Number(row[at])]));
        const expected = [...amounts(before)].map(([id, amount]) => [id, Math.trunc(amount / 100)] as const);
        expect(amounts(after)).toEqual(new Map(expected));
        expect((await elt(['transform'], { cwd })).stdout).toContain('nothing new');
    });

    test('of comments and layout alone refills nothing', async () => {
        edit(MART, (text) => `${text.replace('payment.amount,', 'payment.amount  ,')}\n-- a thought\n`);
        expect((await elt(['transform'], { cwd })).stdout).toContain('nothing new');
    });

    test('with an error leaves the old table and points at the line', async () => {
        const before = await shown();
        edit(MART, (text) => text.replace('payment.amount,', 'payment.amuont,'));
        const line = readFileSync(join(cwd, MART), 'utf8').split('payment.amuont')[0]?.split('\n').length;
        const ran = await elt(['transform'], { cwd });
        expect([ran.status, ran.stdout]).toEqual([6, '']);
        expect(ran.stderr).toContain('error SQL_STATEMENT:');
        expect(ran.stderr).toContain(`sql/payments/marts/metrics.sql:${line}`);
        expect(ran.stderr).toMatch(/\^/);
        expect(ran.stderr).toContain('nothing was published');
        expect(await shown()).toEqual(before);
    });

    test('that breaks a data test publishes nothing', async () => {
        const before = await shown();
        const anywhere = join('sql', 'payments', 'tests', 'metrics__negative.sql');
        writeFileSync(
            join(cwd, anywhere),
            '-- why: no amount is so small\n-- scope: all\n\nselect * from metrics where amount < 1000000000;\n',
        );
        const ran = await elt(['transform', '--rebuild'], { cwd });
        expect([ran.status, ran.stdout]).toEqual([6, '']);
        expect(ran.stderr).toContain('error TEST_FAILED: data test "metrics__negative" found');
        expect(ran.stderr).toContain(anywhere);
        expect(await shown()).toEqual(before);
        expect((await elt(['test'], { cwd })).status).toBe(6);
    });

    test('of its head with an unknown key is an error with its line', async () => {
        edit(MART, (text) => text.replace('-- why:', '-- wyh:'));
        const ran = await elt(['transform'], { cwd });
        expect(ran.status).toBe(6);
        expect(ran.stderr).toContain('error SQL_HEADER:');
        expect(ran.stderr).toContain('sql/payments/marts/metrics.sql:3');
    });
});

describe('a row edited by hand', () => {
    test('is found by verify and fixed by rebuild', async () => {
        const { openDatabase } = await import('../../src/sqlite/database.ts');
        const database = openDatabase(join(cwd, 'payments.db'));
        database.exec('update metrics set amount = -1 where rowid = 3');
        database.close();
        const wrong = await elt(['verify'], { cwd });
        expect(wrong.status).toBe(6);
        expect(wrong.stderr).toContain('error MODEL_WRONG:');
        expect(wrong.stdout).toMatch(/^WRONG {3}metrics/m);
        expect((await elt(['rebuild', 'metrics'], { cwd })).status).toBe(0);
        expect((await elt(['verify'], { cwd })).status).toBe(0);
    });

    test('in staging is found by verify, as damage', async () => {
        const { openDatabase } = await import('../../src/sqlite/database.ts');
        const database = openDatabase(join(cwd, 'payments.db'));
        database.exec(
            'update stg_transaction set amount = amount + 1 where _seq = (select min(_seq) from stg_transaction)',
        );
        database.close();
        const wrong = await elt(['verify'], { cwd });
        expect(wrong.status).toBe(7);
        expect(wrong.stderr).toContain('error STAGING_DAMAGED:');
    });
});

describe('migrations', () => {
    const METRICS = join('migrations', 'payments', '0001_create_metrics.sql');

    test('status, down, up', async () => {
        const states = async () => {
            const { migrations } = await eltJson<{ migrations: { name: string; state: string }[] }>(
                ['migrate', 'status'],
                { cwd },
            );
            return migrations.map(({ name, state }) => `${state} ${name}`);
        };
        const control = readdirSync(join(cwd, 'migrations', 'control'))
            .sort()
            .map((file) => `applied control/${file.replace(/\.sql$/, '')}`);
        expect(await states()).toEqual([...control, 'applied payments/0001_create_metrics']);
        expect((await elt(['migrate', 'down'], { cwd })).stdout).toBe('undone   payments/0001_create_metrics\n');
        expect(await states()).toEqual([...control, 'pending payments/0001_create_metrics']);
        expect((await elt(['migrate'], { cwd })).stdout).toBe('applied  payments/0001_create_metrics\n');
        expect((await elt(['migrate', 'up'], { cwd })).status).toBe(0);
        expect((await elt(['transform'], { cwd })).stdout).toMatch(/^metrics /m);
        expect((await elt(['migrate', 'down', '--to', '0001_create_metrics'], { cwd })).status).toBe(0);
        const last = await elt(['migrate', 'down'], { cwd });
        expect([last.status, last.stderr.split(':')[0]]).toEqual([6, 'error MIGRATION_NO_DOWN']);
    });

    test.each([
        ['edited', 'MIGRATION_EDITED', () => edit(METRICS, (text) => `${text}-- later\n`)],
        ['missing', 'MIGRATION_MISSING', () => rmSync(join(cwd, METRICS))],
        [
            'out of order',
            'MIGRATION_ORDER',
            () => writeFileSync(join(cwd, 'migrations', 'payments', '0000_early.sql'), 'create table early (a);\n'),
        ],
        [
            'refused by SQLite',
            'MIGRATION_FAILED',
            () => writeFileSync(join(cwd, 'migrations', 'payments', '0002_next.sql'), 'create table metrics (a);\n'),
        ],
    ])('one that is %s is named', async (_, code, spoil) => {
        spoil();
        const ran = await elt(['migrate'], { cwd });
        expect([ran.status, ran.stdout]).toEqual([6, '']);
        expect(ran.stderr).toMatch(new RegExp(`^error ${code}: .*`));
        expect(ran.stderr).toMatch(/payments\/000\d_\w+/);
        expect((await elt(['show', 'metrics'], { cwd })).status).toBe(0);
    });

    test('a database of another pipeline is refused by name', async () => {
        const ran = await elt(['--pipeline', 'payments_v1', '--db', 'payments.db', 'migrate'], { cwd });
        expect(ran.status).toBe(6);
        expect(ran.stderr).toContain('--pipeline payments');
    });
});

test('a renamed folder of the project is reported, not a crash', async () => {
    for (const folder of ['sql', 'migrations']) {
        renameSync(join(cwd, folder, 'payments'), join(cwd, folder, 'paymets'));
    }
    const ran = await elt(['transform', '--project', cwd], { cwd });
    expect([ran.status, ran.stderr.split(':')[0]]).toEqual([2, 'error PROJECT_MISSING']);
});
