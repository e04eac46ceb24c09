import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, describe, expect, test } from 'vitest';
import { type LakeManifest, readManifest } from '../../src/lake/manifest.ts';
import { elt, eltJson, ended, startElt, workFolder } from '../support/elt.ts';

let folder: string;
let sample: string;

beforeEach(async () => {
    folder = workFolder();
    sample = (await elt(['sample', 'payments', '--records', '300'])).stdout;
    writeFileSync(join(folder, 'wal.json'), sample);
});

const RUN = ['--db', 'one.db', 'run', 'wal.json', '--lake', 'lake'];
const manifest = (): LakeManifest | undefined => readManifest(join(folder, 'lake'), 'payments', 'one');

describe('elt run --lake', () => {
    test('appends what has landed after the run, and says so', async () => {
        const ran = await elt(RUN, { cwd: folder });
        expect([ran.status, ran.stderr]).toEqual([0, '']);
        expect(ran.stdout.trimEnd().split('\n').at(-1)).toMatch(/^pushed {2}one to lake: 300 changes in 4 parts/);
        expect(manifest()?.wholeSeq).toBe(300);
        const again = await eltJson<{ models: unknown[]; lake: object }>(RUN, { cwd: folder });
        expect(again.models.length).toBeGreaterThan(3);
        expect(again.lake).toMatchObject({ source: 'one', wholeSeq: 300, isNew: false });
    });

    test('has done its work where the lake refuses, and ends with the error of the lake', async () => {
        await elt(RUN, { cwd: folder });
        const ran = await elt(['--db', 'other.db', 'lake', 'push', '--to', 'lake', '--source', 'one'], { cwd: folder });
        expect(ran.status).toBe(7);
        writeFileSync(join(folder, 'file'), '');
        const failed = await elt(['--db', 'two.db', 'run', 'wal.json', '--lake', 'file/lake'], { cwd: folder });
        expect([failed.status, failed.stderr]).toEqual([7, expect.stringContaining('what has landed is committed')]);
        const status = await eltJson<{ position: { wholeSeq: number } }>(['--db', 'two.db', 'status'], { cwd: folder });
        expect(status.position.wholeSeq).toBe(300);
    });

    test('appends what has landed where a model has failed, and ends with the error of the model', async () => {
        const project = join(folder, 'project');
        for (const name of ['sql/shop/marts', 'migrations']) {
            mkdirSync(join(project, name), { recursive: true });
        }
        writeFileSync(
            join(project, 'sql/shop/marts/wrong.sql'),
            '-- row: nothing\n-- key: a\nselect a frm stg_transaction;\n',
        );
        const words = ['--project', 'project', '--pipeline', 'shop', ...RUN];
        const ran = await elt(words, { cwd: folder });
        expect([ran.status, ran.stderr]).toEqual([6, expect.stringContaining('error ')]);
        expect(readManifest(join(folder, 'lake'), 'shop', 'one')?.wholeSeq).toBe(300);
    });
});

test('elt lake push --follow appends after commits until a signal comes', async () => {
    await elt(['--db', 'one.db', 'migrate'], { cwd: folder });
    const words = ['--db', 'one.db', '--json', 'lake', 'push', '--to', 'lake', '--follow', '--every', '50ms'];
    const follower = startElt(words, { cwd: folder });
    const end = ended(follower);
    const reaches = async (seq: number): Promise<void> => {
        for (let waited = 0; manifest()?.wholeSeq !== seq; waited += 50) {
            if (waited > 20_000) {
                throw new Error(`the lake has not come to _seq ${seq}`);
            }
            await sleep(50);
        }
    };
    try {
        await reaches(0);
        await elt(['--db', 'one.db', 'load', 'wal.json'], { cwd: folder });
        await reaches(300);
        await elt(['--db', 'one.db', 'load', '--as-new', 'wal.json'], { cwd: folder });
        await reaches(600);
    } finally {
        follower.kill('SIGTERM');
    }
    const { status, stdout, stderr } = await end;
    expect([status, stderr]).toEqual([0, '']);
    const events = stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { event: string; wholeSeq: number });
    expect(events.map(({ event, wholeSeq }) => `${event} ${wholeSeq}`)).toEqual(['lake 0', 'lake 300', 'lake 600']);
});

test('a pipe is appended by a process beside it, which ends with it', async () => {
    const run = startElt(['--db', 'one.db', 'run', '-', '--lake', 'lake'], { cwd: folder });
    const end = ended(run, sample);
    const { status, stdout, stderr } = await end;
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^pushed {2}one to lake: /m);
    expect(manifest()?.wholeSeq).toBe(300);
});
