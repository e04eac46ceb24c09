import { rmSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterAll, expect, test } from 'vitest';
import { inTransaction, openDatabase, useRollbackJournal } from '../../src/sqlite/database.ts';
import { workFolder } from '../support/elt.ts';

const folder = workFolder();
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each([
    [0, '0 ms'],
    [30, '30 ms'],
    [1_000, '1 s'],
])('a lock that is not free within %d ms: the error says how long was waited', (busyTimeoutMs, text) => {
    const file = join(folder, `${busyTimeoutMs}.db`);
    const database = openDatabase(file, { create: true, busyTimeoutMs });
    // It waits no shorter after a first load.
    useRollbackJournal(database);
    const other = new Sqlite(file);
    other.exec('begin immediate');
    const began = performance.now();
    expect(() => inTransaction(database, () => undefined)).toThrow(
        expect.objectContaining({
            code: 'DATABASE_LOCKED',
            facts: expect.objectContaining({ found: `its write lock was not free within ${text}` }),
        }),
    );
    expect(performance.now() - began).toBeGreaterThanOrEqual(busyTimeoutMs * 0.9);
    other.close();
    database.close();
});
