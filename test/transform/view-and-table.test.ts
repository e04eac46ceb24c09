import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { elt, eltJson, runProgram, workFolder } from '../support/elt.ts';

/** A model keeps its name and becomes another kind of object: whatever has the name gives way. */

const VIEW = 'drop view if exists daily;\ncreate view daily as\nselect count(*) as x\nfrom base;\n';
const TABLE =
    'create table if not exists daily (x integer) strict;\ndelete from daily;\ninsert into daily\nselect count(*)\nfrom base;\n';
const READER =
    'create table if not exists reader (x integer);\ndelete from reader;\ninsert into reader\nselect x\nfrom daily;\n';
const BASE = 'create table if not exists base (x integer);\ndelete from base;\ninsert into base\nvalues (1), (2);\n';

let cwd = '';
const options = (): { cwd: string; env: Record<string, string> } => ({
    cwd,
    env: { ELT_PIPELINE: 'shop', ELT_PROJECT: cwd },
});

function write(file: string, text: string): void {
    const path = join(cwd, 'sql', 'shop', file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
}

beforeEach(async () => {
    cwd = workFolder();
    write('marts/base.sql', BASE);
    write('marts/reader.sql', READER);
    expect((await elt(['migrate'], options())).status).toBe(0);
});

const typeOf = async (): Promise<string> =>
    (
        await runProgram('sqlite3', [
            join(cwd, 'shop.db'),
            "select type from sqlite_schema where lower(name) = 'daily'",
        ])
    ).stdout.trim();

describe.each([
    ['a view that becomes a table', ['views/daily.sql', VIEW], ['marts/daily.sql', TABLE], 'table'],
    ['a table that becomes a view', ['marts/daily.sql', TABLE], ['views/daily.sql', VIEW], 'view'],
    [
        'a view in another case of letters',
        ['views/daily.sql', VIEW],
        ['marts/Daily.sql', TABLE.replaceAll('daily', 'Daily')],
        'table',
    ],
    [
        'a careful file that drops the view itself',
        ['views/daily.sql', VIEW],
        ['marts/daily.sql', `drop view if exists daily;\n${TABLE}`],
        'table',
    ],
] as const)('%s', (_, before, after, type) => {
    beforeEach(async () => {
        write(before[0], before[1]);
        const ran = await elt(['transform'], options());
        expect([ran.status, ran.stderr]).toEqual([0, '']);
        rmSync(join(cwd, 'sql', 'shop', before[0]));
        write(after[0], after[1]);
    });

    test('is replaced by the next run', async () => {
        expect((await elt(['status'], options())).status).toBe(0);
        const ran = await elt(['transform'], options());
        expect([ran.status, ran.stderr]).toEqual([0, '']);
        const shown = await eltJson<{ rows: unknown[][] }>(['show', 'reader'], options());
        expect(shown.rows).toEqual([[2]]);
        expect((await elt(['verify'], options())).status).toBe(0);
        expect((await elt(['rebuild'], options())).status).toBe(0);
    });

    test('is replaced by the printed run in the shell', async () => {
        const printed = await elt(['transform', '--print'], options());
        const shell = await runProgram('sqlite3', ['-bail', 'shop.db'], { cwd, input: printed.stdout });
        expect([shell.status, shell.stderr]).toEqual([0, '']);
        expect(await typeOf()).toBe(type);
    });
});
