import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { clusterForTests, hasPostgres } from '../support/cluster-for-tests.ts';
import { elt, PROJECT, workFolder } from '../support/elt.ts';
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

describe.skipIf(!hasPostgres)('a receiver on a server with hostile settings', () => {
    const cluster = clusterForTests();

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
        const { bin } = findPostgres() as { readonly bin: string };
        const receive = (...words: string[]): void => {
            execFileSync(
                join(bin, 'pg_recvlogical'),
                ['-h', cluster().folder, '-U', 'postgres', '-d', database, '--slot', database, ...words],
                {
                    env: { ...process.env, PGOPTIONS: options },
                },
            );
        };
        const cwd = workFolder();
        receive('--create-slot', '-P', 'wal2json');
        await session.sql(`insert into t values (1, '2024-05-06', '2024-07-02 12:00:00+00', '2024-05-06 07:08:09.5',
            '1 year 2 days 03:04:05.6', '\\xdeadbeef', 0.30000000000000004);`);
        const end = await session.sql('select pg_current_wal_lsn();');
        receive(
            '--start',
            '-f',
            join(cwd, 'capture.jsonl'),
            '--endpos',
            end,
            '-o',
            'format-version=2',
            '-o',
            'include-pk=1',
        );
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
