import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Sqlite from 'better-sqlite3';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { elt, eltJson, ended, runProgram, sqliteShell, startElt, workFolder } from '../support/elt.ts';
import { expectError } from '../support/error-lines.ts';

/** Other programs use the file at the same time: a writer, a reader that stays long, a shell that reads in a loop. */

const cwd = workFolder();
const SHELL = sqliteShell();

beforeAll(async () => {
    const sample = async (records: number, seed: number) =>
        (await elt(['sample', 'payments', '--records', String(records), '--seed', String(seed)])).stdout;
    writeFileSync(join(cwd, 'first.json'), await sample(200, 1));
    writeFileSync(join(cwd, 'more.json'), await sample(400, 2));
    writeFileSync(join(cwd, 'much.json'), await sample(30_000, 3));
});

async function loaded(name: string): Promise<string> {
    const file = join(cwd, name);
    expect((await elt(['--db', file, 'run', 'first.json'], { cwd })).status).toBe(0);
    return file;
}

/** A connection notices a new mode when it reads. */
function journalModeOf(reader: Sqlite.Database): unknown {
    reader.prepare('select count(*) from elt_loads').get();
    return reader.pragma('journal_mode', { simple: true });
}

/** Whether a file has a rollback journal, by its header; a connection that looks would keep it from getting one. */
function hasRollbackJournal(file: string): boolean {
    return existsSync(file) && readFileSync(file).subarray(18, 19).equals(Buffer.of(1));
}

/** A connection that has begun to read while the file is being made, and stays. */
async function readerOfFirstLoad(file: string): Promise<Sqlite.Database> {
    for (;;) {
        await sleep(5);
        if (!hasRollbackJournal(file)) {
            continue;
        }
        const reader = new Sqlite(file, { readonly: true, timeout: 10_000 });
        try {
            reader.exec('begin');
            if (reader.prepare('select changes from elt_loads').pluck().get() !== undefined) {
                return reader;
            }
        } catch {
            // Its tables are not there yet.
        }
        reader.close();
    }
}

function open(file: string): Sqlite.Database {
    const database = new Sqlite(file);
    onTestFinished(() => {
        database.close();
    });
    return database;
}

describe('another writer', () => {
    test.concurrent.for([
        [['load', 'more.json'], 'an open transaction'],
        [['run', 'more.json'], 'an open transaction'],
        [['rebuild'], 'an open transaction'],
    ] as const)('makes elt $0 wait, then name the lock', async ([words]) => {
        const file = await loaded(`lock-${words[0]}.db`);
        const other = open(file);
        other.exec('begin immediate');
        const began = performance.now();
        const ran = await elt(['--db', file, ...words], { cwd });
        expect(performance.now() - began).toBeGreaterThan(4_500);
        expect(performance.now() - began).toBeLessThan(20_000);
        expectError(ran, {
            status: 7,
            code: 'DATABASE_LOCKED',
            says: 'is locked by another process',
            has: ['found', 'state', 'next', 'cause'],
        });
        other.exec('rollback');
        expect((await elt(['--db', file, ...words], { cwd })).status).toBe(0);
        expect((await elt(['--db', file, 'verify'], { cwd })).status).toBe(0);
    });

    test('that ends in time is waited for', async () => {
        const file = await loaded('wait.db');
        const other = open(file);
        other.exec('begin immediate');
        const child = startElt(['--db', file, 'run', 'more.json'], { cwd });
        setTimeout(() => other.exec('rollback'), 1_500);
        expect((await ended(child)).status).toBe(0);
    });

    test.for([
        ['load', true],
        ['run', true],
        ['run', false],
    ] as const)('is another elt %s (on a file that is there: %s): it lands once', async ([command, isThere]) => {
        const file = isThere ? await loaded(`both-${command}.db`) : join(cwd, 'both-new.db');
        const both = await Promise.all(
            ['more.json', 'more.json'].map((source) => elt(['--db', file, command, source], { cwd })),
        );
        for (const ran of both) {
            expect([0, 7], ran.stderr).toContain(ran.status);
            expect(ran.stderr).not.toContain('BUG');
        }
        for (const source of ['first.json', 'more.json']) {
            expect((await elt(['--db', file, 'run', source], { cwd })).status).toBe(0);
        }
        expect(open(file).prepare('select sum(changes) from elt_loads').pluck().get()).toBe(600);
        expect((await elt(['--db', file, 'verify'], { cwd })).status).toBe(0);
    });
});

