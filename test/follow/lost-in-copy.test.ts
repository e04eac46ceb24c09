import { afterEach, describe, expect, it } from 'vitest';
import { clusterForTests, hasPostgres } from '../support/cluster-for-tests.ts';
import { FollowWorld, until } from '../support/follow-world.ts';

/** A slot that the server gives up while tables are copied: what is copied after it is for nothing. */
describe.skipIf(!hasPostgres)('elt follow and a slot that is lost while tables are copied', () => {
    const cluster = clusterForTests();
    let here: FollowWorld | undefined;
    afterEach(async () => {
        await here?.close();
    });

    it('ends at once with the name of the setting, and copies again when it is asked to', async () => {
        here = await FollowWorld.open(
            cluster(),
            'lost_in_copy',
            `create table plain (id int primary key, words text);
            insert into plain select i, repeat(md5(i::text), 60) from generate_series(1, 60000) as i;`,
        );
        const world = here;
        await cluster().configure({ max_slot_wal_keep_size: '16MB' });
        const slot = `select wal_status from pg_replication_slots where database = 'lost_in_copy' and not temporary;`;
        const following = world.follow();
        await until(
            () => world.rows('select phase from elt_sources')[0]?.phase === 'snapshot',
            () => following.printed,
        );
        following.child.kill('SIGSTOP');
        for (let round = 0; round < 40 && (await world.session.sql(slot)) !== 'lost'; round++) {
            await world.session.sql('select pg_switch_wal(); create table if not exists other (a int); checkpoint;');
            await world.session.sql(`insert into other select generate_series(1, 200000);`);
        }
        expect(await world.session.sql(slot)).toBe('lost');
        following.child.kill('SIGCONT');
        await following.ended();
        expect([following.status, following.stderr]).toEqual([3, expect.stringContaining('error SLOT_LOST')]);
        expect(following.stderr).toContain('max_slot_wal_keep_size');
        const [row] = world.rows('select phase, error from elt_sources');
        expect(row).toEqual({ phase: 'lost', error: expect.stringContaining('SLOT_LOST') });
        // Not even half of it is to be seen, and nothing begins by itself.
        const again = await world.elt(['follow', '--until-caught-up']);
        expect([again.status, again.stderr]).toEqual([3, expect.stringContaining('error SLOT_LOST')]);
        expect((await world.elt(['source', 'status'])).stdout).toContain('max_slot_wal_keep_size');
        await cluster().configure({ max_slot_wal_keep_size: '-1' });
        await world.ran(['source', 'resnapshot', '--all']);
        await world.catchUp();
        await world.scaffold();
        expect(world.rows('select count(*) as n from current_plain')).toEqual([{ n: 60_000 }]);
    });
});
