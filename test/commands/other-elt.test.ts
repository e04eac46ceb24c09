import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { COMMANDS } from '../../src/commands/definitions.ts';
import { elt, workFolder } from '../support/elt.ts';

/** A file that another elt has written is refused by every command, before it reads or writes anything. */

const cwd = workFolder();
const SERVER = 'postgres://elt@127.0.0.1:1/shop';

/** How each command is called that opens a database. */
const CALLS: readonly (readonly [name: string, words: readonly string[]])[] = [
    ['run', ['wal.json']],
    ['migrate', []],
    ['migrate up', []],
    ['migrate status', []],
    ['migrate down', []],
    ['load', ['wal.json']],
    ['transform', []],
    ['transform', ['--dry-run']],
    ['transform', ['--print']],
    ['transform', ['--timeout', '1m']],
    ['status', []],
    ['show', ['metrics']],
    ['query', ['net_amount', 'merchantTypeCode=5310', '--pipeline', 'card_spend']],
    ['serve', ['--port', '0']],
    ['serve', ['--snapshot', 'page.html']],
    ['export', ['metrics']],
    ['verify', []],
    ['rebuild', []],
    ['prune', []],
    ['backup', ['copy.db']],
    ['rejects', []],
    ['rejects list', []],
    ['rejects show', ['1']],
    ['rejects retry', []],
    ['drift', []],
    ['drift list', []],
    ['scaffold', ['cash_ins']],
    ['check', []],
    ['test', []],
    ['dev', ['--once']],
    ['docs', []],
    ['print', ['--engine', 'postgres']],
    ['lake', ['--to', 'lake']],
    ['lake push', ['--to', 'lake']],
    ['lake pull', []],
    ['lake status', ['--to', 'lake']],
    ['lake check', ['--to', 'lake']],
    ['push', ['metrics', '--to', SERVER]],
    ['push status', []],
    ['push rejects', []],
    ['push forget', ['metrics']],
    ['follow', [SERVER]],
    ['source', []],
    ['source status', []],
    ['source drop', ['--offline']],
    ['source resnapshot', ['--all']],
];

/** These open no database of a pipeline; `source check` only for topics, by the same function. */
const WITHOUT = ['completion', 'init', 'lake publish', 'sample', 'source check'];

const OTHERS: readonly (readonly [what: string, sql: string, status: number, code: string, next: string])[] = [
    [
        'a newer one, which has a migration more',
        `insert into elt_migrations (name, checksum, applied_at) values ('control/9999_later', 'x', '2030-01-01')`,
        7,
        'DATABASE_NEWER',
        'use that newer elt',
    ],
    [
        'one whose control tables are others',
        `update elt_migrations set checksum = 'other' where name = 'control/0001_create_control_tables'`,
        6,
        'MIGRATION_EDITED',
        'use the elt that wrote the database',
    ],
];

beforeAll(async () => {
    expect((await elt(['migrate', '--db', 'whole.db'], { cwd })).status).toBe(0);
    await elt(['sample', 'payments', '--records', '10', '--out', 'wal.json'], { cwd });
});

describe.each(OTHERS)('the file of %s', (_, sql, status, code, next) => {
    test.each(CALLS)('elt %s %j', async (name, words) => {
        copyFileSync(join(cwd, 'whole.db'), join(cwd, 'other.db'));
        const database = new Database(join(cwd, 'other.db'));
        onTestFinished(() => {
            database.close();
        });
        database.exec(sql);
        const version = () => database.pragma('data_version', { simple: true });
        const before = version();
        const ran = await elt([...name.split(' '), ...words, '--db', 'other.db'], { cwd });
        expect(ran.stderr).toContain(`error ${code}: `);
        expect(ran.stderr).toContain(next);
        expect(ran.stderr).toContain('nothing was changed');
        expect([ran.status, ran.stdout]).toEqual([status, '']);
        expect(version()).toBe(before);
    });
});

test('every command is here', () => {
    const names = new Set([...CALLS.map(([name]) => name), ...WITHOUT]);
    expect([...names].toSorted()).toEqual(COMMANDS.map(({ name }) => name).toSorted());
});
