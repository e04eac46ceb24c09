import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildByHand, type Image } from '../support/container-file.ts';
import { elt, ended, NODE, PROJECT, workFolder } from '../support/elt.ts';

/** docs/deploy/: an image for the user's own pipelines, built step by step, and what the files around it promise. */

const TOKEN = '0123456789abcdef0123456789abcdef';
const read = (name: string): string => readFileSync(join(PROJECT, 'docs/deploy', name), 'utf8');

describe('the container file', () => {
    let image: Image;
    let project: string;
    let data: string;
    let token: string;

    /** `elt` of the image, with `/project` and `/data` mounted. */
    const start = (words: readonly string[], env: Readonly<Record<string, string>> = {}) => {
        const program = join(image.root, 'usr/local/bin', image.entry[0] as string);
        return spawn(NODE, [program, ...image.entry.slice(1), ...words], {
            cwd: data,
            env: {
                PATH: process.env.PATH,
                ...Object.fromEntries(
                    Object.entries(image.env).map(([name, value]) => [name, value.replace('/project', project)]),
                ),
                ELT_PIPELINE: 'shop',
                ...env,
            },
        });
    };

    beforeAll(async () => {
        const folder = workFolder();
        expect((await elt(['init', 'shop'], { cwd: folder })).status).toBe(0);
        project = existsSync(join(folder, 'shop')) ? join(folder, 'shop') : folder;
        data = workFolder();
        image = buildByHand('docs/deploy/Containerfile', workFolder());
        token = join(workFolder(), 'token');
        writeFileSync(token, `${TOKEN}\n`);
    }, 300_000);

    it('contains no pipeline, no sources and no development packages, and does not run as root', () => {
        expect(readdirSync(join(image.root, 'app')).sort()).toEqual([
            'dist',
            'migrations',
            'node_modules',
            'package.json',
        ]);
        expect(readdirSync(join(image.root, 'app/migrations'))).toEqual(['control']);
        const packages = readdirSync(join(image.root, 'app/node_modules'));
        expect(packages).toContain('better-sqlite3');
        expect(packages.filter((name) => ['vitest', 'typescript', 'rolldown', 'node'].includes(name))).toEqual([]);
        expect(image.user).toBe('node');
        expect(image.volumes).toEqual(['/project', '/data']);
    });

    it('runs a project of its own: loaded, served with a token', async () => {
        const wal = join(data, 'wal.json');
        const change = {
            kind: 'insert',
            schema: 'public',
            table: 'orders',
            columnnames: ['id', 'cents'],
            columntypes: ['bigint', 'bigint'],
            columnvalues: [1, 250],
        };
        writeFileSync(wal, JSON.stringify({ change: [change] }));
        const ran = await ended(start(['run', wal]));
        expect(ran.status, ran.stderr).toBe(0);
        expect(existsSync(join(data, 'shop.db'))).toBe(true);
        const server = start([...image.command, '--port', '0', '--json'], { ELT_TOKEN_FILE: token });
        const closed = new Promise((resolve) => server.once('close', resolve));
        try {
            const first = await new Promise<string>((resolve) =>
                server.stdout?.once('data', (chunk: Buffer) => resolve(chunk.toString())),
            );
            const { port } = new URL((JSON.parse(first) as { address: string }).address);
            const get = (path: string, headers = {}) => fetch(`http://127.0.0.1:${port}${path}`, { headers });
            expect((await get('/health')).status).toBe(200);
            expect((await get('/dashboard/shop')).status).toBe(401);
            expect((await get('/dashboard/shop', { authorization: `Bearer ${TOKEN}` })).status).toBe(200);
            expect((await get('/assets/page.js', { authorization: `Bearer ${TOKEN}` })).status).toBe(200);
        } finally {
            server.kill('SIGTERM');
            await closed;
        }
    });

    it('does not start without a token', async () => {
        const ran = await ended(start(image.command));
        expect([ran.status, ran.stderr]).toEqual([2, expect.stringContaining('there is no token')]);
    });
});

describe('the systemd unit', () => {
    it('does not ignore a missing file, and creates files that only its user can read', () => {
        const unit = read('elt-serve.service');
        expect(unit).not.toMatch(/=-/);
        expect(unit).toMatch(/^UMask=0077$/m);
        expect(unit).toMatch(/^LoadCredential=token:\S+$/m);
        expect(unit).toMatch(/^ExecStart=.* --token-file \$\{CREDENTIALS_DIRECTORY\}\/token$/m);
    });
});

describe('the compose file', () => {
    it('gives the token as a secret, and more memory than all readers may take', () => {
        const compose = read('compose.yaml');
        expect(compose).toMatch(/ELT_TOKEN_FILE: \/run\/secrets\/token/);
        expect(compose).toMatch(/environment: ELT_TOKEN$/m);
        expect(compose).toMatch(/^ {4}mem_limit: 1g$/m);
        expect(compose).toMatch(/^ {6}- \.\.\/\.\.:\/project:ro$/m);
    });
});
