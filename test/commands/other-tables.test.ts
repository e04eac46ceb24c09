import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { elt, workFolder } from '../support/elt.ts';

/** A database of another elt: one of its own tables is not there. */
const CASES: readonly (readonly [what: string, sql: string, status: number, code: string, says: string])[] = [
    [
        'a migration was edited after it was applied',
        `update elt_migrations set checksum = 'other' where name = 'control/0001_create_control_tables'`,
        6,
        'MIGRATION_EDITED',
        'control/0001_create_control_tables',
    ],
    [
        'a migration has come since',
        `delete from elt_migrations where name = 'payments/0001_create_metrics'`,
        7,
        'DATABASE_NOT_MIGRATED',
        'not applied: payments/0001_create_metrics',
    ],
];

it.each(CASES)('elt status on a database that lacks a table: %s', async (_, sql, status, code, says) => {
    const cwd = workFolder();
    const words = ['--pipeline', 'payments', '--db', join(cwd, 'other.db')];
    expect((await elt([...words, 'migrate'], { cwd })).status).toBe(0);
    const database = new Database(join(cwd, 'other.db'));
    database.exec(`drop table elt_drift; ${sql}`);
    database.close();
    const ran = await elt([...words, 'status'], { cwd });
    expect([ran.status, ran.stdout]).toEqual([status, '']);
    expect(ran.stderr).toContain(`error ${code}: `);
    expect(ran.stderr).toContain(says);
});
