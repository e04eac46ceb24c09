import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Database } from '../../src/sqlite/database.ts';
import { testsOf } from '../../src/transform/built-in-tests.ts';
import { planTransform } from '../../src/transform/plan/plan-transform.ts';
import { close, load, migratedDatabase, projectFiles, runTransform } from '../support/bench-database.ts';
import { elt } from '../support/elt.ts';
import { sharedData } from '../support/shared-data.ts';

/** The data test that compares the whole of `metrics` with its SELECT names every kind of wrong row. */

const BATCHES = sharedData('wal_batches.json');
const PIPELINES = [
    ['payments', 'event_id', 'current_event_v2_data'],
    ...(BATCHES === undefined ? [] : [['payments_v1', 'id', 'current_event']]),
] as [string, string, string][];

describe.each(PIPELINES)('%s', (pipeline, key, events) => {
    let database: Database;
    let sql = '';

    beforeAll(async () => {
        database = await migratedDatabase(pipeline);
        const sample = async () => (await elt(['sample', 'payments', '--records', '1000'])).stdout;
        await load(database, pipeline === 'payments' ? await sample() : readFileSync(BATCHES as string));
        const files = projectFiles(pipeline);
        await runTransform(database, files);
        const { planned } = planTransform(database, files, { select: [], rebuild: false });
        const tests = testsOf(files, planned);
        sql = tests.find(({ name }) => name === 'metrics__not_its_definition_anywhere')?.statement.sql ?? '';
    });
    afterAll(() => close(database));

    const first = `(select min(${key}) from metrics)`;
    const surplus = `insert into metrics (${key}) values ('nobody')`;
    test.each([
        ['nothing is wrong', [], []],
        ['a row is missing', [`delete from metrics where ${key} = ${first}`], ['missing']],
        ['a number differs', [`update metrics set amount = -1 where ${key} = ${first}`], ['different']],
        ['a value is null', [`update metrics set currency_code = null where ${key} = ${first}`], ['different']],
        ['there is one too many', [surplus], ['must not be there']],
        [
            'as many, but one other',
            [`delete from metrics where ${key} = ${first}`, surplus],
            ['missing', 'must not be there'],
        ],
    ] as const)('%s', (_, changes, problems) => {
        database.exec('savepoint spoilt');
        for (const change of changes) {
            database.exec(change);
        }
        const found = database.prepare(sql).all() as { problem: string }[];
        database.exec('rollback to spoilt');
        database.exec('release spoilt');
        expect(found.map(({ problem }) => problem)).toEqual(problems);
    });

    test('the whole table, in both directions', () => {
        const count = database.prepare('select count(*) from metrics').pluck().get();
        expect(count).toBeGreaterThan(100);
        for (const [change, problem] of [
            ['delete from metrics', 'missing'],
            [`delete from ${events}`, 'must not be there'],
        ] as const) {
            database.exec('savepoint spoilt');
            database.exec(change);
            const found = database.prepare(sql).all() as { problem: string }[];
            database.exec('rollback to spoilt');
            database.exec('release spoilt');
            expect([found.length, new Set(found.map((row) => row.problem))]).toEqual([count, new Set([problem])]);
        }
    });
});
