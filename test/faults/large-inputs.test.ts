import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { closeDatabase, openDatabase } from '../../src/sqlite/database.ts';
import { workFolder } from '../support/elt.ts';
import { loadLarge } from '../support/large-source.ts';

/**
 * Inputs that are too large to be held: landed or put aside, in bounded memory. `npm run faults` lands the transaction
 * in its full size of 1 GB.
 */

const cwd = workFolder();
const RSS_KIB_MAX = 150 * 1024;
/** A change is held up to 64 MiB, in a buffer that doubles: then it is counted and hashed as it goes by. */
const RSS_KIB_OF_A_CHANGE_MAX = 350 * 1024;

afterAll(() => rmSync(cwd, { recursive: true, force: true }));

test('a change of 600 MiB is put aside with its place, length and hash; what stands around it lands', async () => {
    const db = join(cwd, 'change.db');
    const { status, load, stderr, maxRssKib } = await loadLarge('change', 600, db, cwd);
    expect(status, stderr).toBe(4);
    expect(load).toMatchObject({ records: 3, changes: 4, rejected: 1 });
    expect(maxRssKib).toBeLessThan(RSS_KIB_OF_A_CHANGE_MAX);
    const database = openDatabase(db, { readonly: true });
    expect(database.prepare('select id from stg_t order by _seq').pluck().all()).toEqual([1, 2, 4, 5]);
    const reject = database
        .prepare('select record, change, first_byte, length, whole, sha256, length(bytes), reason from elt_rejects')
        .raw()
        .get() as unknown[];
    // The same bytes, hashed by sha256sum.
    const sha256 = '9dace911cb245f323013f76689f85dbf1c171b2b7af474a051d41490b5536a3b';
    expect(reject).toEqual([2, 2, 282, 600 * 2 ** 20 + 127, 0, sha256, 4_096, 'change-too-large']);
    closeDatabase(database);
}, 180_000);

test('a transaction of 200 MB in one record lands within 150 MB', async () => {
    const { status, load, stderr, maxRssKib } = await loadLarge('transaction', 200, join(cwd, 'transaction.db'), cwd);
    expect(status, stderr).toBe(0);
    expect(load).toMatchObject({ records: 1, changes: load.lastSeq, rejected: 0 });
    expect(load.bytes).toBeGreaterThan(200e6);
    expect(maxRssKib).toBeLessThan(RSS_KIB_MAX);
}, 180_000);

test('a million empty transactions are counted within 150 MB', async () => {
    const { status, load, stderr, maxRssKib } = await loadLarge('empty', 1_000, join(cwd, 'empty.db'), cwd);
    expect(status, stderr).toBe(0);
    expect(load).toMatchObject({ records: 1_000_000, changes: 0, rejected: 0 });
    expect(maxRssKib).toBeLessThan(RSS_KIB_MAX);
}, 180_000);
