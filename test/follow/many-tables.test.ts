import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clusterForTests, hasPostgres } from '../support/cluster-for-tests.ts';
import { elt } from '../support/elt.ts';
import { FollowWorld, PIPELINE } from '../support/follow-world.ts';

const TABLES = 50;

/** Columns of the key with their types, by turns. */
const KEYS: readonly (readonly (readonly [name: string, type: string])[])[] = [
    [['id', 'bigint']],
    [['code', 'text']],
    [
        ['tenant', 'int'],
        ['number', 'int'],
    ],
    [
        ['at', 'timestamptz'],
        ['code', 'text'],
        ['Upper case', 'int'],
    ],
    [['id', 'uuid']],
];

const VALUES: Readonly<Record<string, string>> = {
    bigint: 'n',
    int: 'n',
    text: `'code ' || n`,
    timestamptz: `'2026-01-01 00:00:00+00'::timestamptz + n * interval '1 minute'`,
    uuid: `md5(n::text)::uuid`,
};

interface Named {
    readonly schema: string;
    readonly name: string;
    readonly key: (typeof KEYS)[number];
    readonly rows: number;
}

const tables = Array.from({ length: TABLES }, (_, index): Named => {
    const schema = ['public', 'sales', 'public'][index % 3] as string;
    return { schema, name: `table_${index}`, key: KEYS[index % KEYS.length] as Named['key'], rows: (index * 7) % 40 };
});

function created({ schema, name, key, rows }: Named): string {
    const quoted = (column: string): string => `"${column}"`;
    const columns = [...key.map(([column, type]) => `${quoted(column)} ${type}`), 'total numeric(12,2)', 'note text'];
    const values = [...key.map(([, type]) => VALUES[type]), 'n * 1.25', `nullif('note ' || n, 'note 3')`];
    const keys = key.map(([column]) => quoted(column)).join(', ');
    return `create table ${schema}.${name} (${columns.join(', ')}, primary key (${keys}));
        comment on table ${schema}.${name} is 'What ${name} is for; it''s said once';
        comment on column ${schema}.${name}.total is 'in euros, of ${name}';
        insert into ${schema}.${name} select ${values.join(', ')} from generate_series(1, ${rows}) as n;`;
}

describe.skipIf(!hasPostgres)(`a pipeline of ${TABLES} tables`, () => {
    const cluster = clusterForTests();
    let world: FollowWorld;
    beforeAll(async () => {
        world = await FollowWorld.open(
            cluster(),
            'many_tables',
            `create schema sales; ${tables.map(created).join('\n')} analyze;`,
        );
        rmSync(join(world.folder, 'sql'), { recursive: true });
    });
    afterAll(async () => {
        await world?.close();
    });

    const fileOf = ({ schema, name }: Named): string =>
        `current_${schema === 'public' ? name : `${schema}__${name}`}.sql`;

    it('is written from the catalogue alone, with every key and comment', async () => {
        const ran = await elt(['init', PIPELINE, '--from', world.address], { cwd: world.folder });
        expect([ran.status, ran.stderr]).toEqual([0, '']);
        const folder = join(world.folder, 'sql', PIPELINE, 'upkeep');
        expect(
            readdirSync(folder)
                .filter((name) => name.startsWith('current_'))
                .sort(),
        ).toEqual(tables.map(fileOf).sort());
        for (const table of tables) {
            const text = readFileSync(join(folder, fileOf(table)), 'utf8');
            expect(text).toContain(
                `-- key: ${table.key.map(([column]) => (column.includes(' ') ? `"${column}"` : column)).join(', ')}\n`,
            );
            expect(text).toContain(
                `-- why: What ${table.name} is for; it's said once; total: in euros, of ${table.name}\n`,
            );
        }
    });

    it('is folded by the first follow, and followed from then on, also where a key changes', async () => {
        await world.catchUp();
        const rowsOf = (): readonly (number | undefined)[] =>
            tables.map(
                (table) => world.rows<{ n: number }>(`select count(*) as n from ${fileOf(table).slice(0, -4)}`)[0]?.n,
            );
        expect(rowsOf()).toEqual(tables.map(({ rows }) => rows));
        expect(await world.differences()).toEqual([]);
        const moved = tables.filter(({ key, rows }) => key.length === 2 && rows > 5);
        expect(moved.length).toBeGreaterThan(5);
        await world.session.sql(
            moved
                .map(
                    ({ schema, name }) => `update ${schema}.${name} set tenant = tenant + 100 where number = 2;
                    delete from ${schema}.${name} where number = 4; update ${schema}.${name} set note = null;`,
                )
                .join('\n'),
        );
        await world.catchUp();
        expect(await world.differences()).toEqual([]);
        await world.ran(['verify']);
    });
});
