import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { closeDatabase, openDatabase } from '../../src/sqlite/database.ts';
import { rowsOf, tablesText } from '../support/bench-database.ts';
import { elt, ended, startElt, workFolder } from '../support/elt.ts';

/** Ctrl-C ends a load between transactions, reports what is committed, and the same command continues from there. */

const cwd = workFolder();
const RECORDS = 80_000;

function contentOf(name: string): unknown {
    const database = openDatabase(join(cwd, name), { readonly: true });
    try {
        const loads = rowsOf(
            database,
            'select state, end_byte, sha256, records, changes, first_seq, last_seq from elt_loads',
        );
        return { ...tablesText(database, ['stg_', 'current_', 'metrics', 'elt_watermarks', 'elt_stream']), loads };
    } finally {
        closeDatabase(database);
    }
}

function committed(name: string): number {
    const database = openDatabase(join(cwd, name), { readonly: true });
    try {
        return database.prepare('select coalesce(sum(changes), 0) from elt_loads').pluck().get() as number;
    } catch {
        return 0;
    } finally {
        closeDatabase(database);
    }
}

beforeAll(async () => {
    const made = await elt(['sample', 'payments', '--records', String(RECORDS)]);
    writeFileSync(join(cwd, 'wal.json'), made.stdout);
    expect((await elt(['run', 'wal.json', '--db', 'calm.db'], { cwd })).status).toBe(0);
});

async function interruptedLoad(name: string, words: readonly string[], signal: NodeJS.Signals) {
    const file = ['--db', name];
    expect((await elt(['migrate', ...file], { cwd })).status).toBe(0);
    const child = startElt([...words, ...file], { cwd });
    const running = ended(child);
    while (committed(name) < 3_000 && child.exitCode === null) {
        await sleep(5);
    }
    child.kill(signal);
    return await running;
}

describe.each([
    ['load', 'SIGINT'],
    ['run', 'SIGINT'],
    ['load', 'SIGTERM'],
] as const)('elt %s with %s', (command, signal) => {
    test('ends with 130, reports what is committed, and resumes to the same state', async () => {
        const name = `${command}-${signal}.db`;
        const ran = await interruptedLoad(name, [command, 'wal.json'], signal);
        expect([ran.status, ran.signal]).toEqual([130, null]);
        expect(ran.stderr).toContain('error INTERRUPTED:');
        const said = Number(/([\d,]+) changes of this load, up to byte/.exec(ran.stderr)?.[1]?.replaceAll(',', ''));
        expect(said).toBe(committed(name));
        expect(said).toBeGreaterThanOrEqual(3_000);
        expect(said).toBeLessThan(RECORDS);
        expect(ran.stderr).toContain('next:');

        const again = await elt(['run', 'wal.json', '--db', name], { cwd });
        expect([again.status, again.stderr]).toEqual([0, '']);
        expect(again.stdout).toContain('resumed');
        expect(contentOf(name)).toEqual(contentOf('calm.db'));
    });
});

test('standard input resumes too', async () => {
    const name = 'stdin.db';
    expect((await elt(['migrate', '--db', name], { cwd })).status).toBe(0);
    const child = startElt(['load', '-', '--db', name], { cwd });
    const running = ended(child, (await elt(['sample', 'payments', '--records', String(RECORDS)])).stdout);
    while (committed(name) < 3_000 && child.exitCode === null) {
        await sleep(5);
    }
    child.kill('SIGINT');
    expect((await running).status).toBe(130);
    const again = await elt(['run', 'wal.json', '--db', name], { cwd });
    expect([again.status, again.stderr]).toEqual([0, '']);
    expect(contentOf(name)).toEqual(contentOf('calm.db'));
});
