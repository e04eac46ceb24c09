import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clusterForTests, hasPostgres } from '../support/cluster-for-tests.ts';
import { type Following, FollowWorld } from '../support/follow-world.ts';
import { WRITTEN_TABLES, Writers } from './writers.ts';

/** wal2json is told which tables it is to name when the stream is opened: one that is added later must be among them. */
describe.skipIf(!hasPostgres)('a table that is added to a stream of wal2json', () => {
    const cluster = clusterForTests();
    let world: FollowWorld;
    let writers: Writers;
    let following: Following;

    beforeAll(async () => {
        world = await FollowWorld.open(cluster(), 'later', WRITTEN_TABLES);
        writers = new Writers(cluster(), world.name);
        await world.catchUp(['--plugin', 'wal2json', '--tables', 'items', 'pairs', 'wholes', 'events']);
        following = world.follow();
        await following.says('following');
    });
    afterAll(async () => {
        await writers.close();
        await world.close();
    });

    it('has what came before, meanwhile and after, and the others miss nothing', async () => {
        await world.session.sql(`create table "odd, name" (id int primary key, words text);
            insert into "odd, name" values (1, 'before');`);
        writers.start(5);
        await world.ran(['source', 'resnapshot', 'ledger', 'nowhere', 'odd, name']);
        await world.streamed('ledger');
        await world.streamed('odd, name');
        await world.session.sql(
            `insert into "odd, name" values (2, 'after'); update "odd, name" set words = 'other' where id = 1;`,
        );
        await writers.stop();
        await world.settled();
        await following.stop();
        const [staged, distinct, source] = await world.grown('ledger');
        expect([staged, distinct]).toEqual([source, source]);
        await world.scaffold();
        await world.catchUp();
        expect(await world.differences()).toEqual([]);
        await world.ran(['verify']);
    });
});