describe('a reader', () => {
    test('that holds a file during its very first load makes it wait, then name the lock; the same command resumes', async () => {
        const file = join(cwd, 'first-load.db');
        const child = ended(startElt(['--db', file, 'run', 'much.json'], { cwd }));
        const reader = await readerOfFirstLoad(file);
        onTestFinished(() => {
            reader.close();
        });
        expectError(await child, {
            status: 7,
            code: 'DATABASE_LOCKED',
            says: 'is locked by another process',
            has: ['found', 'state', 'next', 'cause'],
        });
        const [before] = reader.prepare('select changes from elt_loads').pluck().all() as number[];
        expect(before).toBeGreaterThan(0);
        reader.exec('commit');

        // From here on nobody waits for a reader, however long it stays.
        const again = ended(startElt(['--db', file, 'run', 'much.json'], { cwd }));
        while (journalModeOf(reader) !== 'wal') {
            await sleep(5);
        }
        reader.exec('begin');
        expect(reader.prepare('select state from elt_loads').pluck().all()).toEqual(['loading']);
        const resumed = await again;
        expect([resumed.status, resumed.stderr]).toEqual([0, '']);
        reader.exec('commit');
        expect(reader.prepare('select changes from elt_loads').pluck().all()).toEqual([30_000]);
        expect((await elt(['--db', file, 'verify'], { cwd })).status).toBe(0);
    });

    test('is not waited for by a first fill either, which begins without readers where it can', async () => {
        const file = join(cwd, 'first-fill.db');
        expect((await elt(['--db', file, 'migrate'], { cwd })).status).toBe(0);
        expect((await elt(['--db', file, 'load', 'much.json'], { cwd })).status).toBe(0);
        const alone = join(cwd, 'first-fill-alone.db');
        copyFileSync(file, alone);
        const reader = open(file);
        reader.exec('begin');
        const staged = () => reader.prepare('select count(*) from stg_transaction').pluck().get();
        const before = staged();
        const filled = await elt(['--db', file, 'transform'], { cwd });
        expect([filled.status, filled.stderr]).toEqual([0, '']);
        expect(staged()).toBe(before);
        reader.exec('commit');
        expect((await elt(['--db', alone, 'transform'], { cwd })).status).toBe(0);
        for (const one of [reader, open(alone)]) {
            expect(journalModeOf(one)).toBe('wal');
            expect(one.prepare('select count(*) from metrics').pluck().get()).toBeGreaterThan(10_000);
        }
    });

    test('that holds an old state for long is not waited for, and continues to see that state', async () => {
        const file = await loaded('reader.db');
        const reader = new Sqlite(file, { readonly: true });
        onTestFinished(() => {
            reader.close();
        });
        const seen = () =>
            reader.prepare('select (select count(*) from metrics), (select count(*) from stg_transaction)').raw().get();
        reader.exec('begin');
        const before = seen();
        const began = performance.now();
        const result = await eltJson<{ loads: { changes: number }[] }>(['--db', file, 'run', 'more.json'], { cwd });
        expect(result.loads.map((one) => one.changes)).toEqual([400]);
        expect(performance.now() - began).toBeLessThan(20_000);
        expect((await elt(['--db', file, 'rebuild'], { cwd })).status).toBe(0);
        expect(seen()).toEqual(before);
        reader.exec('commit');
        expect(seen()).not.toEqual(before);
    });

    test.skipIf(SHELL === null)('that reads in a loop while the file is being made sees no torn state', async () => {
        const file = join(cwd, 'made.db');
        const sql = `select (select count(*) from stg_transaction), (select sum(staged_rows) from elt_load_tables
            where staging_table = 'stg_transaction'), (select last_seq from elt_stream), (select sum(changes) from elt_loads)`;
        let isRunning = true;
        const child = ended(startElt(['--db', file, 'run', 'much.json'], { cwd })).finally(() => {
            isRunning = false;
        });
        let readings = 0;
        let last = 0;
        while (isRunning) {
            const words = ['-readonly', '-list', '-cmd', '.timeout 2000', file, sql];
            const { status, stderr, stdout } = await runProgram(SHELL as string, words);
            if (status !== 0) {
                // Its tables are not there yet; or the file is being turned to SQLite WAL mode.
                expect(stderr).toMatch(/no such table|unable to open|locked/);
                continue;
            }
            const [rows, ledger, seq, changes] = stdout.trim().split('|').map(Number) as [
                number,
                number,
                number,
                number,
            ];
            expect([ledger, changes]).toEqual([rows, seq]);
            expect(seq).toBeGreaterThanOrEqual(last);
            last = seq;
            readings++;
        }
        const ran = await child;
        expect([ran.status, ran.stderr]).toEqual([0, '']);
        expect(readings).toBeGreaterThan(1);
    });

    test.skipIf(SHELL === null)('that reads in a loop sees no torn state and never goes back', async () => {
        const file = await loaded('loop.db');
        const staged = ['event_v2_data', 'transaction', 'transaction_request', 'payment_instrument_token_data']
            .map((table) => `(select count(*) from stg_${table})`)
            .join(' + ');
        const sql = `select ${staged}, (select sum(staged_rows) from elt_load_tables), (select sum(changes) from elt_loads),
            (select count(*) from metrics), (select count(*) from metrics_now)`;
        let isRunning = true;
        const child = ended(startElt(['--db', file, 'run', 'much.json'], { cwd })).finally(() => {
            isRunning = false;
        });
        let last = [0, 0];
        let readings = 0;
        for (; isRunning; readings++) {
            // The last to close the file locks it for a moment: a reader without a timeout would be told that it is busy.
            const ran = await runProgram(SHELL as string, ['-readonly', '-list', '-cmd', '.timeout 2000', file, sql]);
            expect([ran.status, ran.stderr]).toEqual([0, '']);
            const [rows, ledger, changes, metrics, now] = ran.stdout.trim().split('|').map(Number) as number[];
            expect([ledger, changes, now]).toEqual([rows, rows, metrics]);
            expect(rows).toBeGreaterThanOrEqual(last[0] as number);
            expect(metrics).toBeGreaterThanOrEqual(last[1] as number);
            last = [rows as number, metrics as number];
        }
        expect((await child).status).toBe(0);
        expect(readings).toBeGreaterThan(1);
    });
});
