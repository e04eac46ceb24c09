import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { Database } from '../../../src/sqlite/database.ts';
import { close, load, migratedDatabase, projectFiles, runTransform, tableText } from '../../support/bench-database.ts';

import { transactionLines } from '../../support/postgres-model.ts';
import { SHOP_TABLES, shopProject } from '../../support/shop-project.ts';

/** What a run does with each model, and why. */

let project = '';
let database: Database;
let transaction = 0;

beforeEach(async () => {
    project = shopProject();
    transaction = 0;
    database = await migratedDatabase('shop', ':memory:', project);
    onTestFinished(() => close(database));
});

function row(table: string, columns: Readonly<Record<string, unknown>>, action = 'I') {
    const known = SHOP_TABLES.find(({ name }) => name === table)?.columns ?? [];
    const typed = Object.entries(columns).map(([name, value]) => ({
        name,
        type: known.find((one) => one.name === name)?.type ?? 'text',
        value,
    }));
    return { action, schema: 'public', table, [action === 'D' ? 'identity' : 'columns']: typed };
}

async function land(...changes: readonly Readonly<Record<string, unknown>>[]): Promise<void> {
    await load(database, transactionLines(changes, ++transaction).join('\n'));
}

const landAll = () =>
    land(
        row('orders', { region: 'north', number: 1, customer: 'c0', cents: 5, note: null }),
        row('customer', { id: 'c0', name: 'Ann' }),
        row('ban', { customer: 'c9', reason: null }),
    );

async function decisions(request = {}): Promise<Record<string, string>> {
    const { models } = await runTransform(database, projectFiles('shop', project), request);
    return Object.fromEntries(models.map((one) => [one.model, `${one.action}: ${one.reason}`]));
}

const ALL = ['current_ban', 'current_customer', 'current_orders', 'customer_totals', 'open_customers'];
const each = (text: string, ...others: readonly (readonly [string, string])[]) => ({
    ...Object.fromEntries(ALL.map((name) => [name, text])),
    ...Object.fromEntries(others),
});

function edit(file: string, change: (text: string) => string): void {
    const path = join(project, 'sql', 'shop', file);
    writeFileSync(path, change(readFileSync(path, 'utf8')));
}

