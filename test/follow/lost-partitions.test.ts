import { afterAll, describe, expect, it } from 'vitest';
import { readSource, readSourceTables } from '../../src/ledger/sources.ts';
import { TableWatch } from '../../src/load/postgres/table-watch.ts';
import { serverAddress } from '../../src/postgres/server-address.ts';
import { ServerConnection } from '../../src/postgres/server-connection.ts';
import { closeDatabase, openDatabase } from '../../src/sqlite/database.ts';
import { clusterForTests, hasPostgres } from '../support/cluster-for-tests.ts';
import { FollowWorld } from '../support/follow-world.ts';

/** A partition that goes takes its rows with it, and no change in the stream says so. */

const TABLES = `
    create table events (id int, day date, primary key (id, day)) partition by range (day);
    create table events_1 partition of events for values from ('2021-01-01') to ('2022-01-01');
    create table events_2 partition of events for values from ('2022-01-01') to ('2023-01-01');
    create table events_3 partition of events for values from ('2023-01-01') to ('2024-01-01') partition by range (id);
    create table events_3a partition of events_3 for values from (0) to (100);
    create table events_3b partition of events_3 for values from (100) to (1000);
    create table events_rest partition of events default;
    insert into events values (1, '2021-05-05'), (2, '2022-05-05'), (3, '2023-05-05'), (103, '2023-05-05');`;
const LOST = 'a partition of public.events was dropped or detached, and its rows are no rows of the table any more';
const AGAIN = `${LOST}: it is copied again`;

describe.skipIf(!hasPostgres)('a partition of a table that is followed', () => {
    const cluster = clusterForTests();
    const worlds: FollowWorld[] = [];
    afterAll(() => Promise.all(worlds.map((one) => one.close())));

    async function followed(name: string): Promise<FollowWorld> {
        const world = await FollowWorld.open(cluster(), name, TABLES);
        worlds.push(world);
        await world.catchUp();
        await world.scaffold();
        return world;
    }

    const idsHere = (world: FollowWorld): unknown =>
        world.rows<{ id: number }>('select id from current_events order by id').map(({ id }) => id);
    const idsThere = async (world: FollowWorld): Promise<unknown> =>
        JSON.parse(await world.session.sql("select coalesce(json_agg(id order by id), '[]') from events;"));

    it.each([
        ['detached', 'alter table events detach partition events_1;'],
        ['dropped', 'drop table events_2;'],
        ['detached with partitions of its own', 'alter table events detach partition events_3;'],
        ['dropped below another one', 'drop table events_3b;'],
        ['detached, and written to since', `alter table events detach partition events_1; delete from events_1;`],
    ])('that is %s takes its rows along', async (what, sql) => {
        const world = await followed(`lost_${what.length}`);
        await world.session.sql(`insert into events values (4, '2021-06-06'), (5, '2022-06-06'); ${sql}`);
        expect((await world.catchUp()).stderr).toContain(AGAIN);
        await world.session.sql(`insert into events values (6, '2023-06-06');`);
        expect((await world.catchUp()).stderr).not.toContain(LOST);
        expect(idsHere(world)).toEqual(await idsThere(world));
    });

    it('that came after the copy is known too', async () => {
        const world = await followed('lost_later');
        await world.session.sql(`create table events_4 partition of events for values from ('2024-01-01') to ('2025-01-01');
            insert into events values (7, '2024-01-01');`);
        expect((await world.catchUp()).stderr).not.toContain('copied again');
        expect(idsHere(world)).toEqual([1, 2, 3, 7, 103]);
        await world.session.sql('drop table events_4;');
        expect((await world.catchUp()).stderr).toContain(AGAIN);
        await world.catchUp();
        expect(idsHere(world)).toEqual([1, 2, 3, 103]);
    });

    it('of a large table is only said, with the command that copies it', async () => {
        const world = await followed('lost_large');
        await world.session.sql('drop table events_1;');
        const database = openDatabase(world.file);
        const source = readSource(database);
        if (source === null) {
            throw new Error('nothing is followed');
        }
        const connection = await ServerConnection.open(serverAddress(cluster().address('lost_large')));
        const notes: string[] = [];
        const watch = new TableWatch({ database, source, note: (text) => notes.push(text) }, 0);
        await watch.look(connection);
        await watch.look(connection);
        await connection.close();
        expect(notes).toEqual([`${LOST}, but stay here: "elt source resnapshot public.events" copies it again`]);
        expect(readSourceTables(database, source.source_id)).toMatchObject([{ state: 'streaming' }]);
        closeDatabase(database);
    });
});
