import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { checkLake } from '../../src/lake/check-lake.ts';
import { readManifest } from '../../src/lake/manifest.ts';
import { closeDatabase, openDatabase } from '../../src/sqlite/database.ts';
import { killedAt, type Lasting } from '../support/crash.ts';
import { elt, workFolder } from '../support/elt.ts';

/**
 * `kill -9` in a push, at named places and at any moment: what a manifest names is whole, and the next push brings a lake
 * in which no change is twice and none is missing. `FC_RUNS=n` makes n rounds.
 */

const ROUNDS = Number(process.env.FC_RUNS ?? 4);
const PUSH = ['--db', 'one.db', 'lake', 'push', '--to', 'lake'];

const folder = workFolder();
const lake = join(folder, 'lake');
let batch = 0;

/** Lands some changes more, of a seed of their own. */
async function land(records: number): Promise<void> {
    batch++;
    const options = ['--records', String(records), '--seed', String(batch), '--mix', 'changes', '--shape', 'lines'];
    const sample = await elt(['sample', 'payments', ...options], { cwd: folder });
    const loaded = await elt(['--db', 'one.db', 'load', '--as-new', '-'], { cwd: folder, input: sample.stdout });
    expect([loaded.status, loaded.stderr]).toEqual([0, expect.any(String)]);
}

/** Changes of each table: in the ledger's staging, and in the parts that the manifest names. */
function counts(): {
    readonly staged: readonly unknown[];
    readonly pushed: readonly unknown[];
    readonly whole: boolean;
} {
    const database = openDatabase(join(folder, 'one.db'), { readonly: true });
    try {
        const manifest = readManifest(lake, 'payments', 'one');
        const staged = database
            .prepare(
                `select staging_table as staging, sum(staged_rows) as rows from elt_load_tables
                group by 1 having sum(staged_rows) > 0 order by 1`,
            )
            .all();
        const pushed = (manifest?.tables ?? []).map(({ staging, parts }) => ({
            staging,
            rows: parts.reduce((sum, { rows }) => sum + rows, 0),
        }));
        const whole = database.prepare('select whole_seq from elt_stream').pluck().get() === manifest?.wholeSeq;
        return { staged, pushed, whole };
    } finally {
        closeDatabase(database);
    }
}

async function expectWhole(): Promise<void> {
    const pushed = await elt(PUSH, { cwd: folder });
    expect([pushed.status, pushed.stderr]).toEqual([0, '']);
    const { staged, pushed: named, whole } = counts();
    expect(named).toEqual(staged);
    expect(whole).toBe(true);
    expect(await checkLake(lake, 'payments', async () => undefined)).toMatchObject({ damaged: [], unnamed: [] });
}

beforeAll(async () => {
    const run = await elt(['--db', 'one.db', 'migrate'], { cwd: folder });
    expect(run.status).toBe(0);
    await land(3_000);
});

test.each(['lake-part', 'lake-before-manifest', 'lake-after-manifest'])('killed at %s', async (place) => {
    await land(500);
    const before = readManifest(lake, 'payments', 'one');
    const killed = await elt(PUSH, { cwd: folder, env: { ELT_FAILPOINT: place } });
    expect(killed.signal).toBe('SIGKILL');
    const after = readManifest(lake, 'payments', 'one');
    expect(place === 'lake-after-manifest' ? after !== undefined : after?.token === before?.token).toBe(true);
    if (existsSync(lake) && after !== undefined) {
        expect((await checkLake(lake, 'payments', async () => undefined)).damaged).toEqual([]);
    }
    await expectWhole();
});

test('killed after its manifest was written, and then once more before the next one was', async () => {
    await land(500);
    for (const place of ['lake-after-manifest', 'lake-part', 'lake-before-manifest']) {
        await land(100);
        expect((await elt(PUSH, { cwd: folder, env: { ELT_FAILPOINT: place } })).signal).toBe('SIGKILL');
    }
    await expectWhole();
});

test(`killed ${ROUNDS} times at any moment`, async () => {
    const lasting: Lasting = { ms: 1_500 };
    let kills = 0;
    for (let round = 0; round < ROUNDS; round++) {
        await land(300);
        kills += Number(await killedAt(((round + 1) * 0.6180339887) % 1, lasting, PUSH, folder));
        expect((await checkLake(lake, 'payments', async () => undefined)).damaged).toEqual([]);
        await expectWhole();
    }
    expect(kills).toBeGreaterThan(0);
});