describe('a run', () => {
    beforeEach(landAll);

    test('fills everything at first, then has nothing to do', async () => {
        expect(await decisions()).toEqual(each('full: first run'));
        expect(await decisions()).toEqual(each('idle: nothing new'));
    });

    test('takes in the new changes, in every model up to the last', async () => {
        await decisions();
        await land(row('orders', { region: 'north', number: 2, customer: 'c0', cents: 7, note: 'x' }));
        expect(await decisions()).toEqual(each('incremental: new changes'));
        expect(tableText(database, 'open_customers')).toEqual(['["c0",{"integer":"2"}]']);
    });

    test('refills an edited model, and all that read it', async () => {
        await decisions();
        edit('marts/customer_totals.sql', (text) => text.replace('sum(orders.cents)', 'sum(orders.cents) * 2'));
        expect(await decisions()).toEqual(
            each(
                'idle: nothing new',
                ['customer_totals', 'full: edited'],
                ['open_customers', 'full: upstream filled anew'],
            ),
        );
    });

    test('does nothing for an edit of comments, layout or case of keywords', async () => {
        await decisions();
        edit('marts/customer_totals.sql', (text) => `${text.replaceAll('\n\n', '\n\n\n')}\n-- a thought\n`);
        expect(await decisions()).toEqual(each('idle: nothing new'));
    });

    test('of one model includes its readers, if it is refilled', async () => {
        await decisions();
        expect(await decisions({ select: ['current_customer'], rebuild: true })).toEqual(
            each(
                'idle: not selected',
                ['current_customer', 'full: requested'],
                ['customer_totals', 'full: upstream filled anew'],
                ['open_customers', 'full: upstream filled anew'],
            ),
        );
    });

    test('of one model leaves the others alone, and the next run brings them up to date', async () => {
        await decisions();
        await land(row('customer', { id: 'c1', name: 'Bob' }));
        expect(await decisions({ select: ['current_customer'] })).toEqual(
            each('idle: not selected', ['current_customer', 'incremental: new changes']),
        );
        await decisions();
        expect(tableText(database, 'customer_totals')).toHaveLength(2);
    });

    test('brings a file without a watermark up to date, whatever it reads and whatever ran that before', async () => {
        const plain = (name: string, select: string): void =>
            writeFileSync(
                join(project, 'sql', 'shop', 'marts', `${name}.sql`),
                `create table if not exists ${name} (n integer) strict;\ndelete from ${name};\ninsert into ${name} ${select};\n`,
            );
        mkdirSync(join(project, 'sql', 'shop', 'views'), { recursive: true });
        writeFileSync(
            join(project, 'sql', 'shop', 'views', 'staged.sql'),
            'drop view if exists staged;\ncreate view staged as select _seq from stg_customer;\n',
        );
        plain('of_staging', 'select count(*) from stg_customer');
        plain('of_a_view', 'select count(*) from staged');
        plain('of_a_table', 'select count(*) from current_customer');
        plain('of_a_mart', 'select n from of_staging');
        const counts = () =>
            ['of_staging', 'of_a_view', 'of_a_table', 'of_a_mart'].map((name) =>
                database.prepare(`select n from ${name}`).pluck().get(),
            );
        await decisions();
        expect(counts()).toEqual([1, 1, 1, 1]);
        await land(row('customer', { id: 'c1', name: 'Bob' }));
        expect(await decisions()).toMatchObject({ of_staging: 'full: new changes', of_a_view: 'full: new changes' });
        expect(counts()).toEqual([2, 2, 2, 2]);
        await land(row('ban', { customer: 'c1', reason: null }));
        expect(await decisions()).toMatchObject({ of_staging: 'idle: nothing new', of_a_view: 'idle: nothing new' });
        await land(row('customer', { id: 'c2', name: 'Cy' }));
        await decisions({ select: ['current_customer'] });
        expect(counts()).toEqual([2, 2, 2, 2]);
        await decisions();
        expect(counts()).toEqual([3, 3, 3, 3]);
        expect(Object.values(await decisions()).every((one) => one === 'idle: nothing new')).toBe(true);
    });

    test('rebuilds all on request', async () => {
        await decisions();
        expect(await decisions({ rebuild: true })).toMatchObject({ current_orders: 'full: requested' });
        expect(Object.values(await decisions()).every((one) => one === 'idle: nothing new')).toBe(true);
    });
});

describe('what reads a view', () => {
    const write = (file: string, text: string): void => {
        const path = join(project, 'sql', 'shop', file);
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, text);
    };
    const VIEW =
        'drop view if exists named;\ncreate view named as select id, name from current_customer where name is not null;\n';

    beforeEach(async () => {
        write('views/named.sql', VIEW);
        write('marts/of_select.sql', '-- row: a name\n-- key: id\n-- why: to see\nselect id, name from named;\n');
        write(
            'marts/by_hand.sql',
            `create table if not exists by_hand (n integer) strict;
            insert or ignore into elt_watermarks (model) values ('by_hand');
            delete from by_hand;
            insert into by_hand select count(*) from named;
            update elt_watermarks set watermark = (select whole_seq from elt_stream) where model = 'by_hand';\n`,
        );
        await landAll();
        await decisions();
    });

    const found = () => [
        database.prepare('select count(*) from of_select').pluck().get(),
        database.prepare('select n from by_hand').pluck().get(),
    ];

    test('is not filled anew while what the view reads stays as it is', async () => {
        await land(row('ban', { customer: 'c0', reason: null }));
        expect(await decisions()).toMatchObject({
            named: 'incremental: new changes',
            of_select: 'incremental: new changes',
            by_hand: 'incremental: new changes',
        });
        expect(Object.values(await decisions()).every((one) => one === 'idle: nothing new')).toBe(true);
    });

    test('follows its changes by keys where it is one SELECT; a file written by hand is filled anew', async () => {
        await land(row('customer', { id: 'c1', name: 'Bob' }));
        expect(await decisions()).toMatchObject({
            named: 'incremental: new changes',
            of_select: 'incremental: new changes',
            by_hand: 'full: upstream filled anew',
        });
        expect(found()).toEqual([2, 2]);
        await land(row('ban', { customer: 'c1', reason: null }));
        expect(await decisions()).toMatchObject({ by_hand: 'incremental: new changes' });
    });

    test('is filled anew where the view is edited', async () => {
        write('views/named.sql', VIEW.replace('is not null', 'is null'));
        expect(await decisions()).toMatchObject({
            named: 'full: edited',
            of_select: 'full: upstream filled anew',
            by_hand: 'full: upstream filled anew',
        });
        expect(found()).toEqual([0, 0]);
    });

    test('notices that another run has changed what the view reads', async () => {
        await land(row('customer', { id: 'c1', name: 'Bob' }));
        await decisions({ select: ['current_customer'] });
        expect(found()).toEqual([1, 1]);
        expect(await decisions()).toMatchObject({
            of_select: 'incremental: new changes',
            by_hand: 'full: upstream filled anew',
        });
        expect(found()).toEqual([2, 2]);
        expect(Object.values(await decisions()).every((one) => one === 'idle: nothing new')).toBe(true);
    });
});

