import { describe, expect, onTestFinished, test } from 'vitest';
import { EltError } from '../../../src/core/errors.ts';
import { type ModelFile, modelOf } from '../../../src/project/model-files.ts';
import { keepOrder, orderOfModels } from '../../../src/transform/plan/kept-order.ts';
import { close, load, migratedDatabase, projectFiles, runTransform } from '../../support/bench-database.ts';

async function databaseWith(...tables: readonly string[]) {
    const database = await migratedDatabase('none');
    onTestFinished(() => close(database));
    for (const table of tables) {
        database.exec(`create table ${table} (_seq integer primary key, x integer, y integer) strict`);
    }
    return database;
}

function model(name: string, text: string, kind: ModelFile['kind'] = 'mart'): ModelFile {
    return modelOf(name, kind, `sql/p/marts/${name}.sql`, text);
}

/** A table filled from others. */
function fills(name: string, ...from: readonly string[]): ModelFile {
    const selects = from.map((one) => `insert into ${name} select x, y from ${one};`);
    return model(name, `create table if not exists ${name} (x integer, y integer) strict;\n${selects.join('\n')}\n`);
}

function codeOf(work: () => unknown): { code: string; text: string } {
    try {
        work();
    } catch (error) {
        if (error instanceof EltError) {
            return { code: error.code, text: `${error.message} ${error.facts.where} ${error.facts.found}` };
        }
        throw error;
    }
    throw new Error('nothing was thrown');
}

describe('the order of models', () => {
    const cases: readonly { readonly what: string; readonly models: readonly ModelFile[]; readonly order: string }[] = [
        {
            what: 'a chain against the alphabet',
            models: [fills('a', 'b'), fills('b', 'c'), fills('c', 'stg_t')],
            order: 'c b a',
        },
        {
            what: 'a diamond',
            models: [fills('a', 'b', 'c'), fills('b', 'd'), fills('c', 'd'), fills('d', 'stg_t')],
            order: 'd b c a',
        },
        {
            what: 'through a view',
            models: [
                fills('a', 'the_view'),
                model('the_view', 'drop view if exists the_view; create view the_view as select x, y from z;', 'view'),
                fills('z', 'stg_t'),
            ],
            order: 'z the_view a',
        },
        {
            what: 'through a table that another file fills',
            models: [
                fills('a', 'given'),
                model('c', 'create table if not exists c (x integer); insert into given (x, y) select x, y from z;'),
                fills('z', 'stg_t'),
            ],
            order: 'z c a',
        },
        {
            what: 'names with quotes',
            models: [
                fills('a', '"odd ""one"'),
                model(
                    'odd "one',
                    'create table if not exists "odd ""one" (x integer, y integer); insert into "odd ""one" select x, y from stg_t;',
                ),
            ],
            order: 'odd "one a',
        },
    ];
    test.each(cases)('comes from what they read: $what', async ({ models, order }) => {
        const database = await databaseWith('stg_t', 'given');
        for (const permutation of [models, [...models].reverse()]) {
            const found = orderOfModels(database, permutation).order;
            const at = (name: string): number => found.findIndex((one) => one.model === name);
            expect(found.filter((one) => !one.upstream.every((name) => at(name) < at(one.model)))).toEqual([]);
            expect(found.map((one) => one.model).sort()).toEqual(models.map((one) => one.name).sort());
        }
        expect(
            orderOfModels(database, models)
                .order.map((one) => one.model)
                .join(' '),
        ).toBe(order);
    });

    test('a cycle is an error that names its models', async () => {
        const database = await databaseWith();
        const error = codeOf(() => orderOfModels(database, [fills('a', 'b'), fills('b', 'a')]));
        expect(error.code).toBe('SQL_CYCLE');
        expect(error.text).toContain('"a"');
        expect(error.text).toContain('"b"');
    });

    test('a cycle of tables that exist already is found too', async () => {
        const database = await databaseWith('a', 'b');
        expect(codeOf(() => orderOfModels(database, [fills('a', 'b'), fills('b', 'a')])).code).toBe('SQL_CYCLE');
    });

    test('a table that no file creates is an error with its line', async () => {
        const database = await databaseWith('stg_t');
        const error = codeOf(() => orderOfModels(database, [fills('a', 'stg_t', 'nowhere')]));
        expect(error.code).toBe('SQL_STATEMENT');
        expect(error.text).toContain('sql/p/marts/a.sql:3');
    });

    test('is stored under a hash of what it depends on, and computed again when that changes', async () => {
        const database = await databaseWith('stg_t');
        const models = [fills('a', 'stg_t')];
        const order = orderOfModels(database, models);
        keepOrder(database, models, order);
        expect(orderOfModels(database, models)).toEqual(order);
        const edited = [fills('a', 'stg_t'), fills('b', 'a')];
        expect(orderOfModels(database, edited).order.map((one) => one.model)).toEqual(['a', 'b']);
    });
});

