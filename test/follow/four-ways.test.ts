import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSql, type Relation, valueSql } from '../oracle/relation.ts';
import { fillTypeMatrix, TYPE_MATRIX } from '../oracle/type-matrix.ts';
import { identifier } from '../oracle/value-type.ts';
import { TEXT, VALUE_TYPES } from '../oracle/value-types.ts';
import { clusterForTests, hasPostgres } from '../support/cluster-for-tests.ts';
import { findPostgres18 } from '../support/embedded-postgres.ts';
import { FollowWorld } from '../support/follow-world.ts';
import { type Cluster, startCluster } from '../support/postgres.ts';
import { Random } from '../support/random.ts';

/**
 * The same rows on every way into the database: as a copy, as a stream of pgoutput and of wal2json, and as a file of
 * wal2json. Every type at its limits and rows at random, in a database whose own settings would spoil them.
 */

const HOSTILE = {
    datestyle: `'SQL, DMY'`,
    timezone: `'Europe/Berlin'`,
    intervalstyle: `'iso_8601'`,
    bytea_output: `'escape'`,
    extra_float_digits: '-5',
    search_path: 'nowhere',
    default_transaction_isolation: 'serializable',
    statement_timeout: '20000',
};
const PINNED = `-c datestyle=ISO -c timezone=UTC -c intervalstyle=postgres -c bytea_output=hex -c extra_float_digits=1 -c search_path=public`;

const SEEDS = [11, 12, 13];
const ROWS = 12;

const TABLES = ['type_matrix', ...SEEDS.map((seed) => `random_${seed}`)];

/** A table of ten types with rows at random: usual values, odd ones, long ones, nulls. */
function randomTable(seed: number): string {
    const random = new Random(seed);
    const types = random.sample(VALUE_TYPES, 10);
    const columns = [
        { name: 'long', type: TEXT, toasted: true },
        ...types.map((type, index) => ({ name: `c ${index}`, type })),
    ];
    const relation: Relation = {
        ...TYPE_MATRIX,
        name: `random_${seed}`,
        columns: [TYPE_MATRIX.columns[0] as Relation['columns'][number], ...columns],
    };
    const rows = Array.from({ length: ROWS }, (_, id) => [
        String(id),
        ...columns.map((column) => (random.chance(15) ? 'null' : valueSql(column, random))),
    ]);
    return `${createSql(relation)} ${rows.map((row) => `insert into public.${relation.name} values (${row.join(', ')});`).join('\n')}`;
}

/** What is staged of a table's first inserts, with the storage class of each value; nothing of the place. */
function staged(file: string, table: string): readonly (readonly unknown[])[] {
    const database = new Database(file, { readonly: true });
    try {
        const columns = (
            database.prepare('select name from pragma_table_info(?)').pluck().all(`stg_${table}`) as string[]
        ).filter((name) => !name.startsWith('_'));
        const list = columns
            .map((name) => `typeof(${identifier(name)}) || ' ' || quote(${identifier(name)})`)
            .join(', ');
        const rows = database.prepare(
            `select ${list} from stg_${table} where _op = 'insert' and id >= 0 order by id, _seq`,
        );
        return [columns, ...(rows.raw().all() as unknown[][])];
    } finally {
        database.close();
    }
}

async function fill(world: FollowWorld): Promise<void> {
    await fillTypeMatrix(world.session);
    for (const seed of SEEDS) {
        await world.session.sql(randomTable(seed));
    }
}

const hostile = (name: string): string =>
    Object.entries(HOSTILE)
        .map(([setting, value]) => `alter database ${name} set ${setting} = ${value};`)
        .join('\n');

