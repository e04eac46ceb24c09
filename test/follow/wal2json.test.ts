import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clusterForTests, hasPostgres } from '../support/cluster-for-tests.ts';
import { FollowWorld } from '../support/follow-world.ts';
import { WRITTEN_TABLES, Writers } from './writers.ts';

/** Two databases follow one source, each by another plugin: what they stage of the stream is the same. */
describe.skipIf(!hasPostgres)('wal2json beside pgoutput', () => {
    const cluster = clusterForTests();
    let world: FollowWorld;
    let writers: Writers;
    const other = ['--db', 'other.db'];

    beforeAll(async () => {
        world = await FollowWorld.open(cluster(), 'plugins', WRITTEN_TABLES);
        writers = new Writers(cluster(), world.name);
    });
    afterAll(async () => {
        await writers.close();
        await world.close();
    });

    it('stages the same rows, with the same positions and times', async () => {
        await world.catchUp();
        await world.ran([...other, 'follow', '--until-caught-up', '--plugin', 'wal2json']);
        writers.start(11);
        await new Promise((resolve) => setTimeout(resolve, 2_500));
        // Stopped first: a truncate of two tables beside transactions that write both in another order is a deadlock.
        await writers.stop();
        await world.session.sql(`select pg_logical_emit_message(true, 'p', 'inside'), pg_logical_emit_message(false, 'p', 'outside');
            truncate pairs, wholes;`);
        await world.catchUp();
        await world.ran([...other, 'follow', '--until-caught-up']);
        for (const table of ['items', 'pairs', 'wholes', 'ledger', 'events']) {
            expect(staged(world, table, 'other.db')).toEqual(staged(world, table));
            expect([table, staged(world, table).length]).not.toEqual([table, 0]);
        }
        const messages =
            'select _lsn, _xid, _committed_at, prefix, content, transactional from elt_messages order by _seq';
        expect(world.rowsOf('other.db', messages)).toEqual(world.rows(messages));
        expect(world.rows(messages)).toHaveLength(2);
    });

    it('resumes where it stopped, and elt verify finds nothing wrong', async () => {
        const before = world.rowsOf('other.db', 'select last_seq from elt_stream');
        await world.ran([...other, 'follow', '--until-caught-up']);
        expect(world.rowsOf('other.db', 'select last_seq from elt_stream')).toEqual(before);
        await world.ran([...other, 'verify']);
    });
});

/** What the stream has brought of a table, without what numbers it here. */
function staged(world: FollowWorld, table: string, file?: string): readonly unknown[] {
    const sql = `select * from "stg_${table}" where _xid is not null order by _seq`;
    const rows = file === undefined ? world.rows(sql) : world.rowsOf(file, sql);
    return rows.map((row) => {
        const { _seq, _load, ...rest } = row as Record<string, unknown>;
        return rest;
    });
}
