import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { clusterForTests, hasPostgres } from '../support/cluster-for-tests.ts';
import { FollowWorld, PIPELINE, until } from '../support/follow-world.ts';

const PLAIN = 'create table plain (id int primary key, words text); insert into plain values (1);';

/** Limits that a server sets: how long a client may be silent, and how much of the log is kept for it. */
describe.skipIf(!hasPostgres)('elt follow and the limits of a server', () => {
    const cluster = clusterForTests();
    const worlds: FollowWorld[] = [];

    async function world(name: string, sql = PLAIN, settings = ''): Promise<FollowWorld> {
        const opened = await FollowWorld.open(cluster(), name, sql);
        worlds.push(opened);
        await opened.session.sql(settings);
        return opened;
    }
    afterEach(async () => {
        for (const one of worlds.splice(0)) {
            await one.close();
        }
    });

    /** Lets a process of the server stand still while `work` is done. The query finds it by and by. */
    async function whileFrozen(here: FollowWorld, query: string, work: () => Promise<void>): Promise<void> {
        let pid = 0;
        await until(
            async () => {
                pid = Number(await here.session.sql(query));
                return pid > 1;
            },
            () => `a process of the server: ${query}`,
        );
        process.kill(pid, 'SIGSTOP');
        try {
            await work();
        } finally {
            process.kill(pid, 'SIGCONT');
        }
    }

    it('keeps its connection while SQLite works for longer than the server waits for an answer', async () => {
        const here = await world('busy', PLAIN, `alter database busy set wal_sender_timeout = '1s';`);
        await here.catchUp();
        await here.scaffold();
        const folder = join(here.folder, 'sql', PIPELINE, 'tests');
        mkdirSync(folder, { recursive: true });
        writeFileSync(
            join(folder, 'current_plain__cannot_be_counted.sql'),
            `-- why: a test that takes long
-- scope: changed

with recursive numbers (number) as (
    select 1
    union all
    select number + 1 from numbers where number < 20000000 * (select count(*) > 0 from changed_plain)
)

select count(*) as counted
from numbers
having count(*) < 0;
`,
        );
        const following = here.follow();
        await following.says('following');
        await here.session.sql(`insert into plain values (2, 'slow');`);
        const began = performance.now();
        await until(
            () => here.rows('select 1 from current_plain where id = 2').length === 1,
            () => following.printed,
        );
        expect(performance.now() - began).toBeGreaterThan(1_500);
        await here.session.sql(`insert into plain values (3, 'after');`);
        await until(
            () => here.rows('select 1 from current_plain where id = 3').length === 1,
            () => following.printed,
        );
        await following.stop();
        expect(following.printed).not.toMatch(/SOURCE_UNREACHABLE|connected again/);
    });

    it('moves its slot on where the server never asks, and while nothing of it is written', async () => {
        const here = await world('unasked', PLAIN, `alter database unasked set wal_sender_timeout = 0;`);
        await here.catchUp();
        const following = here.follow();
        await following.says('following');
        const elsewhere = await cluster().createDatabase('elsewhere');
        await elsewhere.sql(`create table noise as select repeat('x', 1000) as words from generate_series(1, 20000);`);
        await until(
            async () =>
                (await here.session.sql(
                    `select pg_current_wal_lsn() - confirmed_flush_lsn < 1000000 from pg_replication_slots where database = 'unasked';`,
                )) === 't',
            () => `the slot to move on: ${following.printed}`,
        );
        await elsewhere.close();
        await cluster().dropDatabase('elsewhere');
        await following.stop();
    });

    it('notices within half a minute that the server is frozen, and follows on when it is not', {
        timeout: 120_000,
    }, async () => {
        const here = await world('frozen');
        await here.catchUp();
        const following = here.follow();
        await following.says('following');
        const sender = `select active_pid from pg_replication_slots where database = 'frozen';`;
        await whileFrozen(here, sender, async () => {
            const began = performance.now();
            await following.says('SOURCE_UNREACHABLE');
            expect(performance.now() - began).toBeLessThan(32_000);
        });
        await here.session.sql(`insert into plain values (2, 'thawed');`);
        await here.settled();
        expect(here.rows('select id from stg_plain order by _seq')).toEqual([{ id: 1 }, { id: 2 }]);
        await following.stop();
    });

    describe('max_slot_wal_keep_size', () => {
        /** Writes more of the log than the server keeps for a slot. */
        async function outrun(here: FollowWorld): Promise<void> {
            await cluster().configure({ max_slot_wal_keep_size: '16MB' });
            for (let turn = 0; turn < 4; turn++) {
                await here.session.sql(`select pg_logical_emit_message(false, 'x', 'x'); select pg_switch_wal();`);
            }
            await here.session.sql('checkpoint;');
        }
        afterEach(async () => {
            await cluster().configure({ max_slot_wal_keep_size: '-1' });
        });

        it('outrun while nobody followed: said at once, with the name of the setting and what to do', async () => {
            const here = await world('outrun');
            await here.catchUp();
            await here.scaffold();
            await here.session.sql(`insert into plain values (2, 'missed');`);
            await outrun(here);
            const status = await here.ran(['source', 'status']);
            expect(status.stdout).toMatch(/: lost;/);
            expect(status.stdout).toContain('max_slot_wal_keep_size');
            const began = performance.now();
            const ran = await here.elt(['follow']);
            expect([ran.status, ran.stderr]).toEqual([3, expect.stringContaining('error SLOT_LOST')]);
            expect(ran.stderr).toContain('max_slot_wal_keep_size');
            expect(ran.stderr).toContain('elt source resnapshot --all');
            expect(performance.now() - began).toBeLessThan(10_000);
            await here.ran(['source', 'resnapshot', '--all']);
            await here.catchUp();
            expect(await here.differences()).toEqual([]);
            await here.ran(['verify']);
        });
    });
});
