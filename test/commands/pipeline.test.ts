import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { elt, workFolder } from '../support/elt.ts';

/** Which pipeline a command means where none is named. */

const line =
    '{"change":[{"kind":"insert","schema":"public","table":"t","columnnames":["id"],"columntypes":["integer"],"columnvalues":[1],"pk":{"pknames":["id"],"pktypes":["integer"]}}]}\n';
const env = { ELT_PIPELINE: '' };

function folderWith(...pipelines: readonly string[]): string {
    const cwd = workFolder();
    writeFileSync(join(cwd, 'wal.jsonl'), line);
    for (const name of pipelines) {
        mkdirSync(join(cwd, 'sql', name), { recursive: true });
    }
    return cwd;
}

describe('where no pipeline is named', () => {
    test('the only one is meant', async () => {
        const cwd = folderWith('shop');
        expect((await elt(['run', 'wal.jsonl'], { cwd, env })).status).toBe(0);
        expect(existsSync(join(cwd, 'shop.db'))).toBe(true);
        expect((await elt(['status'], { cwd, env })).stdout).toContain('stg_t');
    });

    test.each([
        ['several', ['game', 'shop'], 'pipelines here: game, shop'],
        ['none', [], 'pipelines that come with elt: card_spend, '],
    ])('%s: an error lists them, and no database is left', async (_, pipelines, found) => {
        const cwd = folderWith(...pipelines);
        const before = readdirSync(cwd);
        for (const words of [['run', 'wal.jsonl'], ['status'], ['migrate'], ['transform'], ['serve']]) {
            const ran = await elt(words, { cwd, env });
            expect([ran.status, ran.stderr]).toEqual([2, expect.stringContaining(found)]);
        }
        expect(readdirSync(cwd)).toEqual(before);
    });

    test('commands that need none run', async () => {
        const cwd = folderWith();
        for (const words of [['sample', 'payments', '--records', '2'], ['completion', 'bash'], ['help'], ['version']]) {
            expect((await elt(words, { cwd, env })).status).toBe(0);
        }
        expect((await elt(['init', 'shop', '--from', 'wal.jsonl'], { cwd, env })).status).toBe(0);
        expect((await elt(['init', 'other'], { cwd, env })).status).toBe(0);
        expect((await elt(['--pipeline', 'shop', 'run', 'wal.jsonl'], { cwd, env })).status).toBe(0);
        expect((await elt(['--db', 'shop.db', 'show', 'current_t'], { cwd, env })).status).toBe(0);
    });
});
