import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { parse } from 'csv-parse/sync';
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects, parquetSchema } from 'hyparquet';
import { beforeAll, describe, expect, test } from 'vitest';
import { elt, eltJson, workFolder } from '../support/elt.ts';

/** The command; its files are read back by other readers. */

const folder = workFolder();
const options = { cwd: folder };
const words = ['--pipeline', 'card_spend', '--db', join(folder, 'cards.db')];

const VALUES: readonly (readonly [string | null, bigint | null, number | null, string | null])[] = [
    ['a/b=c %x:?', 9223372036854775807n, 0.1, '007'],
    ['', null, null, ''],
    [null, -1n, 1e300, null],
    ['é ü\u{1f600}', 5n, 2, 'x,"y"\r\nz'],
    ['..', 6n, -0.5, '1e5'],
];

beforeAll(async () => {
    expect((await elt([...words, 'migrate'], options)).status).toBe(0);
    const database = new Sqlite(join(folder, 'cards.db'));
    database.exec(`create table odd (k text, n integer, r real, t text) strict;
        create table long (k text, n integer) strict;
        insert into long with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < 25000)
        select 'k' || (n % 3), n from numbers;
        create table wide (n integer, t text) strict;
        insert into wide with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < 40)
        select n, hex(zeroblob(200000)) from numbers;
        create table empty (k text, n integer) strict;
        create table loose (i integer, r real, b blob, n integer, p text collate nocase);
        insert into loose values (1, 'txt', x'00ff', null, 'a'), ('one', 2.5, 3, null, 'A'), (null, null, null, null, 'a'),
            (2, 1, 'b', null, ''), (3, 1, 'b', null, null), (4, 1, 'b', null, '__HIVE_DEFAULT_PARTITION__');
        create table sorts (p, n integer);
        insert into sorts values (null, 1), (7, 2), ('', 3), ('7', 4), (x'37', 5);
        create view mixed as select n, n || '' as t, iif(n = 1, 1, 'x') as m, n * 1.5 as r from long where n < 3;`);
    const insert = database.prepare('insert into odd values (?, ?, ?, ?)');
    for (const values of VALUES) {
        insert.run(values);
    }
    database.close();
});

async function readParquet(path: string): Promise<Record<string, unknown>[]> {
    return await parquetReadObjects({ file: await asyncBufferFromFile(path) });
}