describe('a model waits', () => {
    test('for a staging table, and its readers wait for the same', async () => {
        const database = await databaseWith('stg_here');
        const { order } = orderOfModels(database, [
            fills('c', 'b'),
            fills('b', 'a'),
            fills('a', 'stg_t'),
            fills('d', 'stg_here'),
        ]);
        expect(order.map((one) => [one.model, one.waitsFor])).toEqual([
            ['a', 'stg_t'],
            ['b', 'stg_t'],
            ['c', 'stg_t'],
            ['d', null],
        ]);
    });

    const row = { action: 'T', schema: 'public' };
    const id = (name: string) => ({ name, type: 'uuid', value: 'x' });
    test.each([
        ['a truncate', { ...row, table: 'event' }, 'stg_event.id'],
        ['a delete', { ...row, action: 'D', table: 'event', identity: [id('id')] }, null],
        ['an update that leaves columns out', { ...row, action: 'U', table: 'event', columns: [id('id')] }, null],
    ])('for columns, if a stream begins with %s', async (_, change, waitsFor) => {
        const database = await migratedDatabase('payments_v1');
        onTestFinished(() => close(database));
        const files = projectFiles('payments_v1');
        const others = files.models.flatMap(({ name, kind }) =>
            kind === 'current' && name !== 'current_event' ? [name.slice(8)] : [],
        );
        await load(
            database,
            [change, ...others.map((table) => ({ ...row, table }))].map((one) => JSON.stringify(one)).join('\n'),
        );
        const first = await runTransform(database, files);
        const waiting = (result: typeof first) =>
            result.models.filter((one) => one.waitsFor !== null).map((one) => one.model);
        expect(first.models.find((one) => one.model === 'current_event')?.waitsFor).toBe(waitsFor);
        // The other tables have only had a truncate: their keys are not known either.
        expect(waiting(first)).toContain('metrics');
        const insert = (table: string, columns: readonly string[]) =>
            JSON.stringify({ ...row, action: 'I', table, columns: columns.map(id) });
        await load(
            database,
            [
                insert('event', [
                    'id',
                    'flow_id',
                    'transaction_id',
                    'created_at',
                    'transaction_lifecycle_event',
                    'error_details',
                ]),
                insert('transaction', [
                    'transaction_id',
                    'transaction_type',
                    'currency_code',
                    'processor_merchant_account_id',
                ]),
                insert('transaction_request', ['transaction_request_id', 'flow_id', 'token_id', 'vault_options']),
                insert('payment_instrument_token', [
                    'transaction_id',
                    'payment_instrument_type',
                    'three_d_secure_authentication',
                    'vault_data',
                ]),
            ].join('\n'),
        );
        // Only "amount" is still missing: null until a change contains it.
        expect(waiting(await runTransform(database, files))).toEqual([]);
        expect(database.prepare('select amount from metrics').pluck().all()).toEqual([null]);
        await load(
            database,
            JSON.stringify({
                ...row,
                action: 'I',
                table: 'transaction',
                columns: [
                    { ...id('transaction_id'), value: 'y' },
                    { name: 'amount', type: 'integer', value: 5 },
                ],
            }),
        );
        expect(waiting(await runTransform(database, files))).toEqual([]);
        expect(database.prepare('select count(*) from metrics').pluck().get()).toBe(1);
    });

    test('for columns, if an edited file cannot follow what has landed', async () => {
        const database = await migratedDatabase('payments_v1');
        onTestFinished(() => close(database));
        const files = projectFiles('payments_v1');
        const models = files.models.map((model) =>
            model.name === 'current_event'
                ? modelOf(model.name, model.kind, model.file, `${model.text}\ndelete from current_event where 0;\n`)
                : model,
        );
        await load(database, JSON.stringify({ ...row, table: 'event' }));
        const { models: results } = await runTransform(database, { ...files, models });
        expect(results.find((one) => one.model === 'current_event')?.waitsFor).toBe('stg_event.id');
    });
});