describe('a column added in flight', () => {
    const ADDED = row('customer', { id: 'c1', name: 'Bob', tier: 'gold' });

    test('is folded by an unedited file without a rebuild, with a note that the file is out of date', async () => {
        await landAll();
        await decisions();
        await land(ADDED);
        const { models } = await runTransform(database, projectFiles('shop', project));
        const customer = models.find((one) => one.model === 'current_customer');
        expect(customer).toMatchObject({ action: 'incremental', warning: expect.stringContaining('elt scaffold') });
        expect(database.prepare('select id, tier from current_customer order by id').raw().all()).toEqual([
            ['c0', null],
            ['c1', 'gold'],
        ]);
        expect(readFileSync(join(project, 'sql/shop/upkeep/current_customer.sql'), 'utf8')).not.toContain('tier');
        expect(
            database.prepare("select generated_sql from elt_models where model = 'current_customer'").pluck().get(),
        ).toContain('tier');
        expect(Object.values(await decisions()).every((one) => one === 'idle: nothing new')).toBe(true);
    });

    test('is left alone by an edited file, with a warning', async () => {
        edit('upkeep/current_customer.sql', (text) => `${text}\nselect 1;\n`);
        await landAll();
        await land(ADDED);
        const { models } = await runTransform(database, projectFiles('shop', project));
        expect(models.find((one) => one.model === 'current_customer')?.warning).toContain('"tier"');
        expect(database.prepare("select name from pragma_table_info('current_customer')").pluck().all()).not.toContain(
            'tier',
        );
    });
});

test("a retyped column makes its unedited model be filled anew, with PostgreSQL's text", async () => {
    await landAll();
    await decisions();
    const changed = row('orders', { region: 'north', number: 2, customer: 'c0', note: null });
    const columns = [...(changed.columns as object[]), { name: 'cents', type: 'text', value: '007' }];
    await land({ ...changed, columns });
    expect(await decisions()).toMatchObject({
        current_orders: 'full: columns changed',
        customer_totals: 'full: upstream filled anew',
    });
    expect(database.prepare('select cents from current_orders order by number').pluck().all()).toEqual(['5', '007']);
});

test('a failed data test publishes nothing, and shows its rows', async () => {
    await landAll();
    await decisions();
    const before = tableText(database, 'customer_totals');
    writeFileSync(
        join(project, 'sql/shop/tests/customer_totals__too_many.sql'),
        '-- why: one order each\n\nselect id, orders from customer_totals where orders > 1;\n',
    );
    await land(row('orders', { region: 'north', number: 2, customer: 'c0', cents: 7, note: 'x' }));
    await expect(decisions()).rejects.toMatchObject({
        code: 'TEST_FAILED',
        facts: {
            found: expect.stringContaining('id=c0, orders=2'),
            where: 'sql/shop/tests/customer_totals__too_many.sql',
        },
    });
    expect(tableText(database, 'customer_totals')).toEqual(before);
    expect(tableText(database, 'current_orders')).toHaveLength(1);
});
