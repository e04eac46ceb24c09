import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clusterForTests, hasPostgres } from '../support/cluster-for-tests.ts';
import { FollowWorld } from '../support/follow-world.ts';

/** A publication of somebody else's: rows that it filters, columns that it leaves out, partitions under one name. */
const SQL = `
    create table filtered (id int primary key, open boolean, words text);
    alter table filtered replica identity full;
    create table listed (id int primary key, shown text, secret text);
    create table doubled (id int primary key, n int, twice int generated always as (n * 2) stored);
    create table parted (id int, region text, words text, primary key (id, region)) partition by list (region);
    create table parted_eu partition of parted for values in ('eu');
    create table parted_us partition of parted for values in ('us');
    create table keyless (words text);
    create publication theirs for table filtered where (open), listed (id, shown), doubled, parted
        with (publish_via_partition_root = true);
    create publication their_inserts for table keyless with (publish = 'insert, truncate');
    insert into filtered select i, i % 2 = 0, 'w' || i from generate_series(1, 10) as i;
    insert into listed select i, 's' || i, 'hidden' from generate_series(1, 5) as i;
    insert into doubled (id, n) select i, i from generate_series(1, 5) as i;
    insert into parted select i, case when i % 3 = 0 then 'us' else 'eu' end, 'p' || i from generate_series(1, 9) as i;
    insert into keyless values ('before');`;

describe.skipIf(!hasPostgres)('a publication that its owner has made', () => {
    const cluster = clusterForTests();
    let world: FollowWorld;
    const own = ['--publication', 'theirs,their_inserts'];

    beforeAll(async () => {
        world = await FollowWorld.open(cluster(), 'published', SQL);
    });
    afterAll(() => world.close());

    const shown = (table: string): Promise<string> =>
        world.session.sql(`select coalesce(json_agg(t), '[]') from (${PUBLISHED[table]}) as t;`);

    /** What of each table the stream can tell. */
    const PUBLISHED: Readonly<Record<string, string>> = {
        filtered: 'select id, open::int, words from filtered where open order by id',
        listed: 'select id, shown from listed order by id',
        doubled: 'select id, n from doubled order by id',
        parted: 'select id, region, words from parted order by id, region',
    };

    async function expectAlike(): Promise<void> {
        for (const [table, query] of Object.entries(PUBLISHED)) {
            const mine = query.replace(` from ${table}`, ` from current_${table}`).replace('open::int', 'open');
            expect([table, world.rows(mine.replace(' where open', ''))]).toEqual([
                table,
                JSON.parse(await shown(table)),
            ]);
        }
    }

    it('is looked at before anything is made: what does not come along is named', async () => {
        const ran = await world.ran(['source', 'check', ...own]);
        expect(ran.stdout).toContain('public.filtered only rows with (open) are sent');
        expect(ran.stdout).toMatch(/public\.listed.* "secret"/);
        expect(ran.stdout).toMatch(/public\.doubled.* "twice" \(generated\)/);
        expect(ran.stdout).toContain('a truncate of one partition alone');
        expect(ran.stdout).toMatch(/public\.keyless has no primary key/);
        expect(await world.session.sql('select count(*) from pg_replication_slots;')).toBe('0');
    });

    it('is copied as it is streamed: the same rows, the same columns', async () => {
        await world.catchUp(own);
        await world.scaffold();
        await expectAlike();
        const columns = world.rows<{ name: string }>(`select name from pragma_table_info('stg_listed')`);
        expect(columns.map(({ name }) => name)).not.toContain('secret');
    });

    it('gives inserts and deletes for rows that come into its filter and leave it', async () => {
        await world.session.sql(`update filtered set open = not open where id in (1, 2, 3);
            update filtered set words = 'x' where id in (3, 4, 5); insert into filtered values (20, false, 'no'), (21, true, 'yes');
            update listed set shown = 'new', secret = 'still'; update doubled set n = n + 1; delete from doubled where id = 2;
            update parted set region = 'us' where id = 1; update parted_eu set words = 'leaf' where id = 2;
            insert into parted values (10, 'us', 'later'); delete from parted_us where id = 3;`);
        await world.catchUp(own);
        await expectAlike();
        await world.ran(['verify']);
    });

    it('tells a truncate of the whole, and under the name of the whole', async () => {
        await world.session.sql(`truncate parted; insert into parted values (1, 'eu', 'anew');`);
        await world.catchUp(own);
        await expectAlike();
        expect(world.rows(`select name from sqlite_schema where name like 'stg_parted_%'`)).toEqual([]);
    });

    it('leaves the application its updates of a table without a key, whose inserts land', async () => {
        await world.session.sql(`insert into keyless values ('after'); update keyless set words = 'changed';`);
        await world.catchUp(own);
        expect(world.rows('select words from stg_keyless order by _seq')).toEqual([
            { words: 'before' },
            { words: 'after' },
        ]);
        expect(await world.session.sql(`select distinct words from keyless;`)).toBe('changed');
    });
});

describe.skipIf(!hasPostgres)('publications that elt makes', () => {
    const cluster = clusterForTests();

    it('give partitions, generated columns and a table without columns as a copy gives them', async () => {
        const world = await FollowWorld.open(cluster(), 'own_parted', SQL);
        await world.session.sql(`drop publication theirs; drop publication their_inserts;
            create table bare (); insert into bare default values;`);
        await world.catchUp();
        await world.scaffold();
        await world.session.sql(`update parted_eu set words = 'leaf' where id = 2; update doubled set n = 100 where id = 1;
            insert into parted values (11, 'us', 'later'); insert into bare default values;`);
        await world.catchUp();
        expect(world.rows('select count(*) as n from stg_bare')).toEqual([{ n: 2 }]);
        expect(world.rows('select id, region, words from current_parted order by id, region')).toEqual(
            JSON.parse(
                await world.session.sql('select json_agg(t) from (select * from parted order by id, region) as t;'),
            ),
        );
        expect(world.rows('select id, n from current_doubled order by id')).toEqual(
            JSON.parse(
                await world.session.sql('select json_agg(t) from (select id, n from doubled order by id) as t;'),
            ),
        );
        await world.close();
    });
});
