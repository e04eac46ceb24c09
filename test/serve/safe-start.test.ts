import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { elt, workFolder } from '../support/elt.ts';
import { childrenOf, labProject, PATIENT, startServer } from '../support/server.ts';

/** Access is decided at the start; a missing secret does not open the server. */

const TOKEN = 'f2c1b8a09d3e47f6';

let words: readonly string[];
let folder: string;
const fileOf = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
};
beforeAll(async () => {
    folder = workFolder();
    ({ words } = await labProject({ 'api/one.sql': '-- route: GET /one\nselect 1 as one;\n' }));
});

describe('a value that cannot be a token', () => {
    const cases: readonly (readonly [
        name: string,
        options: () => readonly string[],
        env: Readonly<Record<string, string>>,
        said: string,
    ])[] = [
        ['empty in the environment', () => [], { ELT_TOKEN: '' }, 'the token is empty'],
        ['empty as an option', () => ['--token', ''], {}, 'the token is empty'],
        ['empty as an option, another one in the environment', () => ['--token='], { ELT_TOKEN: TOKEN }, 'is empty'],
        ['with a blank', () => [], { ELT_TOKEN: 'a b' }, 'cannot be sent in a header'],
        ['with a line feed', () => ['--token', `${TOKEN}\n`], {}, 'cannot be sent in a header'],
        ['beyond ASCII', () => ['--token', 'schlüssel'], {}, 'cannot be sent in a header'],
        ['a file that is missing', () => ['--token-file', join(folder, 'none')], {}, 'cannot be read'],
        ['a file that is empty', () => ['--token-file', fileOf('empty', '')], {}, 'the token is empty'],
        ['a file with a line feed only', () => ['--token-file', fileOf('line', '\n')], {}, 'the token is empty'],
        ['a file of two lines', () => ['--token-file', fileOf('two', `${TOKEN}\n${TOKEN}\n`)], {}, 'cannot be sent'],
        ['a file named in the environment that is missing', () => [], { ELT_TOKEN_FILE: '/nowhere' }, 'cannot be read'],
        ['no file in the environment', () => [], { ELT_TOKEN_FILE: '' }, 'cannot be read'],
        ['given twice', () => ['--token', TOKEN, '--token-file', fileOf('t', TOKEN)], {}, 'the token is given twice'],
        ['given and refused', () => ['--no-token', '--token-file', fileOf('t', TOKEN)], {}, 'is given and refused'],
    ];
    it.each(cases)('%s: status 2, nothing is served, and the token is not shown', async (_, options, env, said) => {
        const ran = await elt([...words, 'serve', '--port', '0', ...options()], { env });
        expect(ran.status).toBe(2);
        expect(ran.stdout).toBe('');
        expect(ran.stderr).toContain(said);
        expect(ran.stderr).toContain('nothing is served');
        expect(ran.stderr).not.toContain(TOKEN);
    });
});

describe('a token', () => {
    const cases: readonly (readonly [string, () => readonly string[], Readonly<Record<string, string>>])[] = [
        ['in the environment', () => [], { ELT_TOKEN: TOKEN }],
        ['as an option', () => ['--token', TOKEN], {}],
        ['as an option, which goes before the environment', () => ['--token', TOKEN], { ELT_TOKEN: 'another' }],
        ['in a file', () => ['--token-file', fileOf('token', TOKEN)], { ELT_TOKEN: 'another' }],
        ['in a file that an editor wrote', () => ['--token-file', fileOf('token', `${TOKEN}\r\n`)], {}],
        ['in a file named in the environment', () => [], { ELT_TOKEN_FILE: 'token' }],
    ];
    it.each(cases)('%s: requests must send it', async (_, options, env) => {
        const file = env.ELT_TOKEN_FILE === undefined ? {} : { ELT_TOKEN_FILE: fileOf('token', `${TOKEN}\n`) };
        const server = await startServer(words, options(), { ...env, ...file });
        try {
            expect((await server.get('/one')).status).toBe(401);
            expect((await server.get('/one', { authorization: `Bearer ${TOKEN}` })).status).toBe(200);
            expect((await server.get('/one', { authorization: 'Bearer another' })).status).toBe(401);
        } finally {
            await server.stop();
        }
    });

    it('is not passed to the readers, nor is any other secret', async () => {
        const server = await startServer(words, [], { ELT_TOKEN: TOKEN, PGPASSWORD: 'hunter2', TZ: 'UTC' });
        try {
            await server.get('/one', { authorization: `Bearer ${TOKEN}` });
            const readers = childrenOf(server.child.pid as number);
            expect(readers.length).toBeGreaterThan(0);
            for (const reader of readers) {
                const environment = readFileSync(`/proc/${reader}/environ`, 'utf8').split('\0').filter(Boolean);
                const names = environment.map((entry) => entry.slice(0, entry.indexOf('=')));
                expect(names).toContain('PATH');
                expect(names.filter((name) => /TOKEN|PASS|ELT/.test(name))).toEqual([]);
            }
        } finally {
            await server.stop();
        }
    });

    it('that is short causes a note', async () => {
        const server = await startServer(words, ['--token', 'short']);
        await expect.poll(() => server.errors(), PATIENT).toContain('it can be guessed');
        await server.stop();
    });
});

describe('an address that other machines can reach', () => {
    it.each(['0.0.0.0', '::', '192.0.2.7', 'data.example.com'])('%s without a token: status 2', async (host) => {
        const ran = await elt([...words, 'serve', '--port', '0', '--host', host]);
        expect(ran.status).toBe(2);
        expect(ran.stderr).toContain(`others reach a server on "${host}", and there is no token`);
    });

    it('with --no-token it is served, with a note even with --quiet', async () => {
        const server = await startServer(words, ['--host', '0.0.0.0', '--no-token', '--quiet']);
        await expect.poll(() => server.errors(), PATIENT).toContain('warning  there is no token: anyone who can reach');
        expect((await fetch(`http://127.0.0.1:${server.port}/one`)).status).toBe(200);
        await server.stop();
    });

    it('with a token it is served without a note', async () => {
        const server = await startServer(words, ['--host', '0.0.0.0', '--token', TOKEN, '--quiet']);
        expect((await fetch(`http://127.0.0.1:${server.port}/one`)).status).toBe(401);
        await server.stop();
        expect(server.errors()).toBe('');
    });

    it.each(['127.0.0.1', '127.0.0.2', 'localhost', '::1'])('%s is not one', async (host) => {
        const server = await startServer(words, ['--host', host, '--quiet']);
        expect((await fetch(`${server.address}/one`)).status).toBe(200);
        await server.stop();
        expect(server.errors()).toBe('');
    });
});
