import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { readManifest } from '../../src/lake/manifest.ts';
import { TopicWorld } from '../kafka/topic-world.ts';
import { clusterForTests, hasPostgres } from '../support/cluster-for-tests.ts';
import { DuckDb } from '../support/duckdb.ts';
import { type Following, FollowWorld, until } from '../support/follow-world.ts';
import { brokerForTests, hasKafka } from '../support/kafka.ts';

/** `elt follow … --lake`: what a live source has committed comes into the lake, whatever happens to either. */

const LAKE = ['--lake', 'lake'];

interface World {
    readonly folder: string;
    readonly rows: <Row>(sql: string) => readonly Row[];
}

const wholeSeqOf = (world: World): number =>
    world.rows<{ seq: number }>('select whole_seq as seq from elt_stream')[0]?.seq ?? 0;
const pushedSeqOf = ({ folder }: World): number => readManifest(join(folder, 'lake'), 'shop', 'shop')?.wholeSeq ?? 0;

/** Waits until the lake has come to a `_seq`. */
async function reaches(world: World, seq: number, following: Following): Promise<void> {
    await until(
        () => pushedSeqOf(world) >= seq,
        () => `the lake at _seq ${seq}, it is at ${pushedSeqOf(world)}:\n${following.printed}`,
        90_000,
    );
}

/** Rows of a staging table, in the lake and in the file: the same. */
async function expectSame(world: World, staging: string, columns: string): Promise<void> {
    const engine = await DuckDb.open();
    try {
        const files = join(world.folder, 'lake/shop/sources/shop', staging, '*.parquet');
        const query = `select _seq, _op, ${columns} from`;
        const rows = await engine.rows(`${query} read_parquet('${files}', union_by_name = true) order by _seq`);
        const staged = world.rows<object>(`${query} "${staging}" order by _seq`);
        const texts = staged.map((row) => Object.values(row).map((value) => (value === null ? null : String(value))));
        expect(rows).toEqual(texts);
    } finally {
        engine.close();
    }
}

describe.skipIf(!hasPostgres)('a server', () => {
    const cluster = clusterForTests();

    test('is followed into a lake, and after a kill once more', async () => {
        const world = await FollowWorld.open(
            cluster(),
            'lake',
            `create table orders (id bigint primary key, customer text);
            insert into orders select i, 'c' || i from generate_series(1, 300) as i;`,
        );
        onTestFinished(async () => await world.close());
        const killed = world.follow(LAKE);
        await reaches(world, 300, killed);
        await world.session.sql(
            `update orders set customer = 'other' where id < 50; delete from orders where id > 290;`,
        );
        await world.settled();
        await killed.stop('SIGKILL');
        const following = world.follow(LAKE);
        await reaches(world, 300 + 49 + 10, following);
        await following.stop();
        expect(following.status).toBe(0);
        await world.session.sql(`insert into orders values (1000, 'later');`);
        await world.catchUp(LAKE);
        expect([wholeSeqOf(world), pushedSeqOf(world)]).toEqual([360, 360]);
        await expectSame(world, 'stg_orders', 'id, customer');
        await world.ran(['lake', 'check', '--to', 'lake']);
    });
});

describe.skipIf(!hasKafka)('topics', () => {
    const broker = brokerForTests();

    test('are followed into a lake', async () => {
        const world = new TopicWorld(broker(), {
            visits: 'create table visits (id integer primary key, page text);\n',
        });
        onTestFinished(async () => await world.close());
        await broker().createTopic('visits', 2);
        const visit = (id: number) => ({
            key: String(id),
            value: JSON.stringify({ id, page: `p${id}` }),
            partition: id % 2,
        });
        await broker().send(
            'visits',
            Array.from({ length: 200 }, (_, id) => visit(id)),
        );
        const following = world.follow(['visits'], LAKE);
        await reaches(world, 1, following);
        await following.stop();
        expect(following.status).toBe(0);
        await broker().send('visits', [visit(200)]);
        await world.ran(['follow', broker().address('visits'), '--until-end', ...LAKE]);
        expect([wholeSeqOf(world), pushedSeqOf(world)]).toEqual([201, 201]);
        await expectSame(world, 'stg_visits', 'id, page');
    });
});
