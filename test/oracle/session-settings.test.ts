import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { clusterForTests, hasPostgres } from '../support/cluster-for-tests.ts';
import { elt, eltJson, PROJECT, workFolder } from '../support/elt.ts';
import { findPostgres } from '../support/postgres.ts';

/** The settings that docs/loading.md has a receiver pin, on a server whose own settings are hostile. */

const PAGE = readFileSync(join(PROJECT, 'docs', 'loading.md'), 'utf8');
const PINNED = /^export PGOPTIONS='([^']+)'$/m.exec(PAGE)?.[1] ?? '';

const HOSTILE = [
    "datestyle = 'SQL, DMY'",
    "timezone = 'Europe/Berlin'",
    "intervalstyle = 'iso_8601'",
    "bytea_output = 'escape'",
    'extra_float_digits = -5',
];

const OPTIONS = ['-o', 'format-version=2', '-o', 'include-pk=1', '-o', 'include-lsn=1', '-o', 'include-xids=1'];

const INTERVALS = [
    '1 year 2 mons',
    '3 days 04:05:06',
    '10 days 04:05:06',
    '04:05:06',
    '-04:05:06',
    '12:00:00',
    '100:00:00',
    '2 days',
    '1 day -04:05:06',
    '0',
];

describe.skipIf(!hasPostgres)('a receiver on a server with hostile settings', () => {
    const cluster = clusterForTests();

    function receiver(database: string, options: string): (...words: string[]) => void {
        const { bin } = findPostgres() as { readonly bin: string };
        const common = ['-h', cluster().folder, '-U', 'postgres', '-d', database, '--slot', database];
        return (...words) => {
            execFileSync(join(bin, 'pg_recvlogical'), [...common, ...words], {
                env: { ...process.env, PGOPTIONS: options },
            });
        };
    }

    const endOfLog = async (session: { sql(text: string): Promise<string> }): Promise<string> =>
        await session.sql('select pg_current_wal_lsn();');

    test.each([
        ['postgres', 'UTC'],
        ['postgres_verbose', 'UTC'],
        ['iso_8601', 'Asia/Kolkata'],
        ['sql_standard', 'America/St_Johns'],
    ])('what is not certainly wrong is named by check and status: %s, %s', async (style, zone) => {
        const name = `doubt_${style}`;
        const session = await cluster().createDatabase(name);
        const columns = INTERVALS.map((_, index) => `i${index} interval`);
        await session.sql(`create table t (id int primary key, at timestamptz, ${columns.join(', ')});`);
        const receive = receiver(name, `-c IntervalStyle=${style} -c TimeZone=${zone} -c DateStyle=ISO`);
        const cwd = workFolder();
        receive('--create-slot', '-P', 'wal2json');
        const values = INTERVALS.map((text) => `'${text}'`).join(', ');
        await session.sql(`insert into t values (1, '2024-07-02 12:00:00+00', ${values});`);
        receive('--start', '-f', join(cwd, 'capture.jsonl'), '--endpos', await endOfLog(session), ...OPTIONS);
        const texts = async (of: string): Promise<readonly string[]> =>
            (
                await session.sql(
                    `set intervalstyle = ${of}; select * from (values ('${INTERVALS.join("'::interval), ('")}'::interval)) as v;`,
                )
            )
                .trim()
                .split('\n')
                .filter((line) => line !== 'SET');
        const own = await texts('postgres');
        const other = (await texts(style)).flatMap((text, index) =>
            text === own[index] ? [] : [`public.t.i${index}`],
        );
        await session.close();
        await elt(['--db', 'x.db', 'migrate'], { cwd });
        expect((await elt(['--db', 'x.db', 'load', 'capture.jsonl'], { cwd })).status).toBe(0);
        const { findings } = await eltJson<{ findings: { subject: string }[] }>(['--db', 'x.db', 'check'], { cwd });
        const doubtful = findings
            .map(({ subject }) => subject)
            .filter((subject) => /^public\.t\.(?:i\d|at)/.test(subject));
        expect(doubtful.sort()).toEqual([...(zone === 'UTC' ? [] : ['public.t.at']), ...other]);
        const status = await elt(['--db', 'x.db', 'status'], { cwd });
        for (const subject of doubtful) {
            expect(status.stdout + status.stderr).toContain(subject);
        }
    });

    test.each([
        ['pinned as the page says', PINNED, 0],
        ['not pinned: what is certainly wrong is put aside', '', 4],
    ])('%s', async (name, options, status) => {
        const database = status === 0 ? 'pinned' : 'hostile';
        const session = await cluster().createDatabase(database);
        for (const setting of HOSTILE) {
            await session.sql(`alter database ${database} set ${setting};`);
        }
        await session.sql(
            'create table t (id int primary key, d date, at timestamptz, ts timestamp, i interval, b bytea, f float8);',
        );
        const receive = receiver(database, options);
        const cwd = workFolder();
        receive('--create-slot', '-P', 'wal2json');
        await session.sql(`insert into t values (1, '2024-05-06', '2024-07-02 12:00:00+00', '2024-05-06 07:08:09.5',
            '1 year 2 days 03:04:05.6', '\\xdeadbeef', 0.30000000000000004);`);
        receive('--start', '-f', join(cwd, 'capture.jsonl'), '--endpos', await endOfLog(session), ...OPTIONS);
        await session.close();
        await elt(['--db', 'x.db', 'migrate'], { cwd });
        const ran = await elt(['--db', 'x.db', 'load', 'capture.jsonl'], { cwd });
        expect([ran.status, name]).toEqual([status, name]);
        if (status === 0) {
            const shown = await elt(['--db', 'x.db', 'show', 'stg_t', '--json'], { cwd });
            for (const text of [
                '2024-05-06',
                '2024-07-02 12:00:00+00',
                '2024-05-06 07:08:09.5',
                '1 year 2 days 03:04:05.6',
                'deadbeef',
                '0.30000000000000004',
            ]) {
                expect(shown.stdout).toContain(text);
            }
        }
    });
});
