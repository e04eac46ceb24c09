import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { elt, PROJECT, workFolder } from '../support/elt.ts';

/** An internal error: a function of Node fails in a way that no code expects. */
const BROKEN = `data:text/javascript,import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
const real = fs.existsSync;
fs.existsSync = (path) => { if (String(path) === 'none.db') throw new TypeError('broken'); return real(path); };
syncBuiltinESMExports();`;

test('an internal error is shown with the lines of the source, not with those of the bundle', async () => {
    const env = { NODE_OPTIONS: `--import="${BROKEN.replaceAll('\n', ' ').replaceAll('"', '\\"')}"` };
    const ran = await elt(['--db', 'none.db', 'status'], { cwd: workFolder(), env });
    expect([ran.status, ran.stdout]).toEqual([70, '']);
    expect(ran.stderr).toMatch(/^error BUG: internal error\n {2}found: {2}TypeError: broken\n/);
    const places = [...ran.stderr.matchAll(/\((src\/[^:]+\.ts):(\d+):\d+\)/g)];
    const lines = places.map(
        ([, file = '', line]) => readFileSync(join(PROJECT, file), 'utf8').split('\n')[Number(line) - 1],
    );
    expect(places[0]?.[1]).toBe('src/sqlite/database.ts');
    expect(lines[0]).toContain('existsSync(file)');
    expect(ran.stderr).not.toContain('/dist/');
});
