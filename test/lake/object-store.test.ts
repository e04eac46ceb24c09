import { execFileSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { readManifest } from '../../src/lake/manifest.ts';
import { elt, workFolder } from '../support/elt.ts';

const SOURCE = fileURLToPath(new URL('../support/object-store.c', import.meta.url));

/** The compiled library; null where it cannot be made: not on Linux, or no gcc, which under CI is an error. */
function objectStore(folder: string): string | null {
    const library = join(folder, 'object-store.so');
    try {
        execFileSync('gcc', ['-O1', '-shared', '-fPIC', '-o', library, SOURCE, '-ldl'], { stdio: 'pipe' });
        return library;
    } catch (error) {
        if (process.env.CI === 'true') {
            throw new Error('gcc is missing: an object store cannot be tested', { cause: error });
        }
        return null;
    }
}

test('a lake is pushed to where nothing can be renamed, appended to or changed in place', async ({ skip }) => {
    const folder = workFolder();
    const library = objectStore(folder);
    skip(library === null, 'no gcc: the library that refuses renames cannot be made');
    const lake = join(folder, 'lake');
    const env = { LD_PRELOAD: library as string, STORE_FOLDER: lake };
    const words = ['--db', 'one.db', 'lake', 'push', '--to', lake];
    await elt(['--db', 'one.db', 'migrate'], { cwd: folder });
    for (const seed of [1, 2]) {
        const sample = await elt(['sample', 'payments', '--records', '300', '--seed', String(seed)]);
        writeFileSync(join(folder, `wal-${seed}.json`), sample.stdout);
        await elt(['--db', 'one.db', 'load', `wal-${seed}.json`], { cwd: folder });
        const pushed = await elt(words, { cwd: folder, env });
        expect([pushed.status, pushed.stderr]).toEqual([0, '']);
        expect(readManifest(lake, 'payments', 'one')?.wholeSeq).toBe(300 * seed);
    }
    const checked = await elt(['--db', 'one.db', 'lake', 'check'], { cwd: folder, env });
    expect(checked.stdout).toMatch(/^ok {2}8 parts/);
    const left = readdirSync(join(lake, 'payments/sources/one')).filter((name) => !name.startsWith('stg_'));
    expect(left).toEqual(['manifest.json']);
    // The library is at work: an export there is renamed when it is complete.
    const exported = await elt(['--db', 'one.db', 'export', 'stg_transaction', '--out', lake], { cwd: folder, env });
    expect([exported.status, exported.stderr]).toEqual([7, expect.stringContaining('FILE_REFUSED')]);
});
