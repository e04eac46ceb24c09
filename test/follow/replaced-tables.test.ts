import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clusterForTests, hasPostgres } from '../support/cluster-for-tests.ts';
import { FollowWorld } from '../support/follow-world.ts';

/** Nothing in a stream says that a table went from it: what the catalogue and the publications say is looked at too. */

const TABLES = `
    create table kept (id int primary key, note text);
    create table moved (id int primary key, note text);
    insert into kept values (1, 'one');
    insert into moved select number, 'n' || number from generate_series(1, 20) as number;`;
const ANEW = `create table moved (id int primary key, note text);
    insert into moved values (1, 'anew'), (30, 'later');`;
const AGAIN = 'public.moved was created anew in the server, and is copied again';

describe.skipIf(!hasPostgres)('a table that is followed', () => {
    const cluster = clusterForTests();
    const worlds: FollowWorld[] = [];
    afterAll(() => Promise.all(worlds.map((one) => one.close())));

    async function followed(name: string, words: readonly string[] = []): Promise<FollowWorld> {
        const world = await FollowWorld.open(cluster(), name, TABLES);
        worlds.push(world);
        await world.catchUp(words);
        await world.scaffold();
        return world;
    }

    it.each([
        ['dropped and created anew', [], `begin; update moved set note = 'old'; drop table moved; ${ANEW} commit;`],
        ['renamed, and replaced by another', [], `alter table moved rename to moved_before; ${ANEW}`],
        ['created anew, by wal2json', ['--plugin', 'wal2json'], `drop table moved; ${ANEW}`],
    ])('%s is copied again, and followed from then on', async (what, words, sql) => {
        const world = await followed(`replaced_${what.length}`, words);
        await world.session.sql(sql);
        expect((await world.catchUp()).stderr).toContain(AGAIN);
        await world.session.sql(`update moved set note = 'now' where id = 30; update kept set note = 'too';`);
        expect((await world.catchUp()).stderr).not.toContain(AGAIN);
        await world.ran(['scaffold', '--all']);
        await world.ran(['transform']);
        expect(await world.differences()).toEqual([]);
    });

    it('dropped for good is said, and its rows stay', async () => {
        const world = await followed('dropped_for_good');
        await world.session.sql(`drop table moved; update kept set note = 'two';`);
        for (let run = 0; run < 2; run++) {
            expect((await world.catchUp()).stderr).toContain('public.moved is not in the server any more');
        }
        expect(world.rows('select count(*) as n from current_moved')).toEqual([{ n: 20 }]);
        expect(world.rows('select note from current_kept')).toEqual([{ note: 'two' }]);
    });

    it.each([
        ['a primary key', 'add primary key (id)'],
        ['a replica identity', 'replica identity full'],
    ])('that gets %s is copied again, and its updates and deletes come', async (key, sql) => {
        const world = await followed(`gets_${key.length}`);
        await world.session.sql('create table keyless (id int not null, note text); insert into keyless values (1);');
        await world.ran(['source', 'resnapshot', 'keyless']);
        await world.catchUp();
        await world.session.sql(`alter table keyless ${sql}; update keyless set note = 'before it was noticed';`);
        expect((await world.catchUp()).stderr).toContain('public.keyless has a key now: it is copied again');
        await world.session.sql(`update keyless set note = 'after'; insert into keyless values (2), (3);
            delete from keyless where id = 2;`);
        expect((await world.catchUp()).stderr).not.toContain('public.keyless has');
        const staged = 'select _op, id, note from stg_keyless where _seq > ? order by _seq';
        const [copy] = world.rows<{ seq: number }>(`select max(_seq) as seq from stg_keyless where _op = 'truncate'`);
        expect(world.rows(staged, copy?.seq)).toMatchObject([
            { _op: 'insert', id: 1, note: 'before it was noticed' },
            { _op: 'update', id: 1, note: 'after' },
            { _op: 'insert', id: 2 },
            { _op: 'insert', id: 3 },
            { _op: 'delete', id: 2 },
        ]);
    });

    it('that loses its key leaves the application its updates, and comes again with its key', async () => {
        const world = await followed('loses_key');
        const update = `update moved set note = 'no key' where id = 1;`;
        await world.session.sql('alter table moved drop constraint moved_pkey;');
        await expect(world.session.sql(update)).rejects.toThrow('cannot update table "moved"');
        expect((await world.catchUp()).stderr).toContain('public.moved has no key any more');
        await world.session.sql(update);
        await world.session.sql('alter table moved add primary key (id);');
        expect((await world.catchUp()).stderr).toContain('public.moved has a key now');
        expect(await world.differences()).toEqual([]);
    });

    it('whose publications are of somebody else who may change them: the SQL for that is said', async () => {
        const world = await followed('not_ours');
        await world.session.sql(`create role elt_guest replication login;
            grant select on moved, kept to elt_guest; alter table moved drop constraint moved_pkey;`);
        const ran = await world.elt(['follow', '--until-caught-up'], {
            ELT_SOURCE: cluster().address('not_ours', 'elt_guest'),
        });
        expect(ran.stderr).toMatch(/public\.moved has no key any more, and the server refuses its updates/);
        expect(ran.stderr).toMatch(
            /a role that may has to run: alter publication "elt_shop_\w+" drop table "public"\."moved"; /,
        );
        expect(ran.status).toBe(0);
    });

    it('whose publication was told to send less: that is said, with the SQL that gives it back', async () => {
        const world = await followed('sends_less');
        const publication = await world.session.sql(
            `select pubname from pg_publication where pubname not like '%inserts';`,
        );
        await world.session.sql(`alter publication "${publication}" set (publish = 'insert, update');
            delete from moved where id < 5;`);
        const restore = `alter publication "${publication}" set (publish = 'insert, update, delete, truncate')`;
        expect((await world.catchUp()).stderr).toContain(`changes are missing: ${restore}; then`);
        await world.session.sql(`${restore};`);
        await world.ran(['source', 'resnapshot', '--all']);
        expect((await world.catchUp()).stderr).not.toContain('alter publication');
        expect(await world.differences()).toEqual([]);
    });

    describe('and taken out of the publication', () => {
        let world: FollowWorld;
        let publication: string;
        const gone = 'public.moved is in no publication any more, so its changes do not come';

        beforeAll(async () => {
            world = await followed('unpublished');
            publication = await world.session.sql(
                `select pubname from pg_publication where pubname not like '%inserts';`,
            );
            await world.session.sql(`alter publication "${publication}" drop table moved;
                update moved set note = 'unseen';`);
        });

        it('is said by each start, with what to do', async () => {
            for (let run = 0; run < 2; run++) {
                const { stderr } = await world.catchUp();
                expect(stderr).toContain(gone);
                expect(stderr).toContain('"elt source resnapshot public.moved" publishes it and copies it again');
            }
        });

        it('is copied again when it is published again: what came between is not missing', async () => {
            await world.session.sql(`alter publication "${publication}" add table moved;
                update moved set note = 'seen' where id = 1;`);
            expect((await world.catchUp()).stderr).toContain('public.moved is published again, and is copied again');
            expect((await world.catchUp()).stderr).not.toContain('public.moved');
            expect(await world.differences()).toEqual([]);
        });

        it('is published and copied again by the command that is named', async () => {
            await world.session.sql(`alter publication "${publication}" drop table moved;
                update moved set note = 'unseen again';`);
            expect((await world.catchUp()).stderr).toContain(gone);
            await world.ran(['source', 'resnapshot', 'public.moved']);
            await world.catchUp();
            expect(await world.differences()).toEqual([]);
        });

        it('a publication that is dropped ends the stream by its name, and all tables are taken again when asked', async () => {
            await world.session.sql(`drop publication "${publication}"; update kept set note = 'after';`);
            const ran = await world.elt(['follow', '--until-caught-up']);
            expect(ran.status).toBe(3);
            expect(ran.stderr).toContain('error SLOT_LOST: a publication that the replication slot');
            expect(ran.stderr).toContain(`publication "${publication}" does not exist`);
            await world.ran(['source', 'resnapshot', '--all']);
            await world.catchUp();
            expect(await world.differences()).toEqual([]);
        });
    });
});
