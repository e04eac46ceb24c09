import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { capture } from '../oracle/capture.ts';
import { fillTypeMatrix } from '../oracle/type-matrix.ts';
import { clusterForTests, hasPostgres } from '../support/cluster-for-tests.ts';
import { elt, PROJECT, workFolder } from '../support/elt.ts';
import { FollowWorld } from '../support/follow-world.ts';
import type { Cluster } from '../support/postgres.ts';
import { WRITTEN_TABLES, Writers } from './writers.ts';

/** Rows from before the slot: what is said of them, and docs/deploy/first-contents.psql, which brings them. */

const SCRIPT = join(PROJECT, 'docs', 'deploy', 'first-contents.psql');
const PINNED = /^export PGOPTIONS='([^']+)'$/m.exec(readFileSync(join(PROJECT, 'docs', 'loading.md'), 'utf8'))?.[1];

/** What the script prints; it creates the slot. */
function firstContents(cluster: Cluster, database: string, slot: string, more: readonly string[] = []): string {
    return execFileSync(
        cluster.installation.psql,
        [
            ...['-h', cluster.folder, '-U', 'postgres', '-X', '-q', '-d', `dbname=${database} replication=database`],
            ...['-v', `slot=${slot}`, ...more, '-f', SCRIPT],
        ],
        { encoding: 'utf8', maxBuffer: 1 << 28 },
    );
}

/** `pg_recvlogical`, as docs/loading.md calls it, up to the end of the server's log. */
function receive(cluster: Cluster, database: string, slot: string, file: string, end: string): void {
    execFileSync(
        join(cluster.installation.bin, 'pg_recvlogical'),
        [
            ...['-h', cluster.folder, '-U', 'postgres', '-d', database, '--slot', slot, '--start', '-f', file],
            ...['--endpos', end, '-o', 'format-version=2', '-o', 'include-xids=1', '-o', 'include-lsn=1'],
            ...['-o', 'include-timestamp=1', '-o', 'include-pk=1'],
        ],
        { env: { ...process.env, PGOPTIONS: PINNED } },
    );
}

const END = 'select pg_current_wal_flush_lsn();';

