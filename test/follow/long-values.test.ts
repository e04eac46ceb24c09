import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clusterForTests, hasPostgres } from '../support/cluster-for-tests.ts';
import { FollowWorld } from '../support/follow-world.ts';

/**
 * Values that PostgreSQL keeps outside of their rows (TOAST), by every replica identity: one that an update did not touch
 * is not sent, and must be neither null nor lost.
 */

const TABLES = ['by_key', 'by_index', 'by_full'] as const;
const LONG = (seed: string): string => `(select string_agg(md5('${seed}' || i), '') from generate_series(1, 120) as i)`;

/** Each is done to a row of its own: what an update sets, and what stays. */
const UPDATES: Readonly<Record<string, string>> = {
    'unchanged, beside another column': "words = 'changed'",
    'set null': 'body = null',
    'set to a short value': "body = 'short'",
    'set to another long value': `body = ${LONG('other')}`,
    'unchanged, with the key': 'id = id + 1000',
    'unchanged, with the columns of the index': "code = code || 'x'",
    'unchanged, with both': "id = id + 1000, code = code || 'x'",
    'set, with the key': `id = id + 1000, body = ${LONG('moved')}`,
    'set null, with the key': 'id = id + 1000, body = null',
    'unchanged, set to itself': 'body = body',
};

describe.skipIf(!hasPostgres)('long values, by every replica identity', () => {
    const cluster = clusterForTests();
    let world: FollowWorld;

    beforeAll(async () => {
        const statements = TABLES.map(
            (
                table,
            ) => `create table ${table} (id int primary key, code text not null unique, words text, body text, more text);
                alter table ${table} alter column body set storage external, alter column more set storage external;`,
        );
        world = await FollowWorld.open(
            cluster(),
            'long_values',
            `${statements.join('\n')}
            alter table by_index replica identity using index by_index_code_key;
            alter table by_full replica identity full;`,
        );
        await fill(1);
        await world.catchUp();
        // The same rows once more, by the stream.
        await fill(501);
        await world.catchUp();
        await world.scaffold();
    });
    afterAll(() => world.close());

    async function fill(first: number): Promise<void> {
        for (const table of TABLES) {
            for (const index of Object.keys(UPDATES).keys()) {
                const id = first + index;
                await world.session.sql(
                    `insert into ${table} values (${id}, 'c${id}', 'w', ${LONG(`body ${id}`)}, ${LONG(`more ${id}`)});`,
                );
            }
        }
    }

    it('are what the source has, whatever an update leaves out', async () => {
        const updates = TABLES.flatMap((table) =>
            [1, 501].flatMap((first) =>
                Object.values(UPDATES).map((set, index) => `update ${table} set ${set} where id = ${first + index};`),
            ),
        );
        await world.session.sql(updates.join('\n'));
        await world.catchUp();
        expect(await world.differences()).toEqual([]);
        // And a row is found by what its identity is now.
        await world.session.sql(
            TABLES.map((table) => `update ${table} set words = 'again'; delete from ${table} where id % 2 = 0;`).join(
                '\n',
            ),
        );
        await world.catchUp();
        expect(await world.differences()).toEqual([]);
    });

    it('are left out of the staged row, not null', () => {
        const staged = world.rows<{ _absent: string; body: unknown }>(
            `select _absent, body from stg_by_key where _op = 'update' and words = 'changed'`,
        );
        expect(staged).toEqual([1, 2].map(() => ({ _absent: expect.stringContaining('body'), body: null })));
    });

    it('do not come with a rolled-back transaction', async () => {
        const before = world.rows('select max(_seq) as seq from stg_by_key');
        await world.session.sql(`begin; update by_key set body = ${LONG('never')}; rollback;`);
        await world.catchUp();
        expect(world.rows('select max(_seq) as seq from stg_by_key')).toEqual(before);
    });
});
