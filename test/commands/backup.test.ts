import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { beforeAll, expect, test } from 'vitest';
import { elt, ended, startElt, workFolder } from '../support/elt.ts';
import { expectError } from '../support/error-lines.ts';

const cwd = workFolder();
const at = (name: string): string => join(cwd, name);

beforeAll(async () => {
    writeFileSync(at('wal.json'), (await elt(['sample', 'payments', '--records', '200'])).stdout);
    writeFileSync(at('much.json'), (await elt(['sample', 'payments', '--records', '20000', '--seed', '2'])).stdout);
    expect((await elt(['run', 'wal.json'], { cwd })).status).toBe(0);
});

function staged(name: string): number {
    const database = new Sqlite(at(name), { readonly: true });
    try {
        return database.prepare('select sum(staged_rows) from elt_load_tables').pluck().get() as number;
    } finally {
        database.close();
    }
}

test('a backup equals the database, and no other file is left', async () => {
    const ran = await elt(['backup', 'one.db', '--json'], { cwd });
    expect(ran.status, ran.stderr).toBe(0);
    expect(JSON.parse(ran.stdout)).toMatchObject({ database: 'payments.db', backup: 'one.db' });
    expect((await elt(['--db', 'one.db', 'verify'], { cwd })).status).toBe(0);
    expect((await elt(['--db', 'one.db', 'load', 'wal.json'], { cwd })).stdout).toContain('nothing new');
    expect(readdirSync(cwd).filter((name) => name.startsWith('one.db'))).toEqual(['one.db']);
});

test('a backup during a load is a committed state; the load is not disturbed', async () => {
    const load = ended(startElt(['run', 'much.json'], { cwd }));
    let isLoading = true;
    void load.then(() => {
        isLoading = false;
    });
    let last = 0;
    let backups = 0;
    for (; isLoading; backups++) {
        const ran = await elt(['backup', '--force', 'during.db'], { cwd });
        expect(ran.status, ran.stderr).toBe(0);
        expect(staged('during.db')).toBeGreaterThanOrEqual(last);
        last = staged('during.db');
        expect((await elt(['--db', 'during.db', 'verify'], { cwd })).status).toBe(0);
    }
    expect(backups).toBeGreaterThan(1);
    expect((await load).status).toBe(0);
});

test.each([
    ['a file that exists', 'there.db', [], 'it exists'],
    ['a folder', 'folder', ['--force'], 'it is a folder'],
    ['the database itself', './payments.db', ['--force'], 'it is the database itself'],
    ['a file that is in use', 'used.db', ['--force'], 'the file is in use'],
])('%s is refused and left as it was', async (_, target, options, says) => {
    writeFileSync(at('there.db'), 'mine');
    mkdirSync(at('folder'), { recursive: true });
    writeFileSync(at('used.db-wal'), 'log');
    const before = readFileSync(at('payments.db'));
    const ran = await elt(['backup', target, ...options], { cwd });
    expectError(ran, { status: 2, code: 'COMMAND_WRONG', says, has: ['found', 'state', 'next'] });
    expect(readFileSync(at('there.db'), 'utf8')).toBe('mine');
    expect(readFileSync(at('payments.db')).equals(before)).toBe(true);
});

test('a missing folder and a missing database are errors', async () => {
    const has = ['state', 'next'] as const;
    const missing = await elt(['backup', 'nowhere/x.db'], { cwd });
    expectError(missing, { status: 7, code: 'DATABASE_REFUSED', says: 'nowhere/x.db', has });
    const none = await elt(['--db', 'none.db', 'backup', 'x.db'], { cwd });
    expectError(none, { status: 7, code: 'DATABASE_MISSING', says: 'none.db', has });
});
