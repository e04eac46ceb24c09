import { copyFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { clusterForTests, hasPostgres } from '../support/cluster-for-tests.ts';
import { FollowWorld, until } from '../support/follow-world.ts';
import { WRITTEN_TABLES, Writers } from './writers.ts';

/** What servers and those who look after them do, and what may be lost by it: nothing, or it is said. */
describe.skipIf(!hasPostgres)('elt follow and the server', () => {
    const cluster = clusterForTests();
    const worlds: FollowWorld[] = [];

    async function world(name: string, sql = 'create table plain (id int primary key, words text);') {
        const opened = await FollowWorld.open(cluster(), name, sql);
        worlds.push(opened);
        return opened;
    }
    afterEach(async () => {
        for (const one of worlds.splice(0)) {
            await one.close();
        }
    });

    it.each(['fast', 'immediate'] as const)(
        'connects again after a restart (%s), and lands nothing twice',
        async (mode) => {
            const here = await world(`restart_${mode}`, WRITTEN_TABLES);
            await here.catchUp();
            await here.scaffold();
            const writers = new Writers(cluster(), here.name);
            const following = here.follow();
            await following.says('following');
            writers.start(5);
            await sleep(1_200);
            cluster().restart(mode);
            await sleep(1_500);
            await writers.stop();
            await here.reconnect();
            await here.settled();
            await following.says('connected again');
            expect(await here.differences()).toEqual([]);
            const [staged, distinct, source] = await here.grown('ledger');
            expect([staged, distinct]).toEqual([source, source]);
            await writers.close();
            await following.stop();
        },
    );

    it('loses no commit that follows right after another one', async () => {
        const here = await world('adjacent');
        await here.catchUp();
        const [one, other] = [cluster().connect(here.name), cluster().connect(here.name)];
        for (let round = 1; round <= 8; round++) {
            await one.sql(`begin; insert into plain values (${2 * round}, 'first');`);
            await other.sql(`begin; insert into plain values (${2 * round + 1}, 'second');`);
            // Nothing is written to the log between these two.
            const first = one.sql('commit;');
            const second = other.sql('commit;');
            await Promise.all([first, second]);
            // Killed between the two or after both; then on from there.
            await here.follow(['--every', '0ms'], { ELT_FAILPOINT: 'committed' }).ended();
        }
        await one.close();
        await other.close();
        await here.catchUp();
        expect(here.rows('select count(*) as n, count(distinct id) as ids from stg_plain')).toEqual([
            { n: 16, ids: 16 },
        ]);
    });

    it('refuses a restored copy of its database, and takes all tables again when it is asked to', async () => {
        const here = await world(
            'restored',
            'create table plain (id int primary key, words text); insert into plain values (1);',
        );
        await here.catchUp();
        await here.scaffold();
        await here.ran(['backup', 'old.db']);
        await here.session.sql(`insert into plain values (2, 'later'); delete from plain where id = 1;`);
        await here.catchUp();
        for (const ending of ['', '-wal', '-shm']) {
            rmSync(`${here.file}${ending}`, { force: true });
        }
        copyFileSync(join(here.folder, 'old.db'), here.file);
        const before = here.rows('select last_seq from elt_stream');
        const refused = await here.elt(['follow', '--until-caught-up']);
        expect([refused.status, refused.stderr]).toEqual([3, expect.stringContaining('error SLOT_AHEAD')]);
        expect(refused.stderr).toContain('elt source resnapshot --all');
        expect(here.rows('select last_seq from elt_stream')).toEqual(before);
        expect(here.rows('select phase from elt_sources')).toEqual([{ phase: 'lost' }]);
        await here.ran(['source', 'resnapshot', '--all']);
        await here.catchUp();
        expect(await here.differences()).toEqual([]);
        // The history stays: the row of then, a truncate, the row of now.
        expect(here.rows('select _op from stg_plain order by _seq')).toEqual(
            ['insert', 'truncate', 'insert'].map((_op) => ({ _op })),
        );
        await here.ran(['verify']);
    });

    it('refuses a slot that is gone, or was made anew under its name', async () => {
        const here = await world('slot_gone');
        await here.catchUp();
        const slot = await here.session.sql(`select slot_name from pg_replication_slots where database = 'slot_gone';`);
        await here.session.sql(`select pg_drop_replication_slot('${slot}'); insert into plain values (1, 'missed');`);
        const gone = await here.elt(['follow', '--until-caught-up']);
        expect([gone.status, gone.stderr]).toEqual([3, expect.stringContaining('error SLOT_LOST')]);
        await here.session.sql(`select pg_create_logical_replication_slot('${slot}', 'pgoutput');`);
        const anew = await here.elt(['follow', '--until-caught-up']);
        expect([anew.status, anew.stderr]).toEqual([3, expect.stringContaining('error SLOT_AHEAD')]);
    });

    it('ends within two seconds of SIGTERM while changes stream in, with its last place confirmed', async () => {
        const here = await world('signals', WRITTEN_TABLES);
        await here.catchUp();
        const writers = new Writers(cluster(), here.name);
        const following = here.follow();
        await following.says('following');
        writers.start(6, 0);
        await sleep(1_000);
        expect(await following.stop('SIGTERM')).toBeLessThan(2_000);
        await writers.close();
        const [row] = here.rows<{ end_lsn: string }>('select end_lsn from elt_sources');
        expect(
            await here.session.sql(
                `select active, confirmed_flush_lsn = '${row?.end_lsn}' from pg_replication_slots where database = 'signals';`,
            ),
        ).toBe('f|t');
    });

    it('lets the server stop within five seconds, and is there again after it', async () => {
        const here = await world('stopping');
        await here.catchUp();
        const following = here.follow();
        await following.says('following');
        await here.session.sql(`insert into plain values (1, 'before');`);
        await here.session.close();
        const began = performance.now();
        cluster().halt('fast');
        expect(performance.now() - began).toBeLessThan(5_000);
        await following.says('SOURCE_UNREACHABLE');
        cluster().start();
        await here.reconnect();
        await here.session.sql(`insert into plain values (2, 'after');`);
        await here.settled();
        expect(here.rows('select id from stg_plain order by _seq')).toEqual([{ id: 1 }, { id: 2 }]);
        await following.stop();
    });

    it('says who holds the slot, and who follows into the file', async () => {
        const here = await world('twice');
        const following = here.follow();
        await following.says('following');
        const sameFile = await here.elt(['follow', '--until-caught-up']);
        expect([sameFile.status, sameFile.stderr]).toEqual([
            7,
            expect.stringMatching(
                new RegExp(`DATABASE_LOCKED: .*followed into by another process[^]*process ${following.child.pid}`),
            ),
        ]);
        await here.ran(['backup', 'copy.db']);
        const sameSlot = here.follow(['--until-caught-up', '--db', 'copy.db']);
        await sameSlot.says('SLOT_ACTIVE');
        await sameSlot.stop();
        await following.stop();
    });

    it('lets the server forget its log while only others write', async () => {
        const here = await world('idle');
        await here.catchUp();
        await here.session.sql('create table elsewhere (words text);');
        const following = here.follow();
        await following.says('following');
        await here.session.sql(`insert into elsewhere select repeat('x', 1000) from generate_series(1, 30000);`);
        await until(
            async () =>
                (await here.session.sql(
                    `select pg_current_wal_lsn() - confirmed_flush_lsn < 1000000 from pg_replication_slots where database = 'idle';`,
                )) === 't',
            () => 'the slot to move on',
        );
        await following.stop();
        // It may start from there: nothing of it is ours.
        await here.session.sql(`insert into plain values (1, 'ours');`);
        await here.catchUp();
        expect(here.rows('select id from stg_plain')).toEqual([{ id: 1 }]);
    });

    it('says for whom a slot waits, continues when it ends, and leaves nothing when it is interrupted', async () => {
        const here = await world('waiting');
        const blocker = cluster().connect(here.name);
        await blocker.sql(`begin; insert into plain values (1, 'open');`);
        const interrupted = here.follow();
        await interrupted.says(/the slot waits since \d+ s for transactions that are open: process \d+ \(/);
        await interrupted.stop('SIGINT');
        expect(await here.session.sql(`select count(*) from pg_replication_slots where database = 'waiting';`)).toBe(
            '0',
        );
        const following = here.follow();
        await following.says('the slot waits');
        await blocker.sql('commit;');
        await following.says('following');
        await here.settled();
        expect(here.rows('select id from stg_plain')).toEqual([{ id: 1 }]);
        await blocker.close();
        await following.stop();
    });
});
