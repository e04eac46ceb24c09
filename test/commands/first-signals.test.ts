import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { COMMANDS } from '../../src/commands/definitions.ts';
import { elt, type Ran, workFolder } from '../support/elt.ts';

/** A signal in the first moments of a command, before its own code listens, is reported like any later one. */

const cwd = workFolder();

/** Runs before elt, and sends it a signal as soon as anything listens, or when it first looks for its database. */
function signalling(name: string, text: string): string {
    const file = join(cwd, `${name}.mjs`);
    writeFileSync(file, text);
    return `--import ${pathToFileURL(file)}`;
}

const AT_ONCE = (signal: NodeJS.Signals): string =>
    signalling(
        `at-once-${signal}`,
        `process.once('newListener', (name) => {
            process.nextTick(() => process.kill(process.pid, '${signal}'));
        });`,
    );

const AT_ITS_DATABASE = signalling(
    'at-its-database',
    `const fs = process.getBuiltinModule('node:fs');
    const { existsSync } = fs;
    let isSent = false;
    fs.existsSync = (file) => {
        if (!isSent && String(file).endsWith('first.db')) {
            isSent = true;
            process.kill(process.pid, 'SIGTERM');
        }
        return existsSync(file);
    };`,
);

const AT_ITS_PORT = signalling(
    'at-its-port',
    `const { prototype } = process.getBuiltinModule('node:net').Server;
    const { listen } = prototype;
    prototype.listen = function (...words) {
        process.kill(process.pid, 'SIGTERM');
        return listen.apply(this, words);
    };`,
);

function expectInterrupted({ status, signal, stderr }: Ran, state: RegExp): void {
    expect([status, signal, stderr]).toEqual([130, null, expect.stringContaining('error INTERRUPTED:')]);
    expect(stderr).toMatch(state);
}

describe('a signal while elt is loaded', () => {
    const words = COMMANDS.map(({ name, arguments: own }) => [
        ...name.split(' '),
        ...(/^</.test(own ?? '') ? ['given'] : []),
    ]);
    test.each(words.map((one) => [one.join(' '), one] as const))('elt %s ends with 130', async (_, one) => {
        const ran = await elt(one, { cwd, env: { NODE_OPTIONS: AT_ONCE('SIGTERM') } });
        expectInterrupted(ran, /nothing was begun/);
    });

    test.each(['SIGINT', 'SIGHUP'] as const)('%s does the same', async (signal) => {
        expectInterrupted(await elt(['status'], { cwd, env: { NODE_OPTIONS: AT_ONCE(signal) } }), /nothing was begun/);
    });

    test('under a time limit too', async () => {
        const ran = await elt(['transform', '--timeout', '10m'], { cwd, env: { NODE_OPTIONS: AT_ONCE('SIGTERM') } });
        expectInterrupted(ran, /nothing was begun/);
    });

    test('for programs too', async () => {
        const ran = await elt(['status', '--json'], { cwd, env: { NODE_OPTIONS: AT_ONCE('SIGTERM') } });
        expect(JSON.parse(ran.stdout)).toMatchObject({ error: { code: 'INTERRUPTED' } });
    });
});

describe('a signal while a command opens its database', () => {
    writeFileSync(join(cwd, 'wal.json'), '{"change":[]}\n');
    const listening: Readonly<Record<string, readonly [words: readonly string[], status: number]>> = {
        run: [['run', 'wal.json'], 130],
        load: [['load', 'wal.json'], 130],
        export: [['export', 'elt_loads', '--out', join(cwd, 'out')], 130],
        'rejects retry': [['rejects', 'retry'], 0],
        'lake push': [['lake', 'push', '--to', join(cwd, 'lake')], 0],
        'lake pull': [['lake', 'pull'], 2],
        push: [['push', '--all', '--follow'], 0],
        follow: [['follow', 'postgres://elt@127.0.0.1:1/shop'], 3],
    };

    test.each(Object.entries(listening))('elt %s ends in order', async (_, [words, status]) => {
        expect((await elt(['migrate', '--db', 'first.db'], { cwd })).status).toBe(0);
        const ran = await elt([...words, '--db', 'first.db'], { cwd, env: { NODE_OPTIONS: AT_ITS_DATABASE } });
        expect([ran.status, ran.signal]).toEqual([status, null]);
    });

    test('elt serve ends with 0, as it does later', async () => {
        const words = ['serve', '--port', '0', '--db', 'first.db'];
        const ran = await elt(words, { cwd, env: { NODE_OPTIONS: AT_ITS_PORT } });
        expect([ran.status, ran.signal]).toEqual([0, null]);
    });

    test('each that listens is here, but what opens no database of its own', () => {
        const names = COMMANDS.filter(({ listens }) => listens === true).map(({ name }) => name);
        expect([...Object.keys(listening), 'lake check', 'serve'].toSorted()).toEqual(names.toSorted());
    });
});