describe.skipIf(!hasPostgres)('the same rows', () => {
    const cluster = clusterForTests();
    let copied: FollowWorld;
    const file = (name: string): string => join(copied.folder, name);

    beforeAll(async () => {
        copied = await FollowWorld.open(cluster(), 'four_ways', '');
        await copied.session.sql(hostile('four_ways'));
    });
    afterAll(() => copied.close());

    it('by a copy, by a stream, by wal2json, and by a file of it', async () => {
        const stream = ['--db', 'stream.db'];
        const json = ['--db', 'json.db'];
        await fill(copied);
        await copied.session.sql(
            TABLES.map((table) => `create table kept_${table} as table ${table}; truncate ${table};`).join('\n'),
        );
        const words = ['--tables', TABLES.join(',')];
        await copied.session.sql(`select pg_create_logical_replication_slot('by_file', 'wal2json');`);
        await copied.ran([...stream, 'follow', '--until-caught-up', ...words]);
        await copied.ran([...json, 'follow', '--until-caught-up', '--plugin', 'wal2json', ...words]);
        await copied.session.sql(
            TABLES.map((table) => `insert into ${table} select * from kept_${table} order by id;`).join('\n'),
        );
        await copied.ran([...stream, 'follow', '--until-caught-up']);
        await copied.ran([...json, 'follow', '--until-caught-up', '--plugin', 'wal2json']);
        await copied.catchUp(words);
        receive();
        await copied.ran(['--db', 'file.db', 'migrate']);
        const loaded = await copied.elt(['--db', 'file.db', 'load', 'capture.jsonl']);
        expect([loaded.status, loaded.stderr]).toEqual([0, expect.any(String)]);
        for (const table of TABLES) {
            const rows = staged(copied.file, table);
            expect([table, rows.length]).not.toEqual([table, 1]);
            expect([table, staged(file('stream.db'), table)]).toEqual([table, rows]);
            expect([table, staged(file('json.db'), table)]).toEqual([table, staged(file('file.db'), table)]);
            expect([table, withTheirNaN(staged(file('json.db'), table), rows)]).toEqual([table, rows]);
        }
        // NaN and infinities are kept where the way keeps them.
        const matrix = JSON.stringify(staged(copied.file, 'type_matrix'));
        for (const text of [`text 'NaN'`, `text 'Infinity'`, `text '-Infinity'`]) {
            expect(matrix).toContain(text);
        }
    });

    it('and PostgreSQL has them', async () => {
        await copied.session.sql('set search_path = public;');
        await copied.scaffold();
        for (const table of TABLES) {
            const [row] = copied.rows<{ n: number }>(`select count(*) as n from current_${table}`);
            expect([table, String(row?.n)]).toEqual([
                table,
                await copied.session.sql(`select count(*) from public.${table};`),
            ]);
        }
    });

    function receive(): void {
        const end = execFileSync(
            cluster().installation.psql,
            ['-h', cluster().folder, '-U', 'postgres', '-d', 'four_ways', '-XAtc', 'select pg_current_wal_lsn()'],
            {
                encoding: 'utf8',
            },
        ).trim();
        execFileSync(
            join(cluster().installation.bin, 'pg_recvlogical'),
            [
                '-h',
                cluster().folder,
                '-U',
                'postgres',
                '-d',
                'four_ways',
                '--slot',
                'by_file',
                '--start',
                '--endpos',
                end,
            ]
                .concat(['-f', join(copied.folder, 'capture.jsonl')])
                .concat(['-o', 'format-version=2', '-o', 'include-pk=1', '-o', 'include-lsn=1'])
                .concat(['-o', `add-tables=${TABLES.map((table) => `public.${table}`).join(',')}`]),
            { env: { ...process.env, PGOPTIONS: PINNED } },
        );
    }
});

/** wal2json writes null for what is no number, unless its type is a domain: there `others` say what it was. */
function withTheirNaN(
    rows: readonly (readonly unknown[])[],
    others: readonly (readonly unknown[])[],
): readonly (readonly unknown[])[] {
    return rows.map((row, index) =>
        row.map((value, place) => {
            const other = others[index]?.[place];
            return value === 'null NULL' && /^text '(?:NaN|-?Infinity)'$/.test(String(other)) ? other : value;
        }),
    );
}

/** The newest PostgreSQL: copy, stream, and what it sends that older ones do not. */
const newest = hasPostgres ? findPostgres18() : undefined;
describe.skipIf(newest === undefined)('PostgreSQL 18', () => {
    let cluster: Cluster;
    beforeAll(() => {
        if (newest !== undefined) {
            cluster = startCluster(newest);
        }
    });
    afterAll(() => cluster?.stop());

    it('is copied and streamed, every type alike, with generated columns where a publication sends them', async () => {
        const world = await FollowWorld.open(cluster, 'newest', '');
        await fill(world);
        await world.session.sql(`${hostile('newest')}
            create table doubled (id int primary key, n int, twice int generated always as (n * 2) stored, thrice int generated always as (n * 3));
            insert into doubled values (1, 10);
            create publication theirs for table doubled, ${TABLES.join(', ')} with (publish_generated_columns = stored);`);
        await world.catchUp(['--publication', 'theirs']);
        await world.scaffold();
        await world.session.sql(`insert into doubled values (2, 20); update doubled set n = 11 where id = 1;
            ${TABLES.map((table) => `create table kept_${table} as table ${table}; delete from ${table}; insert into ${table} select * from kept_${table};`).join('\n')}`);
        await world.catchUp();
        expect(world.rows('select id, n, twice from current_doubled order by id')).toEqual([
            { id: 1, n: 11, twice: 22 },
            { id: 2, n: 20, twice: 40 },
        ]);
        for (const table of TABLES) {
            const [columns, ...rows] = staged(world.file, table);
            expect([table, columns?.length]).not.toEqual([table, 0]);
            const [first, second] = [
                rows.filter((_, index) => index % 2 === 0),
                rows.filter((_, index) => index % 2 === 1),
            ];
            expect([table, second]).toEqual([table, first]);
        }
        await world.ran(['verify']);
        const slots = await world.session.sql(
            'select failover, invalidation_reason is null from pg_replication_slots;',
        );
        expect(slots).toBe('t|t');
        await world.ran(['source', 'drop']);
        await world.close();
    });
});
