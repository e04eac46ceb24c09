import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clusterForTests, hasPostgres } from '../support/cluster-for-tests.ts';
import { FollowWorld } from '../support/follow-world.ts';

const TABLES = `
    create table orders (id bigint primary key, customer text, total numeric(10,2), paid boolean, note text);
    create table lines (order_id bigint, place int, article text, primary key (order_id, place));
    create table log (at text, words text);
    insert into orders select i, 'c' || i, i * 1.5, i % 2 = 0, repeat('x', i % 40) from generate_series(1, 2500) as i;
    insert into lines select i / 3, i % 3, 'a' || i from generate_series(1, 3000) as i;
    insert into log values ('now', E'tab\\t, line\\n, backslash \\\\, null \\\\N');`;

describe.skipIf(!hasPostgres)('elt follow', () => {
    const cluster = clusterForTests();
    let world: FollowWorld;

    beforeAll(async () => {
        world = await FollowWorld.open(cluster(), 'first_steps', TABLES);
    });
    afterAll(async () => {
        await world.close();
    });

    it('copies every table, and says so', async () => {
        const ran = await world.catchUp();
        expect(ran.stderr).toContain('copied  3 tables, 5,501 rows');
        expect(ran.stderr).toContain('following postgres://');
        expect(world.rows('select count(*) as n from stg_orders')).toEqual([{ n: 2500 }]);
        expect(world.rows('select words from stg_log')).toEqual([{ words: 'tab\t, line\n, backslash \\, null \\N' }]);
        expect(world.rows(`select distinct _op, _xid, _committed_at from stg_orders`)).toEqual([
            { _op: 'insert', _xid: null, _committed_at: null },
        ]);
    });

    it('is what the source has, in current tables', async () => {
        await world.scaffold();
        expect(await world.differences()).toEqual([]);
    });

    it('lands what comes later, with its transaction', async () => {
        await world.session.sql(`
            begin; update orders set total = 7, note = null where id = 1; delete from orders where id = 2;
            update lines set order_id = 5000 where order_id = 7; commit;
            insert into log values ('later', 'é');`);
        await world.catchUp();
        expect(await world.differences()).toEqual([]);
        const staged = world.rows<Record<string, unknown>>(
            `select _op, _xid, _committed_at, _old_key from stg_lines where _op <> 'insert' order by _seq`,
        );
        expect(staged).toHaveLength(3);
        expect(staged[0]).toMatchObject({ _op: 'update', _old_key: '{"order_id":7}' });
        expect(staged.every(({ _xid, _committed_at: at }) => _xid !== null && String(at).endsWith('+00'))).toBe(true);
    });

    it('lands nothing twice, and confirms to the server what it has', async () => {
        const before = world.rows('select last_seq from elt_stream');
        await world.catchUp();
        expect(world.rows('select last_seq from elt_stream')).toEqual(before);
        const slot = await world.session.sql(
            'select active, confirmed_flush_lsn >= (select pg_current_wal_lsn() - 200) from pg_replication_slots;',
        );
        expect(slot).toBe('f|t');
    });

    it('ends within two seconds of a signal, and lets the slot go', async () => {
        const following = world.follow();
        await following.says('following');
        await world.session.sql('insert into orders select i from generate_series(10001, 10500) as i;');
        await world.settled();
        expect(await following.stop('SIGINT')).toBeLessThan(2_000);
        expect(following.status).toBe(0);
        expect(await world.session.sql('select active from pg_replication_slots;')).toBe('f');
        expect(await world.differences()).toEqual([]);
    });

    it('keeps an application alive whose table has no key', async () => {
        await world.session.sql(`update log set words = 'changed'; delete from log where at = 'now';`);
        expect(await world.session.sql('select words from log;')).toBe('changed');
    });

    it('elt verify finds nothing wrong', async () => {
        await world.ran(['verify']);
    });
});