describe('a file', () => {
    test('long rows are written a few at a time: memory does not depend on their length', async () => {
        expect((await elt([...words, 'export', 'wide', 'long', '--out', 'out'], options)).status).toBe(0);
        const groupsOf = async (name: string): Promise<number[]> => {
            const file = await asyncBufferFromFile(join(folder, `out/${name}.parquet`));
            return (await parquetMetadataAsync(file)).row_groups.map((group) => Number(group.num_rows));
        };
        expect(await groupsOf('wide')).toEqual([6, 6, 6, 6, 6, 6, 4]);
        expect(await groupsOf('long')).toEqual([10_000, 10_000, 5_000]);
    });

    test('parquet keeps types and values', async () => {
        expect((await elt([...words, 'export', 'odd', 'mixed', 'empty', '--out', 'out'], options)).status).toBe(0);
        const rows = await readParquet(join(folder, 'out/odd.parquet'));
        expect(rows).toEqual(VALUES.map(([k, n, r, t]) => ({ k, n, r, t })));
        const file = await asyncBufferFromFile(join(folder, 'out/odd.parquet'));
        const schema = parquetSchema(await parquetMetadataAsync(file));
        expect(schema.children.map(({ element }) => [element.name, element.type, element.converted_type])).toEqual([
            ['k', 'BYTE_ARRAY', 'UTF8'],
            ['n', 'INT64', undefined],
            ['r', 'DOUBLE', undefined],
            ['t', 'BYTE_ARRAY', 'UTF8'],
        ]);
        expect(await readParquet(join(folder, 'out/mixed.parquet'))).toEqual([
            { n: 1n, t: '1', m: '1', r: 1.5 },
            { n: 2n, t: '2', m: 'x', r: 3 },
        ]);
        expect(await readParquet(join(folder, 'out/empty.parquet'))).toEqual([]);
    });

    test('a table that is not strict contains values that its columns do not declare: they do not change', async () => {
        const ran = await elt([...words, 'export', 'loose', '--out', 'out'], options);
        expect([ran.stderr, ran.status]).toEqual(['', 0]);
        const rows = await readParquet(join(folder, 'out/loose.parquet'));
        expect(rows.map(({ i, r, b, n }) => [i, r, b, n])).toEqual([
            ['1', 'txt', '00ff', null],
            ['one', '2.5', '3', null],
            [null, null, null, null],
            ['2', '1', 'b', null],
            ['3', '1', 'b', null],
            ['4', '1', 'b', null],
        ]);
        const schema = parquetSchema(
            await parquetMetadataAsync(await asyncBufferFromFile(join(folder, 'out/loose.parquet'))),
        );
        expect(schema.children.find(({ element }) => element.name === 'n')?.element.type).toBe('INT64');
    });

    test('csv', async () => {
        expect((await elt([...words, 'export', 'odd', '--format', 'csv', '--out', 'out'], options)).status).toBe(0);
        const read = parse(readFileSync(join(folder, 'out/odd.csv')), { record_delimiter: '\r\n' });
        expect(read).toEqual([
            ['k', 'n', 'r', 't'],
            ...VALUES.map((row) => row.map((value) => (value === null ? '' : String(value)))),
        ]);
    });

    test('jsonl, with all digits', async () => {
        expect((await elt([...words, 'export', 'odd', '--format', 'jsonl', '--out', 'out'], options)).status).toBe(0);
        const lines = readFileSync(join(folder, 'out/odd.jsonl'), 'utf8').trimEnd().split('\n');
        expect(lines[0]).toBe('{"k":"a/b=c %x:?","n":9223372036854775807,"r":0.1,"t":"007"}');
        expect(lines.slice(1).map((line) => JSON.parse(line))).toEqual(
            VALUES.slice(1).map(([k, n, r, t]) => ({ k, n: n === null ? null : Number(n), r, t })),
        );
    });
});

