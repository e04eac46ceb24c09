import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { capture } from '../oracle/capture.ts';
import { clusterForTests, hasPostgres } from '../support/cluster-for-tests.ts';
import { elt, workFolder } from '../support/elt.ts';
import { FollowWorld } from '../support/follow-world.ts';
import { Random } from '../support/random.ts';

/** `-- partitions:` in pipeline.sql: the leaves of a partitioned table, which wal2json names one by one, land as one relation. */

const HEAD = '-- partitions: shop.events_* as shop.events\n';

describe.skipIf(!hasPostgres)('partitions of a real server', () => {
    const cluster = clusterForTests();
    let world: FollowWorld;
    const slot = {
        name: 'elt',
        options: { 'format-version': '2', 'include-pk': '1', 'include-lsn': '1', 'include-xids': '1' },
    };
    let piece = 0;

    beforeAll(async () => {
        world = await FollowWorld.open(
            cluster(),
            'parts',
            `create schema shop;
            create table shop.events (id int, day date, note text, body text, primary key (id, day)) partition by range (day);
            alter table shop.events alter column body set storage external;
            create table shop.events_2023 partition of shop.events for values from ('2023-01-01') to ('2024-01-01');
            create table shop.events_2024 (day date not null, body text, id int not null, note text, primary key (id, day));
            alter table shop.events attach partition shop.events_2024 for values from ('2024-01-01') to ('2025-01-01');
            create table shop.events_rest partition of shop.events default;
            alter table shop.events_rest replica identity full;
            create table shop.other (id int primary key, note text);
            select pg_create_logical_replication_slot('parts_elt', 'wal2json');`,
        );
        writeFileSync(join(world.folder, 'sql', 'shop', 'pipeline.sql'), HEAD);
    });
    afterAll(async () => {
        await world.close();
    });

    /** Lands what the server has done since the last call, and transforms. */
    const follow = async (): Promise<string> => {
        piece++;
        const file = join(world.folder, `piece-${piece}.jsonl`);
        writeFileSync(file, `${(await capture(world.session, slot, 'parts')).join('\n')}\n`);
        const ran = await world.ran(['run', file]);
        return ran.stdout + ran.stderr;
    };
    /** The rows with the leaf that each is in. */
    const expectSame = async (): Promise<void> => {
        const wanted = await world.session.sql(
            'select json_build_array(id, day::text, note, body, tableoid::regclass::text) from shop.events order by id, day;',
        );
        const got = world.rows('select id, day, note, body, tableoid from current_shop__events order by id, day');
        expect(got.map((row) => JSON.stringify(Object.values(row)))).toEqual(
            wanted === '' ? [] : wanted.split('\n').map((line) => JSON.stringify(JSON.parse(line))),
        );
    };

    it('land as one relation, whose current table is that of the whole table', async () => {
        await world.session.sql(`insert into shop.events select n, '2023-01-01'::date + n * 20, 'note ' || n, repeat(md5(n::text), 90)
            from generate_series(1, 50) as n;
            insert into shop.other values (1, 'x');`);
        const said = await follow();
        expect(said).not.toContain('drift');
        await world.ran(['scaffold', '--all']);
        expect(
            world.rows("select name from sqlite_schema where name glob 'stg_*' order by 1").map(({ name }) => name),
        ).toEqual(['stg_other', 'stg_shop__events'].map((name) => name.replace('stg_other', 'stg_shop__other')).sort());
        await world.ran(['transform']);
        await expectSame();
    });

    it('follow updates that leave columns out, rows that move between leaves, and deletes', async () => {
        await world.session.sql(`update shop.events set note = 'noted' where id % 3 = 0;
            update shop.events set day = day + 365 where id % 4 = 0;
            update shop.events set day = day - 365 where id % 8 = 0;
            delete from shop.events where id % 5 = 0;`);
        const said = await follow();
        expect(said).not.toMatch(/drift|never came|stopped/);
        await expectSame();
    });

    it('lose the rows of the one leaf that is truncated', async () => {
        await world.session.sql('truncate shop.events_2023;');
        await follow();
        await expectSame();
        expect(world.rows('select count(*) as count from current_shop__events')[0]).not.toEqual({ count: 0 });
        await world.session.sql(
            "truncate shop.events; insert into shop.events values (1, '2024-05-05', 'again', 'x');",
        );
        await follow();
        await expectSame();
    });

    it('follow a new partition, a column that is added, and random changes; a rebuild comes to the same', async () => {
        await world.session.sql(`create table shop.events_2026 partition of shop.events for values from ('2026-01-01') to ('2027-01-01');
            alter table shop.events add column size int;
            alter table shop.events drop column size;`);
        const random = new Random(7);
        for (let round = 0; round < 12; round++) {
            for (let step = 0; step < 15; step++) {
                const id = random.int(1, 40);
                const day = `date '2022-06-01' + ${random.int(0, 1_800)}`;
                await world.session.sql(
                    random.pick([
                        `insert into shop.events values (${id}, ${day}, 'n${step}', repeat(md5('${id}'), ${random.int(1, 95)})) on conflict do nothing;`,
                        `update shop.events set note = 'r${round}' where id = ${id};`,
                        `update shop.events set day = ${day} where id = ${id} and (select count(*) from shop.events where id = ${id}) = 1;`,
                        `delete from shop.events where id = ${id};`,
                        random.chance(10)
                            ? 'truncate shop.events_2024;'
                            : `update shop.events set body = '${id}' where id = ${id};`,
                    ]),
                );
            }
            expect(await follow()).not.toMatch(/never came|stopped/);
            await expectSame();
        }
        await world.ran(['rebuild']);
        await expectSame();
        await world.ran(['verify']);
        expect(await world.ran(['drift', 'list']).then(({ stdout }) => stdout)).toContain('no drift');
    });
});

