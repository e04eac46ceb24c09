import { appendFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { hasPostgres } from '../support/cluster-for-tests.ts';
import { findPostgres18 } from '../support/embedded-postgres.ts';
import { FollowWorld, until } from '../support/follow-world.ts';
import {
    type Cluster,
    copyCluster,
    findPostgres,
    type PostgresInstallation,
    startCluster,
} from '../support/postgres.ts';

const PLAIN = `create table plain (id int primary key, words text); insert into plain values (1, 'first');`;
const NAME = 'failing';

/** Standbys that take over, and servers that were restored: each begins anew from some place of the log. */
describe.skipIf(!hasPostgres)('elt follow and a server that another one replaces', () => {
    const clusters: Cluster[] = [];
    const worlds: FollowWorld[] = [];

    afterEach(async () => {
        for (const world of worlds.splice(0)) {
            await world.end();
        }
        for (const cluster of clusters.splice(0)) {
            await cluster.stop();
        }
    });

    async function started(installation = findPostgres() as PostgresInstallation, more: readonly string[] = []) {
        const cluster = startCluster(installation, more);
        clusters.push(cluster);
        const world = await FollowWorld.open(cluster, NAME, PLAIN);
        worlds.push(world);
        await world.catchUp();
        await world.scaffold();
        return { cluster, world };
    }

    /** A standby of a cluster, which is halted for a moment, as `pg_basebackup` would make it: without slots. */
    function standbyOf(cluster: Cluster, { keepsSlots = false, more = [] as readonly string[] } = {}): Cluster {
        cluster.halt('fast');
        const standby = copyCluster(cluster, more, (folder) => {
            const data = join(folder, 'data');
            writeFileSync(join(data, 'standby.signal'), '');
            const from = `host=${cluster.folder} user=postgres dbname=${NAME}`;
            appendFileSync(join(data, 'postgresql.auto.conf'), `primary_conninfo = '${from}'\n`);
            for (const slot of keepsSlots ? [] : readdirSync(join(data, 'pg_replslot'))) {
                rmSync(join(data, 'pg_replslot', slot), { recursive: true });
            }
        });
        clusters.push(standby);
        cluster.start();
        standby.start();
        return standby;
    }

    async function promote(standby: Cluster): Promise<void> {
        const session = standby.connect();
        await session.sql('select pg_promote();');
        await session.close();
    }

    /** From now on the world's own questions, and by default its followers, go to that server. */
    async function moveTo(world: FollowWorld, cluster: Cluster): Promise<void> {
        world.cluster = cluster;
        await world.reconnect();
    }

    const held = (world: FollowWorld) => world.rows('select last_seq from elt_stream');
    const source = (world: FollowWorld) => world.rows('select timeline, phase from elt_sources')[0];

    it('says that the slot is lost where a standby takes over without it, and takes all again when asked to', async () => {
        const { cluster, world } = await started();
        const standby = standbyOf(cluster);
        await world.reconnect();
        await world.session.sql(`insert into plain values (2, 'on the standby too');`);
        const lsn = await world.session.sql('select pg_current_wal_flush_lsn();');
        await arrived(standby, lsn);
        cluster.halt('immediate');
        await promote(standby);
        await moveTo(world, standby);
        const before = held(world);
        const refused = await world.elt(['follow', '--until-caught-up']);
        expect([refused.status, refused.stderr]).toEqual([3, expect.stringContaining('error SLOT_LOST')]);
        expect(refused.stderr).toMatch(/a standby took over[\s\S]*sync_replication_slots/);
        expect(held(world)).toEqual(before);
        await world.ran(['source', 'resnapshot', '--all']);
        await world.catchUp();
        expect(await world.differences()).toEqual([]);
        expect(source(world)).toEqual({ timeline: 2, phase: 'streaming' });
    });

    it('refuses a standby that took over without changes that have landed', async () => {
        const { cluster, world } = await started();
        const standby = standbyOf(cluster, { keepsSlots: true });
        standby.halt('fast');
        await world.reconnect();
        await world.session.sql(`insert into plain values (2, 'lost');`);
        await world.catchUp();
        cluster.halt('immediate');
        standby.start();
        await promote(standby);
        await moveTo(world, standby);
        await world.session.sql(`insert into plain select i, 'instead' from generate_series(3, 400) as i;`);
        const before = held(world);
        const refused = await world.elt(['follow', '--until-caught-up']);
        expect([refused.status, refused.stderr]).toEqual([3, expect.stringContaining('error SOURCE_DIVERGED')]);
        expect(refused.stderr).toMatch(
            /timeline 2 left timeline 1 at 0\/[0-9A-F]+, and this database holds changes up to 0\/[0-9A-F]+[\s\S]*source resnapshot --all[\s\S]*synchronized_standby_slots/,
        );
        expect(held(world)).toEqual(before);
        expect(source(world)).toEqual({ timeline: 1, phase: 'lost' });
        await world.ran(['source', 'resnapshot', '--all']);
        await world.catchUp();
        await world.session.sql(`insert into plain values (1000, 'after');`);
        await world.catchUp();
        expect(await world.differences()).toEqual([]);
        expect(world.rows(`select count(*) as n from stg_plain where words = 'lost'`)).toEqual([{ n: 1 }]);
        await world.ran(['verify']);
    });

    it('continues where the slot goes with the standby, and refuses the old primary from then on', async () => {
        const { cluster, world } = await started();
        const standby = standbyOf(cluster, { keepsSlots: true });
        await promote(standby);
        const old = world.cluster;
        await moveTo(world, standby);
        await world.session.sql(`insert into plain values (2, 'after the promotion');`);
        const ran = await world.catchUp();
        expect(ran.stderr).toContain('the server is on timeline 2 now (1 before)');
        expect(await world.differences()).toEqual([]);
        expect(source(world)).toEqual({ timeline: 2, phase: 'streaming' });
        expect((await world.catchUp()).stderr).not.toContain('timeline');
        const back = await world.elt(['follow', '--until-caught-up'], { ELT_SOURCE: old.address(NAME) });
        expect([back.status, back.stderr]).toEqual([3, expect.stringContaining('error SOURCE_DIVERGED')]);
        expect(back.stderr).toContain('timeline 1 does not come from timeline 2');
        // The right one continues as if nothing had been.
        await world.catchUp();
        expect(source(world)).toEqual({ timeline: 2, phase: 'streaming' });
    });

    it('refuses a server that was started from an older copy of its files, on the same timeline', async () => {
        const { cluster, world } = await started();
        cluster.halt('fast');
        const copy = copyCluster(cluster);
        clusters.push(copy);
        cluster.start();
        await world.reconnect();
        await world.session.sql(`insert into plain select i, 'later' from generate_series(2, 500) as i;`);
        await world.catchUp();
        copy.start();
        await moveTo(world, copy);
        const before = held(world);
        const refused = await world.elt(['follow', '--until-caught-up']);
        expect([refused.status, refused.stderr]).toEqual([3, expect.stringContaining('error SOURCE_DIVERGED')]);
        expect(refused.stderr).toMatch(/its log ends at 0\/[0-9A-F]+, and this database holds changes up to/);
        expect(held(world)).toEqual(before);
    });

    const postgres18 = findPostgres18();
    const SYNCED = ['hot_standby_feedback=on', 'primary_slot_name=standby', 'wal_retrieve_retry_interval=300ms'];

    it.skipIf(postgres18 === undefined)('PostgreSQL 18: a slot that is kept by the standby loses nothing', async () => {
        const { cluster, world } = await started(postgres18 as PostgresInstallation);
        await world.session.sql(`select pg_create_physical_replication_slot('standby');`);
        const standby = standbyOf(cluster, { more: SYNCED });
        await world.reconnect();
        const following = world.follow();
        await following.says('following');
        await world.session.sql(`insert into plain values (2, 'streamed');`);
        await world.settled();
        await synced(world, standby);
        // The standby is not the primary yet: it is waited for.
        await following.stop();
        const early = world.follow([], { ELT_SOURCE: standby.address(NAME) });
        await early.says(/SOURCE_UNREACHABLE: the server that answers is a standby/);
        await world.session.sql(`insert into plain values (3, 'before the end');`);
        await arrived(standby, await world.session.sql('select pg_current_wal_flush_lsn();'));
        cluster.halt('immediate');
        await promote(standby);
        await moveTo(world, standby);
        await world.session.sql(`insert into plain values (4, 'on the new one');`);
        await early.says('on timeline 2 now');
        await world.settled();
        expect(await world.differences()).toEqual([]);
        expect(world.rows('select id from stg_plain order by _seq')).toEqual([1, 2, 3, 4].map((id) => ({ id })));
        await early.stop();
    });
});

/** Has the standby take over the slot, as its worker would sooner or later. */
async function synced(world: FollowWorld, standby: Cluster): Promise<void> {
    const session = standby.connect(NAME);
    await until(
        async () => {
            await world.session.sql('select pg_log_standby_snapshot();');
            await session.sql('select pg_sync_replication_slots();').catch(() => undefined);
            return (await session.sql('select synced and not temporary from pg_replication_slots;')) === 't';
        },
        () => 'the slot on the standby',
    );
    await session.close();
}

async function arrived(standby: Cluster, lsn: string): Promise<void> {
    const session = standby.connect();
    await until(
        async () => (await session.sql(`select pg_last_wal_replay_lsn() >= '${lsn}'::pg_lsn;`)) === 't',
        () => `${lsn} on the standby`,
    );
    await session.close();
}
