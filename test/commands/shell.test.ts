import { copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { closeDatabase, openDatabase } from '../../src/sqlite/database.ts';
import { rowsOf, tablesText } from '../support/bench-database.ts';
import { elt, PROJECT, runProgram, sqliteShell, workFolder } from '../support/elt.ts';

/** The shell can open what `elt` creates, and do with it what `elt` does. */

const shell = sqliteShell();

/** What two ways of running must agree on: rows and the state of each model, but not times. */
const DATA = ['stg_', 'current_', 'changed_', 'metrics', 'elt_watermarks', 'elt_stream', 'elt_clock'];

function contentOf(file: string): unknown {
    const database = openDatabase(file, { readonly: true });
    try {
        const hashes = rowsOf(database, 'select model, text_hash, scaffolded from elt_models order by model');
        return { ...tablesText(database, DATA), hashes };
    } finally {
        closeDatabase(database);
    }
}

describe.skipIf(shell === null)(`the sqlite3 shell${shell === null ? ' (skipped: sqlite3 is missing)' : ''}`, () => {
    const cwd = workFolder();
    const base = join(cwd, 'base.db');
    const sql = (file: string, ...words: readonly string[]) => runProgram('sqlite3', ['-bail', file, ...words]);

    beforeAll(async () => {
        const sample = await elt(['sample', 'payments', '--mix', 'changes', '--records', '600', '--seed', '3']);
        expect(sample.status).toBe(0);
        // Transactions of format 2 may span records: the pieces are cut where one ends.
        const lines = sample.stdout.split('\n').filter((line) => line.startsWith('{'));
        const records =
            lines.length > 10 ? lines : (JSON.parse(sample.stdout) as unknown[]).map((one) => JSON.stringify(one));
        const middle = records.findIndex((line, index) => index > records.length / 2 && line.includes('"action":"C"'));
        writeFileSync(join(cwd, 'one.json'), records.slice(0, middle + 1).join('\n'));
        writeFileSync(join(cwd, 'two.json'), records.slice(middle + 1).join('\n'));
        expect((await elt(['run', join(cwd, 'one.json'), '--db', base], { cwd })).status).toBe(0);
    });

    function copy(name: string): string {
        const file = join(cwd, name);
        copyFileSync(base, file);
        return file;
    }

    test('.tables and select', async () => {
        const tables = await sql(base, '.tables');
        expect([tables.status, tables.stderr]).toEqual([0, '']);
        expect(tables.stdout).toContain('metrics_now');
        const rows = await sql(base, 'select count(*) > 0 from metrics', 'select * from metrics limit 3');
        expect(rows.stdout.split('\n')[0]).toBe('1');
        expect(rows.stdout.trim().split('\n')).toHaveLength(4);
    });

    const files = ['upkeep', 'tests'].flatMap((folder) =>
        readdirSync(join(PROJECT, 'sql', 'payments', folder))
            // The cases of a mart insert the rows that they give.
            .filter((name) => !name.endsWith('.case.sql'))
            .map((name) => `sql/payments/${folder}/${name}`),
    );
    test('.read of each SQL file inside begin and commit, twice, changes nothing', async () => {
        const copied = copy('read.db');
        const before = tablesOf(copied);
        for (const file of [...files, ...files]) {
            const ran = await sql(copied, 'begin', `.read ${join(PROJECT, file)}`, 'commit');
            expect([file, ran.status, ran.stderr, ran.stdout]).toEqual([file, 0, '', '']);
            expect([file, tablesOf(copied)]).toEqual([file, before]);
        }
        expect((await elt(['verify', '--db', copied], { cwd })).status).toBe(0);
    });

    test.each([
        ['incrementally, with changes', []],
        ['as a rebuild', ['--rebuild']],
        ['of one model', ['--select', 'current_transaction', '--rebuild']],
    ])('elt transform --print through the shell does what elt transform does, %s', async (_, words) => {
        const [byCommand, byShell] = [copy('command.db'), copy('shell.db')];
        for (const file of [byCommand, byShell]) {
            expect((await elt(['load', join(cwd, 'two.json'), '--db', file], { cwd })).status).toBe(0);
        }
        const printed = await elt(['transform', ...words, '--print', '--db', byShell], { cwd });
        expect([printed.status, printed.stderr]).toEqual([0, '']);
        expect((await elt(['transform', ...words, '--db', byCommand], { cwd })).status).toBe(0);
        const ran = await runProgram('sqlite3', ['-bail', byShell], { input: printed.stdout });
        expect([ran.status, ran.stderr]).toEqual([0, '']);
        expect(contentOf(byShell)).toEqual(contentOf(byCommand));
        // What is left to do is the same for both.
        for (const file of [byCommand, byShell]) {
            expect((await elt(['transform', '--db', file], { cwd })).status).toBe(0);
        }
        expect(contentOf(byShell)).toEqual(contentOf(byCommand));
    });

    test('the first run through the shell', async () => {
        const [byCommand, byShell] = [join(cwd, 'first-command.db'), join(cwd, 'first-shell.db')];
        for (const file of [byCommand, byShell]) {
            expect((await elt(['migrate', '--db', file], { cwd })).status).toBe(0);
            expect((await elt(['load', join(cwd, 'one.json'), '--db', file], { cwd })).status).toBe(0);
        }
        const printed = await elt(['transform', '--print', '--db', byShell], { cwd });
        const ran = await runProgram('sqlite3', ['-bail', byShell], { input: printed.stdout });
        expect([ran.status, ran.stderr]).toEqual([0, '']);
        expect((await elt(['transform', '--db', byCommand], { cwd })).status).toBe(0);
        expect(contentOf(byShell)).toEqual(contentOf(byCommand));
    });

    test('a failing data test stops the shell too, and nothing is published', async () => {
        const project = await projectWithTest('-- why: never so\n\nselect 1 as bad;\n');
        const file = copy('failing.db');
        expect((await elt(['load', join(cwd, 'two.json'), '--db', file], { cwd })).status).toBe(0);
        const before = tablesOf(file);
        const printed = await elt(['transform', '--print', '--db', file, '--project', project], { cwd });
        const ran = await runProgram('sqlite3', ['-bail', file], { input: printed.stdout });
        expect(ran.status).not.toBe(0);
        expect(ran.stderr).toContain('data_test_found_rows');
        expect(tablesOf(file)).toEqual(before);
    });

    async function projectWithTest(text: string): Promise<string> {
        const project = workFolder();
        await runProgram('cp', ['-r', join(PROJECT, 'sql'), join(PROJECT, 'migrations'), project]);
        writeFileSync(join(project, 'sql', 'payments', 'tests', 'metrics__never_right.sql'), text);
        return project;
    }

    test('a printed run without anything new is a comment', async () => {
        const printed = await elt(['transform', '--print', '--db', base], { cwd });
        expect(printed.stdout).toMatch(/^--/);
        const file = copy('idle.db');
        expect((await runProgram('sqlite3', ['-bail', file], { input: printed.stdout })).status).toBe(0);
        expect(contentOf(file)).toEqual(contentOf(base));
    });

    test('the shell reads every shipped SQL file: they contain nothing newer than 3.40', () => {
        for (const file of files) {
            expect(readFileSync(join(PROJECT, file), 'utf8')).not.toMatch(
                /\b(jsonb_\w+|string_agg|unistr|concat)\s*\(/,
            );
        }
    });
});

/** The published rows; taking a change in twice may leave more rows in `changed_`, which is harmless. */
function tablesOf(file: string): unknown {
    const database = openDatabase(file, { readonly: true });
    try {
        const tables = tablesText(database, ['stg_', 'current_']);
        return { ...tables, metrics: rowsOf(database, 'select * from metrics order by 1') };
    } finally {
        closeDatabase(database);
    }
}