describe('lines "partitions" that cannot be followed', () => {
    const insert = (table: string): string =>
        `${JSON.stringify({ action: 'I', schema: 'shop', table, columns: [{ name: 'id', type: 'integer', value: 1 }], pk: [{ name: 'id', type: 'integer' }] })}\n`;
    const project = (head: string): string => {
        const cwd = workFolder();
        mkdirSync(join(cwd, 'sql', 'shop'), { recursive: true });
        mkdirSync(join(cwd, 'migrations'));
        writeFileSync(join(cwd, 'sql', 'shop', 'pipeline.sql'), head);
        writeFileSync(join(cwd, 'a.jsonl'), insert('events_1'));
        writeFileSync(join(cwd, 'b.jsonl'), insert('events_2'));
        return cwd;
    };
    const run = (cwd: string, ...words: string[]) => elt(['--pipeline', 'shop', ...words], { cwd });

    it.each([
        [
            'a line of another form',
            '-- partitions: events_* as shop.events\n',
            'expected schema.table_* as schema.table',
        ],
        [
            'two that match the same tables',
            `${HEAD}-- partitions: shop.*_1 as shop.ones\n`,
            '"shop.*_1" and "shop.events_*"',
        ],
        ['the same twice', HEAD + HEAD, 'match the same tables'],
    ])('%s', async (_, head, said) => {
        const ran = await run(project(head), 'run', 'a.jsonl');
        expect(ran.status).toBe(6);
        expect(ran.stderr).toContain(said);
    });

    it('a table that has landed as its own before', async () => {
        const cwd = project('');
        expect((await run(cwd, 'run', 'a.jsonl')).status).toBe(0);
        writeFileSync(join(cwd, 'sql', 'shop', 'pipeline.sql'), HEAD);
        writeFileSync(join(cwd, 'c.jsonl'), insert('events_1').repeat(2));
        const ran = await run(cwd, 'run', 'c.jsonl');
        expect(ran.status).toBe(2);
        expect(ran.stderr).toContain('shop.events_1 cannot land as a part of shop.events');
        expect((await run(cwd, 'run', 'b.jsonl')).status).toBe(0);
    });

    it('not two patterns of which no table matches both', async () => {
        const cwd = project(`${HEAD}-- partitions: shop.sales_* as shop.sales\n-- text: shop.events.id\n`);
        expect((await run(cwd, 'run', 'a.jsonl', 'b.jsonl')).status).toBe(0);
        const shown = await run(cwd, 'show', 'stg_shop__events', '--json');
        expect(shown.stdout).toContain('"1","shop.events_2"]');
        expect(shown.stdout).toContain('"1","shop.events_1"]');
    });
});
