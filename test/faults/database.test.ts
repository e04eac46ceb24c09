import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { beforeAll, describe, expect, test } from 'vitest';
import { CLI, elt, NODE, type Ran, runProgram, workFolder } from '../support/elt.ts';
import { type ExpectedError, expectError } from '../support/error-lines.ts';

/** The database file is not what it should be, not to be written, or not free: an error that says so, nothing changed. */

const cwd = workFolder();
const at = (name: string): string => join(cwd, name);
const ELT_ID = 0x656c7431;
const NOBODY = 65_534;

beforeAll(async () => {
    writeFileSync(at('wal.json'), (await elt(['sample', 'payments', '--records', '60'])).stdout);
    writeFileSync(at('more.json'), (await elt(['sample', 'payments', '--records', '400', '--seed', '2'])).stdout);
    chmodSync(cwd, 0o755);
});

async function loaded(file: string): Promise<string> {
    expect((await elt(['--db', file, 'run', 'wal.json'], { cwd })).status).toBe(0);
    return file;
}

function makeDatabase(name: string, sql: string): void {
    const database = new Sqlite(at(name));
    database.exec(sql);
    database.close();
}

const COMMANDS = [['migrate'], ['load', 'wal.json'], ['run', 'wal.json'], ['transform'], ['status'], ['verify']];

describe('the path is', () => {
    const damaged: ExpectedError = {
        status: 7,
        code: 'DATABASE_DAMAGED',
        says: 'is not a readable SQLite database',
        has: ['state', 'next', 'cause'],
    };
    const cases: readonly { name: string; make: () => void; error: ExpectedError }[] = [
        {
            name: 'a folder',
            make: () => mkdirSync(at('a folder')),
            error: {
                status: 7,
                code: 'DATABASE_REFUSED',
                says: 'a folder; expected a file',
                has: ['found', 'state', 'next'],
            },
        },
        { name: 'random bytes', make: () => writeFileSync(at('random bytes'), randomBytes(20_000)), error: damaged },
        { name: 'a text', make: () => writeFileSync(at('a text'), 'Dear reader,\nnothing here.\n'), error: damaged },
        {
            name: 'a database cut short',
            make: () => {
                makeDatabase('whole', `pragma application_id = ${ELT_ID}; create table t (x); create table u (x);`);
                writeFileSync(at('a database cut short'), readFileSync(at('whole')).subarray(0, 5_000));
            },
            error: damaged,
        },
        {
            name: "another program's",
            make: () => makeDatabase("another program's", 'create table notes (text text)'),
            error: {
                status: 7,
                code: 'DATABASE_FOREIGN',
                says: 'is the database of another program',
                has: ['found', 'state', 'next'],
            },
        },
        {
            name: "a newer elt's",
            make: () => makeDatabase("a newer elt's", `pragma application_id = ${ELT_ID}; pragma user_version = 999`),
            error: { status: 7, code: 'DATABASE_NEWER', says: 'format 999', has: ['found', 'state', 'next'] },
        },
    ];
    test.each(cases)('$name', async ({ name, make, error }) => {
        make();
        const before = statSync(at(name)).isFile() ? readFileSync(at(name)) : null;
        for (const words of COMMANDS) {
            expectError(await elt(['--db', name, ...words], { cwd }), error);
        }
        expect(statSync(at(name)).isFile() ? readFileSync(at(name)) : null).toEqual(before);
    });

    test('in a folder that is missing', async () => {
        const error = { status: 7, code: 'DATABASE_REFUSED', says: 'its folder does not exist' } as const;
        const ran = await elt(['--db', 'missing/x.db', 'run', 'wal.json'], { cwd });
        expectError(ran, { ...error, has: ['found', 'state', 'next', 'cause'] });
    });

    test('in a folder that is a file', async () => {
        const ran = await elt(['--db', 'wal.json/x.db', 'run', 'wal.json'], { cwd });
        expectError(ran, {
            status: 7,
            code: 'DATABASE_REFUSED',
            says: 'wal.json/x.db',
            has: ['state', 'next', 'cause'],
        });
    });

    test('missing, for a command that makes none', async () => {
        const ran = await elt(['--db', 'none.db', 'transform'], { cwd });
        expectError(ran, { status: 7, code: 'DATABASE_MISSING', says: 'none.db', has: ['state', 'next'] });
    });
});

describe('no permission', () => {
    const error: ExpectedError = {
        status: 7,
        code: 'DATABASE_REFUSED',
        says: 'cannot be written',
        has: ['state', 'next', 'cause'],
    };
    test.for([
        ['to write the file', 0o444, 0o755],
        ['to read the file', 0o000, 0o755],
        ['to write its folder', 0o644, 0o555],
    ] as const)('%s', async ([what, fileMode, folderMode], { skip }) => {
        const folder = at(what);
        mkdirSync(folder);
        const file = await loaded(join(folder, 'x.db'));
        const before = readFileSync(file);
        skip((await asNobody(['--version'])).status !== 0, 'elt cannot be run here as a user without rights');
        chmodSync(file, fileMode);
        chmodSync(folder, folderMode);
        for (const words of [['load', 'more.json'], ['run', 'more.json'], ['transform'], ['migrate']]) {
            expectError(await asNobody(['--db', file, ...words]), error);
        }
        expect(readFileSync(file)).toEqual(before);
    });
});

/** Root may write everything: there the command runs as a user who owns nothing. */
async function asNobody(words: readonly string[]): Promise<Ran> {
    const command = [NODE, CLI, ...words];
    return process.getuid?.() === 0
        ? await runProgram('setpriv', [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', ...command], { cwd })
        : await runProgram(NODE, command.slice(1), { cwd });
}

function randomBytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, (_, index) => (index * 7_919 + 13) % 251));
}
