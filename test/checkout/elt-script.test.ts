import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { elt, PROJECT, runProgram, workFolder } from '../support/elt.ts';

/** `./elt` of a checkout: the elt of the checkout on the Node.js of the checkout, from everywhere. */

describe.skipIf(process.platform === 'win32')('./elt', () => {
    const script = join(PROJECT, 'elt');

    test.each([
        ['by its path', (folder: string) => [script, folder]],
        ['by its name', () => ['./elt', PROJECT]],
        ['by a link', (folder: string) => [linked(join(folder, 'elt'), script), folder]],
        ['by a relative link to a link', (folder: string) => [relativeLink(folder), join(folder, 'with space')]],
    ])('starts %s', async (_, place) => {
        await elt(['--version']);
        const [program = '', cwd = ''] = place(workFolder());
        expect(await runProgram(program, ['--version'], { cwd })).toMatchObject({
            status: 0,
            stdout: '0.1.0\n',
            stderr: '',
        });
    });

    test('passes on the words, standard input and the exit status, and works in the folder where it is called', async () => {
        const cwd = workFolder();
        const sample = await runProgram(script, ['sample', 'payments', '--records', '10'], { cwd });
        const ran = await runProgram(script, ['--db', 'a b.db', 'run', '-'], { cwd, input: sample.stdout });
        expect([ran.status, ran.stderr]).toEqual([0, '']);
        expect(existsSync(join(cwd, 'a b.db'))).toBe(true);
        expect((await runProgram(script, ['no such command'], { cwd })).status).toBe(2);
    });

    test('sets a checkout up that is not, and says so beside the output', { timeout: 300_000 }, async () => {
        const root = copyOfCheckout();
        symlinkSync(join(PROJECT, 'node_modules'), join(root, 'node_modules'));
        const ran = await runProgram(join(root, 'elt'), ['--version'], { cwd: dirname(root) });
        expect(ran).toMatchObject({
            status: 0,
            stdout: '0.1.0\n',
            stderr: 'elt: not set up yet; this is done once, by "npm run setup"\nsetup: building dist/\n',
        });
        expect(await runProgram(join(root, 'elt'), ['--version'])).toMatchObject({ status: 0, stderr: '' });
        rmSync(join(root, 'node_modules'));
    });

    test('names what a machine without Node.js lacks', async () => {
        const bin = join(workFolder(), 'bin');
        mkdirSync(bin);
        for (const name of ['dirname', 'readlink']) {
            symlinkSync(execFileSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim(), join(bin, name));
        }
        const root = join(workFolder(), 'bare');
        mkdirSync(root);
        cpSync(script, join(root, 'elt'));
        const ran = await runProgram(join(root, 'elt'), ['--version'], { env: { PATH: bin } });
        expect([ran.status, ran.stdout]).toEqual([2, '']);
        expect(ran.stderr).toContain('the set-up needs Node.js 20 or newer with npm');
    });
});

function linked(link: string, target: string): string {
    symlinkSync(target, link);
    return link;
}

function relativeLink(folder: string): string {
    mkdirSync(join(folder, 'with space'));
    linked(join(folder, 'first'), join(PROJECT, 'elt'));
    return linked(join(folder, 'with space', 'elt'), '../first');
}

/** The files of the checkout as they are, those of git, without what it ignores. */
function copyOfCheckout(): string {
    const root = join(workFolder(), 'check out');
    const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
        cwd: PROJECT,
        encoding: 'utf8',
    });
    for (const name of listed.split('\0')) {
        if (name !== '' && existsSync(join(PROJECT, name))) {
            cpSync(join(PROJECT, name), join(root, name));
        }
    }
    return root;
}