describe('partitions', () => {
    test('each value has its folder, with a name that a path can contain', async () => {
        const ran = await elt([...words, 'export', 'odd', '--partition-by', 'k', '--out', 'lake'], options);
        expect(ran.status).toBe(0);
        const folders = readdirSync(join(folder, 'lake/odd')).sort();
        expect(folders).toEqual(
            ['k=%2E%2E', 'k=__HIVE_DEFAULT_PARTITION__', 'k=a%2Fb%3Dc %25x%3A%3F', 'k=é ü\u{1f600}'].sort(),
        );
        for (const name of folders) {
            const value = decodeURIComponent(name.slice(2));
            const expected = VALUES.filter(([k]) => (k || '__HIVE_DEFAULT_PARTITION__') === value);
            const rows = await readParquet(join(folder, 'lake/odd', name, 'part-0.parquet'));
            expect(new Set(rows.map((row) => row.t))).toEqual(new Set(expected.map(([, , , t]) => t)));
            expect(Object.keys(rows[0] ?? {})).toEqual(['n', 'r', 't']);
        }
    });

    test.each(['parquet', 'csv', 'jsonl'])(
        'values that share a folder without standing together, as %s',
        async (format) => {
            const command = [
                'export',
                'sorts',
                'loose',
                '--partition-by',
                'p',
                '--format',
                format,
                '--out',
                `mixed-${format}`,
            ];
            const ran = await elt([...words, ...command], options);
            expect([ran.stderr, ran.status]).toEqual(['', 0]);
            const filesOf = (table: string): string[] =>
                readdirSync(join(folder, `mixed-${format}`, table), { recursive: true, withFileTypes: true })
                    .filter((entry) => entry.isFile())
                    .map((entry) => join(basename(entry.parentPath), entry.name))
                    .sort();
            expect(filesOf('sorts')).toEqual([
                `p=37/part-0.${format}`,
                `p=7/part-0.${format}`,
                `p=7/part-1.${format}`,
                `p=__HIVE_DEFAULT_PARTITION__/part-0.${format}`,
                `p=__HIVE_DEFAULT_PARTITION__/part-1.${format}`,
            ]);
            expect(filesOf('loose')).toEqual([
                `p=%5F_HIVE_DEFAULT_PARTITION__/part-0.${format}`,
                `p=A/part-0.${format}`,
                `p=__HIVE_DEFAULT_PARTITION__/part-0.${format}`,
                `p=a/part-0.${format}`,
            ]);
        },
    );

    test('many rows, and again over the previous export', async () => {
        for (const format of ['parquet', 'jsonl', 'parquet']) {
            const command = ['export', 'long', '--format', format, '--partition-by', 'k', '--out', 'lake'];
            const { exported } = await eltJson<{ exported: unknown[] }>([...words, ...command], options);
            expect(exported).toEqual([{ table: 'long', path: join('lake', 'long'), files: 3, rows: 25_000 }]);
        }
        const found: number[] = [];
        for (const name of readdirSync(join(folder, 'lake/long'))) {
            expect(readdirSync(join(folder, 'lake/long', name))).toEqual(['part-0.parquet']);
            const rows = await readParquet(join(folder, 'lake/long', name, 'part-0.parquet'));
            found.push(...rows.map((row) => Number(row.n)));
        }
        expect(found.sort((a, b) => a - b)).toEqual(Array.from({ length: 25_000 }, (_, index) => index + 1));
        expect(readdirSync(join(folder, 'lake')).filter((name) => name.startsWith('.'))).toEqual([]);
    });
});

describe('errors', () => {
    test.each([
        ['an unknown table', ['export', 'od'], 'did you mean "odd"?'],
        ['an unknown format', ['export', 'odd', '--format', 'parket'], 'did you mean "parquet"?'],
        ['an unknown column', ['export', 'odd', '--partition-by', 'unknown'], 'columns: k, n, r, t'],
    ])('%s', async (_, command, found) => {
        const ran = await elt([...words, ...command], options);
        expect(ran.status).toBe(2);
        expect(ran.stderr).toContain(found);
    });

    test.each([
        ['a file', 'notes.txt'],
        ['a folder in a file', 'notes.txt/lake'],
        ['a folder whose name is too long', 'x'.repeat(300)],
        ['a folder of the system', '/proc/elt/lake'],
    ])('a folder that cannot be created is not an internal error: %s', async (_, out) => {
        writeFileSync(join(folder, 'notes.txt'), 'mine');
        const ran = await elt([...words, 'export', 'odd', '--out', out], options);
        expect(ran.stderr).toContain(`error FILE_REFUSED: "${out.slice(0, 100)}`);
        expect(ran.stderr).toMatch(
            /\n {2}state: .*\n {2}next: .*\n {2}cause: .*E(EXIST|NOTDIR|NAMETOOLONG|NOENT|ACCES|ROFS)/,
        );
        expect(ran.status).toBe(7);
    });

    test('what is not an export is never replaced', async () => {
        await elt([...words, 'export', 'long', '--partition-by', 'k', '--out', 'mine'], options);
        writeFileSync(join(folder, 'mine/long/notes.txt'), 'mine');
        const ran = await elt([...words, 'export', 'long', '--partition-by', 'k', '--out', 'mine'], options);
        expect(ran.status).toBe(2);
        expect(existsSync(join(folder, 'mine/long/notes.txt'))).toBe(true);
    });
});
