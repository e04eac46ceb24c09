import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { clusterForTests, hasPostgres } from '../support/cluster-for-tests.ts';
import { elt, workFolder } from '../support/elt.ts';
import { FollowWorld } from '../support/follow-world.ts';
import { Pooler } from '../support/pooler.ts';
import { type Cluster, startCluster } from '../support/postgres.ts';

const SQL = "create table plain (id int primary key, words text); insert into plain values (1, 'here');";

/** What cannot be followed is refused with one error, before anything is made, with the SQL that changes it. */
describe.skipIf(!hasPostgres)('elt follow refuses', () => {
    const cluster = clusterForTests();
    let world: FollowWorld;

    beforeAll(async () => {
        world = await FollowWorld.open(cluster(), 'refused', SQL);
        await world.session.sql(`create role reader login; grant select on plain to reader;
            create role replicator login replication; grant select on plain to replicator;
            create role blind login replication; grant create on database refused to blind, replicator;
            create publication owners for table plain;`);
    });
    afterAll(() => world.close());
    afterEach(async () => {
        expect(await world.session.sql('select count(*) from pg_replication_slots;')).toBe('0');
        expect(await world.session.sql('select pubname from pg_publication;')).toBe('owners');
        expect(world.rows('select 1 from elt_sources')).toEqual([]);
    });

    const follow = (address: string, ...words: string[]) =>
        world.elt(['follow', '--until-caught-up', ...words], { ELT_SOURCE: address });
    const as = (user: string): string => cluster().address(world.name, user);

    it.each([
        ['a user without REPLICATION', 'reader', /may not replicate[\s\S]*alter role "reader" replication;/],
        [
            'a table of another owner',
            'replicator',
            /does not belong to "replicator"[\s\S]*create publication elt for table "public"\."plain"/,
        ],
        [
            'a table that may not be read',
            'blind',
            /may not be read by "blind"[\s\S]*grant select on "public"\."plain" to "blind";/,
        ],
    ])('%s', async (_, user, words) => {
        const ran = await follow(as(user));
        expect([ran.status, ran.stderr]).toEqual([3, expect.stringMatching(words)]);
        expect(ran.stderr.match(/error [A-Z_]+/g)).toEqual(['error SOURCE_UNFIT']);
        // The check says the same.
        const checked = await world.elt(['source', 'check'], { ELT_SOURCE: as(user) });
        expect([checked.status, checked.stdout + checked.stderr]).toEqual([3, expect.stringMatching(words)]);
    });

    it('a pooler, which knows no replication', async () => {
        const pooler = await Pooler.before(cluster());
        const ran = await follow(pooler.address(world.name));
        expect([ran.status, ran.stderr]).toEqual([3, expect.stringContaining('error SOURCE_UNFIT')]);
        expect(ran.stderr).toContain('connect to PostgreSQL directly, not through a pooler');
        await pooler.close();
    });
});

describe.skipIf(!hasPostgres)('elt follow and what took the place of its source', () => {
    const cluster = clusterForTests();
    let other: Cluster | undefined;
    afterAll(() => other?.stop());

    it('refuses another server with the same names, and follows it when it is asked to', async () => {
        const world = await FollowWorld.open(cluster(), 'same_name', SQL);
        await world.catchUp();
        await world.scaffold();
        const slot = await world.session.sql('select slot_name from pg_replication_slots;');
        other = startCluster(cluster().installation);
        const twin = await other.createDatabase('same_name');
        await twin.sql(`create table plain (id int primary key, words text); insert into plain values (2, 'there');
            create publication "${slot}" for table plain; create publication "${slot}_inserts";`);
        await twin.sql(`select pg_create_logical_replication_slot('${slot}', 'pgoutput');`);
        const there = { ELT_SOURCE: other.address('same_name') };
        const before = world.rows('select last_seq from elt_stream');
        const refused = await world.elt(['follow', '--until-caught-up'], there);
        expect([refused.status, refused.stderr]).toEqual([3, expect.stringContaining('error SOURCE_DIFFERENT')]);
        expect(world.rows('select last_seq from elt_stream')).toEqual(before);
        expect(world.rows('select id from current_plain')).toEqual([{ id: 1 }]);

        await world.ran(['source', 'resnapshot', '--all']);
        const taken = await world.elt(['follow', '--until-caught-up'], there);
        expect([taken.status, taken.stderr]).toEqual([0, expect.any(String)]);
        expect(world.rows('select id, words from current_plain')).toEqual([{ id: 2, words: 'there' }]);
        await twin.close();
        await world.close();
    });

    it('refuses a standby that is too old for slots', async () => {
        if (other === undefined || other.installation.major >= 16) {
            return;
        }
        other.halt('fast');
        writeFileSync(join(other.folder, 'data', 'standby.signal'), '');
        other.start();
        const address = other.address('same_name');
        const ran = await elt(['--db', 'standby.db', 'follow', '--until-caught-up', address], { cwd: workFolder() });
        expect([ran.status, ran.stderr]).toEqual([
            3,
            expect.stringMatching(/error SOURCE_UNFIT: .*is a standby[\s\S]*name the primary/),
        ]);
    });
});
