import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { elt, runProgram, workFolder } from '../support/elt.ts';

/** `elt help`, `elt version` and what a shell completes, asked of the shells themselves. */

const cwd = workFolder();

describe('elt completion', () => {
    const complete = async (words: readonly string[]): Promise<readonly string[]> => {
        const script = (await elt(['completion', 'bash'])).stdout;
        const typed = words.map((word) => `'${word}'`).join(' ');
        const asked = `COMP_WORDS=(${typed}); COMP_CWORD=${words.length - 1}; _elt; printf '%s\\n' "\${COMPREPLY[@]}"`;
        const ran = await runProgram('bash', ['--norc', '-c', `${script}\n${asked}`], { cwd });
        expect([ran.status, ran.stderr]).toEqual([0, '']);
        return ran.stdout.split('\n').filter((line) => line !== '');
    };

    test.each([
        [['elt', 'st'], ['status']],
        [
            ['elt', 're'],
            ['rebuild', 'rejects'],
        ],
        [['elt', '--pipeline', 'shop', 'mig'], ['migrate']],
        [
            ['elt', 'migrate', ''],
            ['up', '--timeout', 'status', 'down', '--to'],
        ],
        [
            ['elt', 'run', '--st'],
            ['--strict', '--stream'],
        ],
        [
            ['elt', 'help', 'ver'],
            ['verify', 'version'],
        ],
        [['elt', 'status', '--pro'], ['--project']],
    ])('bash completes %j', async (words, completed) => {
        expect((await complete(words)).toSorted()).toEqual(completed.toSorted());
    });

    test.each(['zsh', 'fish'])('%s reads its script', async (shell) => {
        const { status, stdout } = await elt(['completion', shell]);
        expect([status, stdout.includes('migrate')]).toEqual([0, true]);
        if (existsSync(`/usr/bin/${shell}`)) {
            expect((await runProgram(shell, ['-n', '/dev/stdin'], { input: stdout })).status).toBe(0);
        }
    });

    test('another shell is refused with those that there are', async () => {
        const ran = await elt(['completion', 'tcsh']);
        expect(ran.status).toBe(2);
        expect(ran.stderr).toContain('expected one of bash, zsh, fish');
    });
});

describe('help and version', () => {
    test.each([
        [['help'], /^Usage: elt \[options\] \[command\]/],
        [['help', 'run'], /^Usage: elt run /],
        [['help', 'rejects'], /^Usage: elt rejects /],
        [['version'], /^\d+\.\d+\.\d+\n$/],
        [['--version'], /^\d+\.\d+\.\d+\n$/],
    ])('elt %j', async (words, text) => {
        const ran = await elt(words);
        expect([ran.status, ran.stderr]).toEqual([0, '']);
        expect(ran.stdout).toMatch(text);
    });

    test('the help names every exit status', async () => {
        const { stdout } = await elt(['--help']);
        for (const status of [0, 2, 3, 4, 5, 6, 7, 70, 130]) {
            expect(stdout).toMatch(new RegExp(`^ {2}${status} `, 'm'));
        }
    });

    test('a command that does not exist is refused', async () => {
        expect((await elt(['help', 'rnu'])).status).toBe(2);
    });
});
