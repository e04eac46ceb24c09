import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clusterForTests, hasPostgres } from '../support/cluster-for-tests.ts';
import { type Following, FollowWorld, until } from '../support/follow-world.ts';
import { WRITTEN_TABLES, Writers } from './writers.ts';

describe.skipIf(!hasPostgres)('a table that is copied while others are streamed', () => {
    const cluster = clusterForTests();
    let world: FollowWorld;
    let writers: Writers;
    let following: Following;

    beforeAll(async () => {
        world = await FollowWorld.open(cluster(), 'side_copy', WRITTEN_TABLES);
        writers = new Writers(cluster(), world.name);
        await world.catchUp(['--tables', 'items', 'pairs', 'wholes']);
        await world.scaffold();
        writers.start(3);
        following = world.follow();
        await following.says('following');
    });
    afterAll(async () => {
        await writers.close();
        await world.close();
    });

    it('is added by a command, and has what came before and after', async () => {
        expect(world.rows(`select 1 from elt_relations where table_name = 'ledger'`)).toEqual([]);
        await world.ran(['source', 'resnapshot', 'ledger']);
        await world.streamed('ledger');
        await writers.stop();
        await world.settled();
        const [staged, distinct, source] = await world.grown('ledger');
        expect([staged, distinct]).toEqual([source, source]);
        expect(following.printed).toContain('copying public.ledger while the others are streamed');
        writers.start(4);
    });

    it('is taken again: a truncate comes before its rows, and the models never see half of it', async () => {
        const seen = new Set<number>();
        await world.ran(['source', 'resnapshot', 'items']);
        await until(
            () => {
                seen.add(
                    (world.rows<{ n: number }>('select count(*) as n from current_items')[0]?.n ?? 0) > 300 ? 1 : 0,
                );
                return world.rows(`select 1 from stg_items where _op = 'truncate'`).length > 0;
            },
            () => following.printed,
        );
        await world.streamed('items');
        await writers.stop();
        await world.settled();
        expect([...seen]).toEqual([1]);
        await following.stop();
        await world.ran(['scaffold', '--all']);
        await world.catchUp();
        expect(await world.differences()).toEqual([]);
        await world.ran(['verify']);
    });

    it('is found in a publication of its owner, by its first change or by itself', async () => {
        await world.session.sql(`create table late (id int primary key, words text); insert into late values (1, 'before');
            alter publication ${(await world.session.sql('select pubname from pg_publication order by 1 limit 1;')).trim()} add table late;
            insert into late values (2, 'after');`);
        following = world.follow();
        await world.streamed('late');
        await world.session.sql(`insert into late values (3, 'later');`);
        await world.settled();
        expect(world.rows('select id, words from stg_late order by _seq')).toEqual([
            { id: 1, words: 'before' },
            { id: 2, words: 'after' },
            { id: 3, words: 'later' },
        ]);
    });

    it('is refused when there is no such table, and the others continue', async () => {
        await world.ran(['source', 'resnapshot', 'nowhere']);
        await following.says('public.nowhere could not be copied: SOURCE_UNFIT');
        await world.session.sql(`insert into late values (4, 'still');`);
        await world.settled();
        expect(world.rows('select count(*) as n from stg_late')).toEqual([{ n: 4 }]);
        expect(world.rows(`select 1 from elt_source_tables where table_name = 'nowhere'`)).toEqual([]);
    });
});
