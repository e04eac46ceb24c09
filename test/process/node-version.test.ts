import { execFileSync } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { isOldNode, refuseOldNode } from '../../src/process/node-version.ts';
import { CLI, PROJECT, runProgram, workFolder } from '../support/elt.ts';

class Exit extends Error {}

/** What the check writes and the status with which it ends the process; null: it accepts the version. */
function checked(version: string, isCheckout = true): { text: string; status: unknown } | null {
    let text = '';
    let status: unknown;
    const write = vi.spyOn(process.stderr, 'write').mockImplementation((chunk) => {
        text += String(chunk);
        return true;
    });
    const exit = vi.spyOn(process, 'exit').mockImplementation((code) => {
        status = code;
        throw new Exit();
    });
    onTestFinished(() => {
        write.mockRestore();
        exit.mockRestore();
    });
    if (!isOldNode(version)) {
        return null;
    }
    try {
        refuseOldNode(isCheckout, version);
    } catch (error) {
        if (error instanceof Exit) {
            return { text, status };
        }
        throw error;
    }
}

describe('the version of Node', () => {
    test.each(['22.12.0', '22.13.1', '24.0.0', '24.21.0', '100.0.0'])('%s is new enough', (version) => {
        expect(checked(version)).toBeNull();
    });

    test.each(['22.11.0', '20.20.2', '18.0.0', '4.9.1', '22.2.0', '9.99.0'])('%s is one clear error', (version) => {
        const refused = checked(version);
        expect(refused?.status).toBe(2);
        expect(refused?.text).toMatch(/^error NODE_TOO_OLD: .*22\.12/);
        expect(refused?.text).toContain(version);
        expect(refused?.text).toContain('\n  next:   start it as "./elt"');
    });

    test('an installed elt has no Node of its own to suggest', () => {
        expect(checked('20.20.2', false)?.text).toContain('\n  next:   install Node.js 22.12 or newer\n');
    });

    const host = hostNode();
    test.skipIf(host === null)(
        `the host${host === null ? ' (skipped: its Node is new enough, or there is none)' : ''}`,
        async () => {
            const cwd = workFolder();
            for (const words of [['migrate'], ['--help'], ['load', join(cwd, 'x')]]) {
                const ran = await runProgram(host as string, [CLI, ...words], { cwd });
                expect([ran.status, ran.signal, ran.stdout]).toEqual([2, null, '']);
                expect(ran.stderr).toMatch(/^error NODE_TOO_OLD: /);
                expect(ran.stderr.trim().split('\n')).toHaveLength(4);
            }
        },
    );
});

/** A Node of the machine that is too old. */
function hostNode(): string | null {
    for (const path of ['/usr/local/bin/node', '/usr/bin/node']) {
        try {
            const version = execFileSync(path, ['--version'], { encoding: 'utf8' });
            const [major = 0, minor = 0] = version.slice(1).split('.').map(Number);
            if (major < 22 || (major === 22 && minor < 12)) {
                return path;
            }
        } catch {
            // There is none in that place.
        }
    }
    return null;
}

test.skipIf(process.platform === 'win32')(
    'npx finds the command of the checkout, and npm has nothing to say',
    async () => {
        expect(realpathSync(join(PROJECT, 'node_modules', '.bin', 'elt'))).toBe(realpathSync(CLI));
        const ran = await runProgram('npx', ['elt', '--version'], { cwd: PROJECT });
        expect(ran).toMatchObject({ status: 0, stdout: '0.1.0\n', stderr: '' });
    },
);
