import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { decodeFileName } from '../../src/project/model-files.ts';
import { closeDatabase, openDatabase } from '../../src/sqlite/database.ts';
import { elt, PROJECT, workFolder } from '../support/elt.ts';
import { expectError } from '../support/error-lines.ts';

/** SQL in table and column names, paths in names, terminal control characters: quoted, escaped in output, never run. */

const cwd = workFolder();
const outside = join(cwd, 'outside');
const project = join(cwd, 'project');

const HOSTILE: readonly (readonly [what: string, name: string])[] = [
    ['SQL', 'x"; drop table elt_loads; --'],
    ['SQL in single quotes', "x'; delete from elt_loads; --"],
    ['a path upwards', '../../outside/x'],
    ['a path from the root', `${outside}/y`],
    ['a path of another system', 'C:\\x\\..\\y'],
    ['terminal control', 'x\u001b]0;owned\u0007\u001b[2J\u009b31m'],
    ['a line feed and a dot-command', 'x\n.shell touch owned\n'],
    ['a NUL', 'x\u0000y'],
    ['text that runs backwards', 'x\u202ey'],
    ['a SQL comment', 'x /* y -- z */'],
    ['brackets and backticks', '[x] `y`'],
    ['a parameter', '?1 :x @y $z'],
    ['a keyword', 'select'],
    ['an empty name', ''],
    ['63 bytes, which is the most that PostgreSQL has', '€'.repeat(21)],
];

/** A change whose table, key column and value are all called so. */
function change(name: string, id: number): string {
    const quoted = JSON.stringify(name);
    return `{"action":"I","schema":"public","table":${quoted},"columns":[{"name":"id","type":"integer","value":${id}},{"name":${quoted},"type":"text","value":${quoted}}],"pk":[{"name":"id","type":"integer"}]}`;
}

beforeAll(async () => {
    mkdirSync(outside);
    mkdirSync(project);
    const text = HOSTILE.map(([, name], id) => change(name, id)).join('\n');
    writeFileSync(join(project, 'hostile.jsonl'), `${text}\n`);
});

const words = ['--project', '.', '--pipeline', 'hostile'];

describe('tables and columns that are called like that', () => {
    let said = '';

    beforeAll(async () => {
        const init = await elt(['--project', '.', 'init', 'hostile', '--from', 'hostile.jsonl'], { cwd: project });
        said += init.stdout + init.stderr;
        expect(init.status, init.stderr).toBe(0);
        for (const command of [
            ['run', 'hostile.jsonl'],
            ['status'],
            ['drift'],
            ['rejects'],
            ['check'],
            ['transform', '--rebuild'],
            ['verify'],
        ]) {
            const ran = await elt([...words, ...command], { cwd: project });
            expect([command, ran.status, ran.signal], ran.stderr).toEqual([command, 0, null]);
            said += ran.stdout + ran.stderr;
        }
    }, 60_000);

    test.each(HOSTILE)('%s: the value has landed as it is, and was folded', (_, name) => {
        const database = openDatabase(join(project, 'hostile.db'), { readonly: true });
        onTestFinished(() => closeDatabase(database));
        const relation = database
            .prepare('select staging_table from elt_relations where table_name = ?')
            .pluck()
            .get(name) as string;
        const column = database
            .prepare('select column_name from elt_columns where staging_table = ? and source_name = ?')
            .pluck()
            .get(relation, name) as string;
        const quoted = (one: string): string => `"${one.replaceAll('"', '""')}"`;
        for (const table of [relation, relation.replace(/^stg_/, 'current_')]) {
            expect(
                database
                    .prepare(`select ${quoted(column)} from ${quoted(table)}`)
                    .pluck()
                    .all(),
            ).toEqual([name]);
        }
    });

    test('nothing of it was run, and no file stands outside of its folder', () => {
        const database = openDatabase(join(project, 'hostile.db'), { readonly: true });
        onTestFinished(() => closeDatabase(database));
        expect(database.prepare('select count(*) from elt_loads').pluck().get()).toBe(1);
        expect(readdirSync(outside)).toEqual([]);
        const names = readdirSync(project).filter((name) => !/-(wal|shm)$/.test(name));
        expect(names.sort()).toEqual(['hostile.db', 'hostile.jsonl', 'migrations', 'sql']);
        expect(readdirSync(join(project, 'sql'))).toEqual(['hostile']);
        expect(existsSync(join(PROJECT, 'owned'))).toBe(false);
    });

    test('no control character reaches a terminal', () => {
        expect(said).toContain('owned');
        // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
        expect(said).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
    });
});

test.each(HOSTILE.map(([what, name], place) => [what, name, `own${place}`] as const))(
    '%s: the mart that init writes of such a table is kept, and its case passes',
    async (_, name, pipeline) => {
        writeFileSync(join(project, `${pipeline}.jsonl`), `${change(name, 1)}\n`);
        const own = ['--project', '.', '--pipeline', pipeline];
        for (const command of [
            ['--project', '.', 'init', pipeline, '--from', `${pipeline}.jsonl`],
            [...own, 'run', `${pipeline}.jsonl`],
            [...own, 'test', '--cases'],
        ]) {
            const ran = await elt(command, { cwd: project });
            expect([command, ran.status], ran.stderr).toEqual([command, 0]);
        }
        const database = openDatabase(join(project, `${pipeline}.db`), { readonly: true });
        onTestFinished(() => closeDatabase(database));
        const [mart] = readdirSync(join(project, 'sql', pipeline, 'marts'));
        const table = decodeFileName((mart ?? '').replace(/\.sql$/, ''));
        expect(
            database
                .prepare(`select * from "${table.replaceAll('"', '""')}"`)
                .raw()
                .all(),
        ).toEqual([[1, name]]);
    },
);

test('a name that is too long for a file is refused by init, not by a crash', async () => {
    writeFileSync(join(project, 'long.jsonl'), change('n'.repeat(600), 1));
    const ran = await elt(['--project', '.', 'init', 'long', '--from', 'long.jsonl'], { cwd: project });
    const has = ['where', 'state', 'next', 'cause'] as const;
    expectError(ran, { status: 2, code: 'COMMAND_WRONG', says: 'cannot be written', has });
});

test.each(HOSTILE.filter(([, name]) => name !== ''))('%s as a name that a person types is no name', async (_, name) => {
    for (const command of [
        ['--pipeline', name, 'transform'],
        ['show', name],
        ['rebuild', name],
        ['query', name],
        ['load', name],
    ]) {
        const given = command.map((word) => word.replaceAll('\u0000', ''));
        const ran = await elt(['--project', '.', ...(given[0] === '--pipeline' ? [] : words.slice(2)), ...given], {
            cwd: project,
        });
        expect([2, 3, 7], `${given.join(' ')}: ${ran.stderr}`).toContain(ran.status);
        // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
        expect(ran.stdout + ran.stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
    }
    expect(readdirSync(outside)).toEqual([]);
});
