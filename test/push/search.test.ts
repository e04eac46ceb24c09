import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { describe, expect, onTestFinished, test } from 'vitest';
import { closeDatabase, type Database } from '../../src/sqlite/database.ts';
import { listening } from '../support/listening.ts';
import { compareWith, documentsOfMart, pushTo, shapeOf, tryPushTo } from '../support/pushed-rows.ts';
import { RowPipeline } from '../support/row-pipeline.ts';
import { hasSearch, searchForTests } from '../support/search-server.ts';
import { sharedData } from '../support/shared-data.ts';

/** Marts in an index: equal to what is here after each push; a document that is refused holds no other one up. */

describe.skipIf(!hasSearch)('an index of OpenSearch', () => {
    const search = searchForTests();

    const addressOf = (index: string): string => `${search().base}/${index}`;

    /** A database with a mart that is changed by hand. */
    async function handMade(): Promise<Database> {
        const pipeline = await RowPipeline.create('card_spend');
        pipeline.database.exec(`create table sales (
            day text not null, shop integer not null, cents integer, share real, note text, primary key (day, shop)
        ) strict;
        insert into sales values ('2024-01-01', 1, 100, 0.5, 'a'), ('2024-01-01', 2, 200, 0.25, null)`);
        return pipeline.database;
    }

    async function expectEqual(database: Database, index: string): Promise<void> {
        const shape = shapeOf(database, 'sales');
        expect(await search().documents(index)).toEqual(documentsOfMart(database, shape));
    }

    const batches = sharedData('wal_batches.json');
    test.skipIf(batches === undefined)('payments_v1 batch by batch is equal to the mart after each', async () => {
        const pipeline = await RowPipeline.create('payments_v1');
        const all = JSON.parse(readFileSync(batches ?? '', 'utf8')) as unknown[];
        for (const [index, batch] of all.entries()) {
            await pipeline.load(`batch-${index}.json`, Buffer.from(JSON.stringify([batch])));
            await pipeline.transform(index === 40);
            const files = pipeline.projectFiles();
            await pushTo(pipeline.database, 'metrics', [addressOf('payments')], { files });
            const shape = shapeOf(pipeline.database, 'metrics', files);
            expect(await search().documents('payments')).toEqual(documentsOfMart(pipeline.database, shape));
        }
        // What the dashboard of the first pipeline asked: metrics by customer.
        const { aggregations } = await search().send<{
            aggregations: { customers: { buckets: { key: string; doc_count: number; total: { value: number } }[] } };
        }>('POST', '/payments/_search', {
            size: 0,
            aggs: {
                customers: {
                    terms: { field: 'customer_id', size: 1_000, order: { _key: 'asc' } },
                    aggs: { total: { sum: { field: 'amount' } } },
                },
            },
        });
        const here = pipeline.rows(
            `select customer_id as key, count(*) as doc_count, sum(amount) as total
            from metrics where customer_id is not null group by customer_id order by customer_id`,
        );
        expect(here.length).toBeGreaterThan(10);
        expect(aggregations.customers.buckets).toEqual(here.map((row) => ({ ...row, total: { value: row.total } })));
        // And over time, which needs dates to be dates.
        const { hits } = await search().send<{ hits: { total: { value: number } } }>('POST', '/payments/_search', {
            size: 0,
            query: { range: { created_at: { gte: '2021-06-16T08:01:00', lt: '2021-06-16T08:02:00' } } },
        });
        const [within] = pipeline.rows(
            `select count(*) as count from metrics where created_at >= '2021-06-16 08:01' and created_at < '2021-06-16 08:02'`,
        );
        expect(hits.total.value).toBe(within?.count);
        pipeline.close();
    });

    test('rows that are written, moved and gone; a mart that was dropped and created again', async () => {
        const database = await handMade();
        const address = addressOf('touched');
        expect(await pushTo(database, 'sales', [address])).toMatchObject([{ isWhole: true, written: 2, deleted: 0 }]);
        await expectEqual(database, 'touched');
        database.exec(`insert into sales values ('2024-01-02', 1, 1, null, ''), ('2024-01-02', 2, 5, 1e300, 'x"\n	\\');
            update sales set shop = 7 where shop = 2 and day = '2024-01-01'; delete from sales where cents = 1`);
        expect(await pushTo(database, 'sales', [address])).toMatchObject([{ isWhole: false, written: 2, deleted: 1 }]);
        await expectEqual(database, 'touched');
        const sql = database.prepare("select sql from sqlite_schema where name = 'sales'").pluck().get() as string;
        database.exec(`drop table sales; ${sql}; insert into sales values ('2024-01-01', 1, 100, 0.5, 'b')`);
        expect(await pushTo(database, 'sales', [address])).toMatchObject([{ isWhole: true, written: 1, deleted: 2 }]);
        await expectEqual(database, 'touched');
        closeDatabase(database);
    });

    test('what arrives late or twice changes nothing, also after a delete', async () => {
        const database = await handMade();
        const address = addressOf('late');
        await pushTo(database, 'sales', [address]);
        database.exec('delete from sales where shop = 2; update sales set cents = 101');
        await pushTo(database, 'sales', [address]);
        const late = async (id: string): Promise<unknown> => {
            const path = `/late/_doc/${encodeURIComponent(id)}?version=1&version_type=external_gte`;
            return (await search().send('PUT', path, { day: 'late' })).status;
        };
        expect([await late('["2024-01-01",1]'), await late('["2024-01-01",2]')]).toEqual([409, 409]);
        await expectEqual(database, 'late');
        closeDatabase(database);
    });

    test('a document that is refused is kept and listed, the others are taken; it goes when it is taken', async () => {
        const database = await handMade();
        database.exec(`create table days (id integer primary key, day text, n any) strict`);
        const head = '-- key: id\n-- push_type: day date\n-- push_type: n integer\n';
        const { modelOf } = await import('../../src/project/model-files.ts');
        const model = modelOf('days', 'mart', 'sql/shop/marts/days.sql', head);
        const files = { models: [model], tests: [], migratedTables: () => new Set<string>(), leftUpkeep: [] };
        const address = addressOf('refused');
        database.exec(`insert into days values (1, '2024-01-01', 1), (2, 'no day', 2), (3, '2024-01-03', 'x')`);
        const [first] = await pushTo(database, 'days', [address], { files });
        expect(first).toMatchObject({ written: 1, rejects: [{ key: '[2]', status: 400 }, { key: '[3]' }] });
        expect(first?.rejects[0]?.reason).toContain('no day');
        const listed = (): unknown => database.prepare('select key from elt_push_rejects order by key').pluck().all();
        expect(listed()).toEqual(['[2]', '[3]']);
        database.exec(`update days set day = '2024-01-02' where id = 2; insert into days values (4, 'x', 1)`);
        expect(await pushTo(database, 'days', [address], { files })).toMatchObject([{ isWhole: false, written: 1 }]);
        expect(listed()).toEqual(['[3]', '[4]']);
        database.exec('delete from days where id in (3, 4)');
        await pushTo(database, 'days', [address], { files });
        expect(listed()).toEqual([]);
        expect([...(await search().documents('refused')).keys()].sort()).toEqual(['1', '2']);
        closeDatabase(database);
    });

    test('a new field is added; anything else is refused until --full, and readers always have an index', async () => {
        const database = await handMade();
        const address = addressOf('shapes');
        await pushTo(database, 'sales', [address]);
        database.exec("alter table sales add column code text; update sales set code = 'c' where shop = 1");
        expect(await pushTo(database, 'sales', [address])).toMatchObject([{ isWhole: true }]);
        await expectEqual(database, 'shapes');
        database.exec('alter table sales drop column share');
        expect(await tryPushTo(database, 'sales', [address])).toMatchObject([
            { error: { code: 'TARGET_DIFFERS', facts: { found: '"share" is not in the mart' } } },
        ]);
        let isMoving = true;
        const reading = (async () => {
            const counts = new Set<unknown>();
            while (isMoving) {
                counts.add((await search().send<{ count: number }>('GET', '/shapes/_count')).count);
            }
            return [...counts];
        })();
        await pushTo(database, 'sales', [address], { isFull: true });
        isMoving = false;
        expect(await reading).toEqual([2]);
        await expectEqual(database, 'shapes');
        expect(Object.keys(await search().send('GET', '/shapes-*'))).toEqual(['shapes-2']);
        closeDatabase(database);
    });

    test('documents of somebody else are not touched, until --full; then the alias takes the place of the index', async () => {
        const database = await handMade();
        const address = addressOf('foreign');
        await search().send('PUT', '/foreign/_doc/1?refresh=true', { of: 'another' });
        expect(await tryPushTo(database, 'sales', [address])).toMatchObject([{ error: { code: 'TARGET_FOREIGN' } }]);
        expect((await search().documents('foreign')).size).toBe(1);
        await pushTo(database, 'sales', [address], { isFull: true });
        await expectEqual(database, 'foreign');
        closeDatabase(database);
    });

    test('a comparison names what differs, and --full makes it equal', async () => {
        const database = await handMade();
        const address = addressOf('compared');
        database.exec(`insert into sales
            with recursive counted (i) as (select 3 union all select i + 1 from counted where i < 400)
            select '2024-02-01', i, 9007199254740993 - i, i / 3.0, 'n' || i from counted`);
        await pushTo(database, 'sales', [address]);
        const equal = await compareWith(database, 'sales', address);
        expect(equal).toMatchObject({ rows: 400, targetRows: 400, missing: 0, surplus: 0, different: 0, examples: [] });
        expect(equal.ranges.length).toBe(16);
        expect(equal.ranges.every(({ checksum, targetChecksum }) => checksum === targetChecksum)).toBe(true);
        const path = (id: string): string => `/compared/_doc/${encodeURIComponent(id)}?refresh=true`;
        const other = (await search().documents('compared')).get('["2024-02-01",77]');
        await search().send('DELETE', path('["2024-02-01",5]'));
        await search().send('PUT', path('["2024-02-01",77]'), { ...other, note: 'of somebody' });
        await search().send('PUT', path('["2024-02-01",500]'), { day: '2024-02-01', shop: 500 });
        const found = await compareWith(database, 'sales', address);
        expect(found).toMatchObject({ rows: 400, targetRows: 400, missing: 1, surplus: 1, different: 1 });
        expect(found.examples.map((one) => one.split(' ')[0]).sort()).toEqual(['different', 'missing', 'surplus']);
        expect(found.examples.join()).toContain('5');
        expect(found.ranges.some(({ checksum, targetChecksum }) => checksum !== targetChecksum)).toBe(true);
        await pushTo(database, 'sales', [address], { isFull: true });
        expect(await compareWith(database, 'sales', address)).toMatchObject({ missing: 0, surplus: 0, different: 0 });
        closeDatabase(database);
    });

    test('a server that is busy is asked again; one that is gone is an error', async () => {
        const database = await handMade();
        let refused = 0;
        const proxy = createServer((request, response) => {
            if (request.url?.includes('_bulk') && refused < 3) {
                refused++;
                request.resume();
                response.writeHead(refused === 2 ? 503 : 429).end('{"error":"busy"}');
                return;
            }
            const pieces: Buffer[] = [];
            request.on('data', (piece: Buffer) => pieces.push(piece));
            request.on('end', async () => {
                const headers = { 'content-type': request.headers['content-type'] ?? 'application/json' };
                const body = pieces.length === 0 ? {} : { body: Buffer.concat(pieces) };
                const method = request.method ?? 'GET';
                const answer = await fetch(`${search().base}${request.url}`, { method, headers, ...body });
                response.writeHead(answer.status).end(await answer.text());
            });
        });
        const port = await listening(proxy);
        await pushTo(database, 'sales', [`http://127.0.0.1:${port}/busy`]);
        expect(refused).toBe(3);
        await expectEqual(database, 'busy');
        proxy.closeAllConnections();
        await new Promise((resolve) => proxy.close(resolve));
        expect(await tryPushTo(database, 'sales', [`http://127.0.0.1:${port}/busy`])).toMatchObject([
            { error: { code: 'TARGET_UNREACHABLE', exitStatus: 8 } },
        ]);
        closeDatabase(database);
    });

    test('a user whom it does not know is refused, and no secret is shown', async () => {
        const database = await handMade();
        const server = createServer((request, response) => {
            expect(request.headers.authorization).toBe(`Basic ${Buffer.from('me:very secret').toString('base64')}`);
            response.writeHead(401).end('{"error":"who are you?"}');
        });
        const port = await listening(server);
        process.env.ELT_SEARCH_USER = 'me';
        process.env.ELT_SEARCH_PASSWORD = 'very secret';
        onTestFinished(() => {
            delete process.env.ELT_SEARCH_USER;
            delete process.env.ELT_SEARCH_PASSWORD;
            server.close();
        });
        const [result] = await tryPushTo(database, 'sales', [`http://127.0.0.1:${port}/x`]);
        expect(result).toMatchObject({
            error: { code: 'TARGET_REFUSED', facts: { found: expect.stringContaining('401') } },
        });
        expect(JSON.stringify(result)).not.toContain('very secret');
        closeDatabase(database);
    });
});
