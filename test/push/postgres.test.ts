import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { EltError } from '../../src/core/errors.ts';
import { modelOf } from '../../src/project/model-files.ts';
import { closeDatabase, type Database, openDatabase } from '../../src/sqlite/database.ts';
import { clusterForTests, hasPostgres } from '../support/cluster-for-tests.ts';
import { elt, workFolder } from '../support/elt.ts';
import { expectError } from '../support/error-lines.ts';
import type { Psql } from '../support/psql.ts';
import { compareWith, pushTo, rowsInPostgres, rowsOfMart, shapeOf, tryPushTo } from '../support/pushed-rows.ts';
import { RowPipeline } from '../support/row-pipeline.ts';
import { sharedData } from '../support/shared-data.ts';

/** Marts in PostgreSQL: equal to what is here after each push, by what changed alone, and never in two states. */

describe.skipIf(!hasPostgres)('a table of PostgreSQL', () => {
    const cluster = clusterForTests();
    let session: Psql;

    beforeAll(async () => {
        session = await cluster().createDatabase('reports');
    });

    const addressOf = (table: string): string =>
        cluster().address('reports').replace('/reports?', `/reports/${table}?`);

    /** A database with a mart that is changed by hand. */
    async function handMade(): Promise<Database> {
        const pipeline = await RowPipeline.create('card_spend');
        pipeline.database.exec(`create table sales (
            day text not null, shop integer not null, cents integer, share real, note text, primary key (day, shop)
        ) strict;
        insert into sales values ('2024-01-01', 1, 100, 0.5, 'a'), ('2024-01-01', 2, 200, 0.25, null)`);
        return pipeline.database;
    }

    async function expectEqual(database: Database, table: string): Promise<void> {
        const shape = shapeOf(database, 'sales');
        expect(await rowsInPostgres(session, table, shape)).toEqual(rowsOfMart(database, shape));
    }

    const batches = sharedData('wal_batches.json');
    test.skipIf(batches === undefined)('payments_v1 batch by batch is equal to the mart after each', async () => {
        const pipeline = await RowPipeline.create('payments_v1');
        const all = JSON.parse(readFileSync(batches ?? '', 'utf8')) as unknown[];
        const address = addressOf('payments.metrics');
        let before: ReadonlySet<string> = new Set();
        for (const [index, batch] of all.entries()) {
            await pipeline.load(`batch-${index}.json`, Buffer.from(JSON.stringify([batch])));
            await pipeline.transform(index === 40);
            const files = pipeline.projectFiles();
            const [pushed] = await pushTo(pipeline.database, 'metrics', [address], { files });
            const shape = shapeOf(pipeline.database, 'metrics', files);
            const here = rowsOfMart(pipeline.database, shape);
            expect(await rowsInPostgres(session, 'payments.metrics', shape)).toEqual(here);
            expect(pushed?.isWhole).toBe(index === 0);
            // Also after the rebuild, which touches every key.
            expect(pushed?.written).toBe(here.filter((row) => !before.has(row)).length);
            before = new Set(here);
        }
        expect(before.size).toBe(136);
        // Types come from the stream, through the SELECT.
        const types = await session.rows<{ name: string; type: string }>(
            `select attname as name, format_type(atttypid, atttypmod) as type from pg_attribute
            where attrelid = 'payments.metrics'::regclass and attname in ('id', 'created_at', 'amount', 'customer_id')
            order by attnum`,
        );
        expect(types.map(({ type }) => type)).toEqual(['uuid', 'timestamp without time zone', 'integer', 'text']);
        pipeline.close();
    });

    test('rows that are written, moved and gone, by whatever writes them', async () => {
        const database = await handMade();
        const address = addressOf('public.touched');
        expect(await pushTo(database, 'sales', [address])).toMatchObject([{ isWhole: true, written: 2, deleted: 0 }]);
        await expectEqual(database, 'touched');
        database.exec(`insert into sales values ('2024-01-02', 1, 1, null, ''), ('2024-01-02', 2, 9007199254740993, 1e300, 'x');
            update sales set note = 'tab	and
line \\ end' where shop = 1;
            update sales set shop = 7 where shop = 2 and day = '2024-01-01';
            delete from sales where cents = 1;
            insert or replace into sales values ('2024-01-02', 2, 5, -0.5, '\\N')`);
        expect(await pushTo(database, 'sales', [address])).toMatchObject([{ isWhole: false, written: 3, deleted: 1 }]);
        await expectEqual(database, 'touched');
        expect(await pushTo(database, 'sales', [address])).toMatchObject([{ isWhole: false, written: 0, deleted: 0 }]);
        closeDatabase(database);
    });

    test('a mart that was dropped and created again is compared as a whole, and only what differs is written', async () => {
        const database = await handMade();
        const address = addressOf('public.created_again');
        await pushTo(database, 'sales', [address]);
        const sql = database.prepare("select sql from sqlite_schema where name = 'sales'").pluck().get() as string;
        database.exec(`drop table sales; ${sql}; insert into sales values ('2024-01-01', 1, 100, 0.5, 'a')`);
        expect(await pushTo(database, 'sales', [address])).toMatchObject([{ isWhole: true, written: 0, deleted: 1 }]);
        await expectEqual(database, 'created_again');
        expect(await pushTo(database, 'sales', [address])).toMatchObject([{ isWhole: false }]);
        closeDatabase(database);
    });

    test('a new column is added there; anything else is refused until --full', async () => {
        const database = await handMade();
        const address = addressOf('public.shapes');
        await pushTo(database, 'sales', [address]);
        await session.sql(`create role reader; grant select on shapes to reader;`);
        database.exec("alter table sales add column code text; update sales set code = 'c'");
        await pushTo(database, 'sales', [address]);
        await expectEqual(database, 'shapes');
        database.exec('alter table sales drop column share');
        const [refused] = await tryPushTo(database, 'sales', [address]);
        expect(refused).toMatchObject({
            error: { code: 'TARGET_DIFFERS', facts: { found: '"share" is not in the mart' } },
        });
        await pushTo(database, 'sales', [address], { isFull: true });
        await expectEqual(database, 'shapes');
        expect(await session.sql("select has_table_privilege('reader', 'shapes', 'select');")).toBe('t');
        database.exec("update sales set code = 'd' where shop = 1");
        expect(await pushTo(database, 'sales', [address])).toMatchObject([{ isWhole: false, written: 1 }]);
        closeDatabase(database);
    });

    test('rows of somebody else are not touched, until --full', async () => {
        const database = await handMade();
        const address = addressOf('public.foreign_rows');
        await session.sql(
            `create table foreign_rows (day text, shop bigint, cents bigint, share double precision, note text, primary key (day, shop));
            insert into foreign_rows values ('x', 1);`,
        );
        const [refused] = await tryPushTo(database, 'sales', [address]);
        expect(refused).toMatchObject({ error: { code: 'TARGET_FOREIGN', exitStatus: 8 } });
        expect(await session.sql('select count(*) from foreign_rows;')).toBe('1');
        await pushTo(database, 'sales', [address], { isFull: true });
        await expectEqual(database, 'foreign_rows');
        const other = await handMade();
        other.exec("update sales set note = 'of another'");
        expect(await tryPushTo(other, 'sales', [address])).toMatchObject([{ error: { code: 'TARGET_FOREIGN' } }]);
        closeDatabase(other);
        closeDatabase(database);
    });

    test('a database that does not exist is named as what is missing, not a password', async () => {
        const database = await handMade();
        const address = addressOf('sales').replace('/reports/', '/nowhere/');
        expect(await tryPushTo(database, 'sales', [address])).toMatchObject([
            {
                error: {
                    code: 'TARGET_REFUSED',
                    facts: {
                        message: 'the server has no database "nowhere"',
                        next: expect.stringContaining('createdb nowhere'),
                    },
                },
            },
        ]);
        closeDatabase(database);
    });

    test('a backup that was restored is noticed, whatever was pushed from it since', async () => {
        const database = await handMade();
        const address = addressOf('public.restored');
        await pushTo(database, 'sales', [address]);
        const backup = join(workFolder(), 'backup.db');
        await database.backup(backup);
        database.exec("delete from sales where shop = 1; update sales set note = 'lost'");
        await pushTo(database, 'sales', [address]);
        closeDatabase(database);
        copyFileSync(backup, `${backup}.restored`);
        const restored = openDatabase(`${backup}.restored`);
        restored.exec(
            "update sales set cents = cents + 1; update sales set cents = cents + 1; update sales set note = 'n'",
        );
        expect(await tryPushTo(restored, 'sales', [address])).toMatchObject([{ error: { code: 'TARGET_AHEAD' } }]);
        // A second attempt is no way around it.
        expect(await tryPushTo(restored, 'sales', [address])).toMatchObject([{ error: { code: 'TARGET_AHEAD' } }]);
        await pushTo(restored, 'sales', [address], { isFull: true });
        await expectEqual(restored, 'restored');
        closeDatabase(restored);
    });

    test('a value that does not fit is named, and nothing of the push is there', async () => {
        const database = await handMade();
        const address = addressOf('public.unfit');
        await pushTo(database, 'sales', [address]);
        await session.sql('alter table unfit add constraint small check (cents < 1000);');
        database.exec("update sales set cents = 5000 where shop = 1; update sales set note = 'there' where shop = 2");
        expect(await tryPushTo(database, 'sales', [address])).toMatchObject([{ error: { code: 'TARGET_VALUE' } }]);
        expect(await session.sql("select count(*) from unfit where note = 'there';")).toBe('0');
        database.exec('update sales set cents = 999 where shop = 1');
        await pushTo(database, 'sales', [address]);
        await expectEqual(database, 'unfit');
        closeDatabase(database);
    });

    test('a value that COPY refuses ends the push, at once, and the next one works', async () => {
        const database = await handMade();
        const address = addressOf('public.refused_by_copy');
        const head = '-- key: day, shop\n-- push_type: cents integer\n';
        const model = modelOf('sales', 'mart', 'sql/shop/marts/sales.sql', head);
        const files = { models: [model], tests: [], migratedTables: () => new Set<string>(), leftUpkeep: [] };
        await pushTo(database, 'sales', [address], { files });
        database.exec('update sales set cents = 5000000000 where shop = 1');
        const [refused] = await tryPushTo(database, 'sales', [address], { files });
        expect(refused).toMatchObject({
            error: { code: 'TARGET_VALUE', facts: { found: expect.stringContaining('cents') } },
        });
        database.exec('update sales set cents = 5 where shop = 1');
        expect(await pushTo(database, 'sales', [address], { files })).toMatchObject([{ written: 1 }]);
        closeDatabase(database);
    });

    test('a text with a NUL is named by its column and its key', async () => {
        const database = await handMade();
        const address = addressOf('public.with_nul');
        database.exec("update sales set note = 'a' || char(0) || 'b' where shop = 2");
        expect(await tryPushTo(database, 'sales', [address])).toMatchObject([
            {
                error: {
                    code: 'TARGET_VALUE',
                    facts: {
                        found: 'column note of the row day 2024-01-01, shop 2',
                        next: `take it out in the mart: replace(json_quote("note"), '\\u0000', '') ->> '$'`,
                    },
                },
            },
        ]);
        database.exec("update sales set note = replace(json_quote(note), '\\u0000', '') ->> '$'");
        await pushTo(database, 'sales', [address]);
        await expectEqual(database, 'with_nul');
        closeDatabase(database);
    });

    test('a view is compared as a whole each time', async () => {
        const database = await handMade();
        database.exec(`create view by_day as select day, sum(cents) as cents from sales group by day`);
        const address = addressOf('public.by_day');
        expect(await tryPushTo(database, 'by_day', [address])).toMatchObject([
            { error: { code: 'PUSH_REFUSED', exitStatus: 6 } },
        ]);
        const model = modelOf('by_day', 'view', 'sql/shop/views/by_day.sql', '-- key: day');
        const files = { models: [model], tests: [], migratedTables: () => new Set<string>(), leftUpkeep: [] };
        for (const change of ['select 1', 'update sales set cents = 7 where shop = 1', 'delete from sales']) {
            database.exec(change);
            expect(await pushTo(database, 'by_day', [address], { files })).toMatchObject([{ isWhole: true }]);
            const shape = shapeOf(database, 'by_day', files);
            expect(await rowsInPostgres(session, 'by_day', shape)).toEqual(rowsOfMart(database, shape));
        }
        closeDatabase(database);
    });

    test('a comparison names what differs, and --full makes it equal', async () => {
        const database = await handMade();
        const address = addressOf('public.compared');
        database.exec(`insert into sales
            with recursive counted (i) as (select 3 union all select i + 1 from counted where i < 400)
            select '2024-02-01', i, 9007199254740993 - i, i / 3.0, 'n' || i from counted`);
        await pushTo(database, 'sales', [address]);
        const equal = await compareWith(database, 'sales', address);
        expect(equal).toMatchObject({ rows: 400, targetRows: 400, missing: 0, surplus: 0, different: 0, examples: [] });
        expect(equal.ranges.length).toBe(16);
        expect(equal.ranges.every(({ checksum, targetChecksum }) => checksum === targetChecksum)).toBe(true);
        await session.sql(`delete from compared where shop = 5 and day = '2024-02-01';
            update compared set cents = cents + 1 where shop = 77;
            insert into compared values ('2024-02-01', 500);`);
        const found = await compareWith(database, 'sales', address);
        expect(found).toMatchObject({ rows: 400, targetRows: 400, missing: 1, surplus: 1, different: 1 });
        expect(found.examples.map((one) => one.split(' ')[0]).sort()).toEqual(['different', 'missing', 'surplus']);
        expect(found.examples.join()).toContain('5');
        expect(found.ranges.some(({ checksum, targetChecksum }) => checksum !== targetChecksum)).toBe(true);
        await pushTo(database, 'sales', [address], { isFull: true });
        expect(await compareWith(database, 'sales', address)).toMatchObject({ missing: 0, surplus: 0, different: 0 });
        closeDatabase(database);
    });

    test('a server that is silent is given up after the time limit, and has taken nothing', async () => {
        const database = await handMade();
        const address = addressOf('public.silent');
        await pushTo(database, 'sales', [address]);
        await session.sql(`create function wait() returns trigger language plpgsql as $$
            begin perform pg_sleep(4); return new; end $$;
            create trigger wait before update on silent for each row execute function wait();`);
        database.exec('update sales set cents = 7 where shop = 1');
        process.env.ELT_PUSH_TIMEOUT = '1';
        onTestFinished(() => {
            delete process.env.ELT_PUSH_TIMEOUT;
        });
        const [result] = await tryPushTo(database, 'sales', [address]);
        expect(result).toMatchObject({ error: { code: 'TARGET_UNREACHABLE' } });
        expect(String((result as { error: EltError }).error.cause)).toContain(
            'nothing came from the server for 1 seconds',
        );
        await session.sql('drop trigger wait on silent;');
        expect(await pushTo(database, 'sales', [address])).toMatchObject([{ isWhole: false, written: 1 }]);
        await expectEqual(database, 'silent');
        closeDatabase(database);
    });

    describe('the command', () => {
        const folder = workFolder();
        const run = (words: readonly string[], env: Readonly<Record<string, string>> = {}) =>
            elt(['--pipeline', 'card_spend', '--db', 'shop.db', ...words], { cwd: folder, env });

        beforeAll(async () => {
            const database = await handMade();
            await database.backup(join(folder, 'shop.db'));
            closeDatabase(database);
        });

        test('says what it would do, does it, and shows where targets are', async () => {
            const address = addressOf('shown.sales');
            const look = await run(['push', 'sales', '--to', address, '--dry-run']);
            expect(look.stdout).toContain('would push  sales to');
            expect(look.stdout).toContain('create table "shown"."sales"');
            expect(await session.sql("select count(*) from pg_namespace where nspname = 'shown';")).toBe('0');
            const done = await run(['push', 'sales', '--to', address]);
            expect([done.status, done.stdout]).toEqual([
                0,
                expect.stringMatching(/^pushed {2}sales to .*: 2 rows written, 0 deleted, compared as a whole \(/),
            ]);
            const status = await run(['push', 'status', '--json']);
            expect(JSON.parse(status.stdout)).toMatchObject({ targets: [{ mart: 'sales', behind: 0, error: null }] });
            const forgot = await run(['push', 'forget', 'sales']);
            expect(forgot.status).toBe(0);
            expect((await run(['push', 'status'])).stdout).toBe('no mart is pushed anywhere\n');
            const again = await run(['push', 'sales', '--to', address]);
            expectError(again, {
                status: 8,
                code: 'TARGET_AHEAD',
                says: 'not recorded here',
                has: ['where', 'found', 'next'],
            });
        });

        test('refuses a password in the address, and does not print it', async () => {
            const refused = await run(['push', 'sales', '--to', 'postgres://me:secret@localhost/a/b']);
            expectError(refused, { status: 2, code: 'COMMAND_WRONG', says: 'PGPASSWORD', has: ['found', 'next'] });
            expect(refused.stderr).not.toContain('secret');
        });

        test('says which target cannot be reached, and keeps it for the status', async () => {
            const refused = await run(['push', 'sales', '--to', 'postgres://127.0.0.1:1/reports']);
            expectError(refused, {
                status: 8,
                code: 'TARGET_UNREACHABLE',
                says: '127.0.0.1:1',
                has: ['where', 'cause'],
            });
            const status = await run(['push', 'status', '--json']);
            const { targets } = JSON.parse(status.stdout) as { targets: { error: string | null; failures: number }[] };
            expect(targets.find(({ error }) => error?.includes('UNREACHABLE'))).toMatchObject({
                error: expect.stringContaining('TARGET_UNREACHABLE'),
                failures: 1,
            });
        });
    });

    afterAll(async () => {
        await session.close();
    });
});
