import { spawnSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { CLI, workFolder } from '../support/elt.ts';

it('a copy of dist/ alone ends with an error; it looked for its package without end', () => {
    const dist = join(workFolder(), 'dist');
    cpSync(join(CLI, '..'), dist, { recursive: true });
    const { status, signal, stderr } = spawnSync(process.execPath, [join(dist, 'cli.js'), 'version'], {
        encoding: 'utf8',
        timeout: 20_000,
    });
    expect({ signal, isOver: status === 0 }).toEqual({ signal: null, isOver: false });
    expect(stderr).toContain('elt is not whole');
});