describe.skipIf(!hasPostgres)('rows from before the slot', () => {
    const cluster = clusterForTests();

    describe("the newcomer's path: a shop with 200 orders, then a slot, capture, init, run", () => {
        let world: FollowWorld;
        const file = (name: string): string => join(world.folder, name);
        const capturedUpTo = async (name: string, slot: string): Promise<void> => {
            receive(cluster(), world.name, slot, file(name), await world.session.sql(END));
        };

        beforeAll(async () => {
            world = await FollowWorld.open(
                cluster(),
                'newcomer',
                `create schema shop;
                create table shop.orders (id int primary key, total numeric(10, 2), note text);
                create table shop.customers (id int primary key, name text);
                insert into shop.orders select n, n * 1.5, 'order ' || n from generate_series(1, 200) as n;
                select pg_create_logical_replication_slot('newcomer', 'wal2json');
                insert into shop.customers values (1, 'Ada'), (2, 'Grace');
                insert into shop.orders values (201, 9.99, 'the first after the slot');
                update shop.orders set note = 'paid' where id = 7;
                delete from shop.orders where id = 8;
                update shop.customers set name = 'Ada L.' where id = 1;`,
            );
            await capturedUpTo('capture.jsonl', 'newcomer');
        });
        afterAll(async () => {
            await world.close();
        });

        const said =
            'shop.orders: 2 updates and deletes named rows that never came, the first at _seq 4; bring its first contents (docs/first-contents.md), or follow the server with "elt follow"';

        it('is told by check what the capture lacks, before there is a pipeline', async () => {
            const cwd = workFolder();
            const checked = await elt(['check', file('capture.jsonl')], { cwd, env: { ELT_PIPELINE: '' } });
            expect(checked.status).toBe(0);
            expect(checked.stdout).toContain('shop.orders: 2 updates and deletes named rows that never came');
            expect(checked.stdout).not.toContain('shop.customers');
        });

        it('is told by run, and by each later run', async () => {
            await world.ran(['run', file('capture.jsonl')]);
            await world.ran(['scaffold', '--all']);
            const ran = await world.ran(['run', file('capture.jsonl')]);
            expect(ran.stderr).toContain(`note: ${said}`);
            expect(ran.stderr).not.toContain('shop.customers');
            const again = await world.ran(['run', file('capture.jsonl'), '--json']);
            expect(again.stderr).toContain(`note: ${said}`);
            expect(JSON.parse(again.stdout)).toMatchObject({
                lacking: [{ relation: 'shop.orders', changes: 2, seq: 4 }],
            });
        });

        it('is told by status and check, and after a rebuild the same', async () => {
            await world.ran(['rebuild']);
            expect((await world.ran(['status'])).stdout).toContain(said);
            expect((await world.ran(['check'])).stdout).toContain('shop.orders: 2 updates and deletes');
            expect((await world.elt(['check', '--strict'])).status).toBe(4);
        });

        it('gets the rows by the script, with a new slot, and nothing is missing any more', async () => {
            await world.session.sql("update shop.orders set note = 'between the slots' where id = 9;");
            writeFileSync(file('first.jsonl'), firstContents(cluster(), world.name, 'newcomer_2'));
            await world.session.sql(
                "update shop.orders set note = 'after' where id = 10; delete from shop.orders where id = 11;",
            );
            await capturedUpTo('next.jsonl', 'newcomer_2');
            const ran = await world.ran(['run', file('first.jsonl'), file('next.jsonl')]);
            expect(ran.stderr).not.toContain('never came');
            expect(await world.differences()).toEqual([]);
            expect((await world.ran(['status'])).stdout).not.toContain('never came');
            await world.ran(['verify']);
        });
    });

    it('has the rows exactly as the slot was created, while others write', async () => {
        const world = await FollowWorld.open(cluster(), 'exact', WRITTEN_TABLES);
        const writers = new Writers(cluster(), world.name);
        writers.start(5, 1);
        for (const round of [1, 2, 3]) {
            const slot = `exact_${round}`;
            const file = join(world.folder, `first-${round}.jsonl`);
            await new Promise((resolve) => setTimeout(resolve, 300));
            writeFileSync(file, firstContents(cluster(), world.name, slot));
            await new Promise((resolve) => setTimeout(resolve, 300));
            const stream = join(world.folder, `stream-${round}.jsonl`);
            const end = await world.session.sql(END);
            receive(cluster(), world.name, slot, stream, end);
            await world.ran(['run', file, stream]);
        }
        await writers.close();
        const last = join(world.folder, 'last.jsonl');
        receive(cluster(), world.name, 'exact_3', last, await world.session.sql(END));
        await world.ran(['run', last]);
        await world.scaffold();
        expect(writers.transactions).toBeGreaterThan(100);
        expect(await world.differences()).toEqual([]);
        expect(await world.grown('ledger')).toEqual(await same(world, 'ledger'));
        await world.ran(['verify']);
        await world.close();
    });

    it('writes each value of each type as wal2json does', async () => {
        const session = await cluster().createDatabase('first_types');
        const slot = { name: 'elt', options: { 'format-version': '2', 'include-pk': '1' } };
        await session.sql(`select pg_create_logical_replication_slot('first_types_elt', 'wal2json');`);
        await fillTypeMatrix(session);
        await session.sql("delete from type_matrix where id = -1; select set_config('search_path', '', false);");
        const streamed = inserts(await capture(session, slot, 'first_types')).filter(
            (line) => !line.includes('"columns":[{"name":"id","type":"integer","value":-1}'),
        );
        await session.close();
        const got = inserts(firstContents(cluster(), 'first_types', 'first_types_2').split('\n'));
        // The stream has no NaN and no infinities of these types.
        const asStreamed = got.map((line) =>
            line.replace(/("type":"(?:numeric[^"]*|real|double precision)","value":)"(?:NaN|-?Infinity)"/g, '$1null'),
        );
        // wal2json does not escape the quotes of a type's schema.
        const repaired = streamed.map((line) => line.replaceAll('"type":"S1"."Mood"', '"type":"\\"S1\\".\\"Mood\\""'));
        expect(asStreamed.map(columnsOf)).toEqual(repaired.map(columnsOf));
        expect(got).not.toEqual(asStreamed);
    });

    it('takes only the tables that are named, and creates no slot twice', async () => {
        const session = await cluster().createDatabase('some_tables');
        await session.sql(
            'create table a (id int primary key); create table b (id int primary key); insert into a values (1);',
        );
        await session.close();
        const text = firstContents(cluster(), 'some_tables', 'some_tables', ['-v', 'tables=^public\\.a$']);
        expect(text.split('\n').filter((line) => line.includes('"table":'))).toEqual([
            '{"action":"T","schema":"public","table":"a"}',
            '{"action":"I","schema":"public","table":"a","columns":[{"name":"id","type":"integer","value":1}],"pk":[{"name":"id","type":"integer"}]}',
        ]);
        expect(() => firstContents(cluster(), 'some_tables', 'some_tables')).toThrow(/already exists/);
    });
});

async function same(world: FollowWorld, table: string): Promise<readonly number[]> {
    const count = Number(await world.session.sql(`select count(*) from "${table}";`));
    return [count, count, count];
}

/** The inserts of a stream without what names the transaction. */
function inserts(lines: readonly string[]): readonly string[] {
    return lines.filter((line) => line.startsWith('{"action":"I"'));
}

/** One text for each column, so that a difference is shown with its name. */
function columnsOf(line: string): readonly string[] {
    return line.split(/(?<=[}\]]),(?=\{"name")/);
}
