import { openSync, statSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import { closeDatabase, openDatabase } from '../../src/sqlite/database.ts';
import { elt, ended, startElt, workFolder } from '../support/elt.ts';

/** A file that changes while it is read: what was read is accounted for, and the next load reports the change. */

const cwd = workFolder();
const RECORDS = 40_000;
let text: Buffer;

beforeAll(async () => {
    const made = await elt(['sample', 'payments', '--records', String(RECORDS), '--shape', 'lines']);
    text = Buffer.from(made.stdout);
});

function query(file: string, sql: string): unknown[] {
    const database = openDatabase(file, { readonly: true });
    try {
        return database.prepare(sql).raw().all();
    } finally {
        closeDatabase(database);
    }
}

/** The middle of a line near the end, so that the record there is torn. */
const TORN_AT = (): number => text.indexOf('\n', Math.floor(text.length * 0.9)) + 100;

const CHANGES: readonly (readonly [what: string, change: (file: string) => void, last: RegExp])[] = [
    ['is cut short', (file) => truncateSync(file, TORN_AT()), /^note: .* ends inside a line|^$/],
    [
        'is overwritten behind the place that is read',
        (file) => writeSync(openSync(file, 'r+'), text.subarray(0, 1_000_000), 0, 1_000_000, text.length - 1_000_000),
        /^error SOURCE_CHANGED|^note: .* ends inside a line|^RECORDS_REJECTED|^$/,
    ],
    [
        'is overwritten before the place that is read',
        (file) => writeSync(openSync(file, 'r+'), Buffer.from('{"change":[]}'), 0, 13, 0),
        /^error SOURCE_CHANGED/,
    ],
];

test.each(CHANGES)('a file that %s', async (what, change, last) => {
    const file = join(cwd, `${what}.json`);
    const db = join(cwd, `${what}.db`);
    writeFileSync(file, text);
    expect((await elt(['--db', db, 'migrate'], { cwd })).status).toBe(0);
    const child = startElt(['--db', db, 'load', file], { cwd });
    const running = ended(child);
    while (query(db, 'select 1 from elt_loads where changes > 0').length === 0 && child.exitCode === null) {
        await sleep(2);
    }
    const [[readSoFar]] = query(db, 'select end_byte from elt_loads') as [[number]];
    expect(readSoFar).toBeLessThan(statSync(file).size);
    change(file);
    const ran = await running;
    expect([0, 3, 4], ran.stderr).toContain(ran.status);
    const [[records, changes, rejected, staged]] = query(
        db,
        `select records, changes, rejected, (select sum(staged_rows) from elt_load_tables) from elt_loads`,
    ) as [[number, number, number, number]];
    expect(changes).toBe(staged);
    expect(changes + rejected).toBeGreaterThanOrEqual(records);
    expect((await elt(['--db', db, 'verify'], { cwd })).status).toBe(0);

    const again = await elt(['--db', db, 'load', file], { cwd });
    expect([0, 3, 4]).toContain(again.status);
    expect(again.stderr).toMatch(last);
    expect((await elt(['--db', db, 'verify'], { cwd })).status).toBe(0);
});
