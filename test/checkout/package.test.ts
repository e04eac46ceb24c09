import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join, normalize } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { readPages } from '../docs/pages.ts';
import { Session } from '../docs/session.ts';
import { takeBlock } from '../docs/take-block.ts';
import { elt, PROJECT, type Ran, runProgram, workFolder } from '../support/elt.ts';

/** What `npm pack` makes of the checkout: it holds what it needs and no more, and works in a folder of its own. */

const PACKED_KB_MAX = 1800;
/** better-sqlite3 is half of it: it brings binaries for every platform. */
const INSTALLED_MB_MAX = 80;

interface Manifest {
    readonly name: string;
    readonly version: string;
    readonly bin: Readonly<Record<string, string>>;
    readonly dependencies: Readonly<Record<string, string>>;
}
interface Lock {
    readonly packages: Readonly<Record<string, { readonly dev?: boolean }>>;
}

const manifest = JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8')) as Manifest;
const folder = workFolder();
const packed = join(folder, `${manifest.name}-${manifest.version}.tgz`);
const unpacked = join(folder, 'unpacked');
let files: readonly string[] = [];

beforeAll(async () => {
    // Refuses a build that is older than the source.
    await elt(['--version']);
    execFileSync('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: PROJECT });
    mkdirSync(unpacked);
    execFileSync('tar', ['-xzf', packed, '-C', unpacked, '--strip-components=1']);
    files = readdirSync(unpacked, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).slice(unpacked.length + 1));
});

describe('the package', () => {
    test('holds the program, its SQL and its pages, and nothing of the checkout', () => {
        const outside = files.filter((name) => !/^(dist|docs|migrations|sql)\//.test(name));
        expect(outside.filter((name) => !/^([A-Z]+\.md|LICENSE|package\.json)$/.test(name))).toEqual([]);
        expect(files.filter((name) => /\.(tgz|db|ts)$|(^|\/)\.[^/]+$/.test(name))).toEqual([]);
        const tracked = execFileSync('git', ['ls-files', 'docs', 'migrations', 'sql'], {
            cwd: PROJECT,
            encoding: 'utf8',
        });
        expect(
            tracked
                .trim()
                .split('\n')
                .filter((name) => !files.includes(name)),
        ).toEqual([]);
        expect(statSync(packed).size / 1024).toBeLessThan(PACKED_KB_MAX);
    });

    test('holds whatever its pages link to', () => {
        const pages = files.filter((name) => name.endsWith('.md'));
        expect(pages).toContain('docs/analysts.md');
        const dead = pages.flatMap((page) => {
            const prose = readFileSync(join(unpacked, page), 'utf8').replace(/^```[\s\S]*?^```$|`[^`\n]*`/gm, '');
            return [...prose.matchAll(/\]\(([^)\s#]+)[^)\s]*\)/g)]
                .map(([, link]) => link as string)
                .filter((link) => !/^https?:/.test(link))
                .filter((link) => !existsSync(join(unpacked, normalize(join(dirname(page), link)))))
                .map((link) => `${page}: ${link}`);
        });
        expect(dead).toEqual([]);
    });

    test('depends on what its modules import, and on nothing else but what is bundled', () => {
        const imported = new Set(
            files
                .filter((name) => /^dist\/[^/]+\.js$/.test(name))
                .flatMap((name) => packagesOf(readFileSync(join(unpacked, name), 'utf8'))),
        );
        // These are in files of dist/ already, with their licences.
        const bundled = ['better-sqlite3', 'commander', 'sqlite3-parser', 'umzug', '@platformatic/kafka'];
        expect([...new Set([...imported, ...bundled])].sort()).toEqual(Object.keys(manifest.dependencies).sort());
    });

    test('brings the chart library with its licences', () => {
        expect(readFileSync(join(unpacked, 'dist/browser/echarts.js'), 'utf8')).toContain('Apache Software Foundation');
        const licences = readFileSync(join(unpacked, 'dist/browser/echarts.LICENSE'), 'utf8');
        for (const words of ['Apache License', 'Apache ECharts\nCopyright', 'Mike Bostock', 'Baidu Inc.']) {
            expect(licences).toContain(words);
        }
    });
});

test("installed in an empty folder, it runs README's first screen", { timeout: 300_000 }, async ({ skip }) => {
    const home = join(folder, 'empty');
    mkdirSync(home);
    writeLock(home);
    const installed = await runProgram(
        'npm',
        ['ci', '--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'],
        { cwd: home },
    );
    const isUnreachable = hasNoNetwork(installed);
    if (process.env.CI !== 'true') {
        skip(isUnreachable, 'skipped: the packages are neither in the cache of npm nor to be fetched');
    }
    expect(installed).toMatchObject({ status: 0, stderr: '' });
    expect(kilobytesOf(join(home, 'node_modules')) / 1024).toBeLessThan(INSTALLED_MB_MAX);

    const bill = billOfMaterials(home);
    expect(bill).toEqual(expect.arrayContaining(Object.keys(manifest.dependencies)));
    expect(bill).not.toContain('vitest');

    const session = new Session(join(home, 'node_modules', '.bin'));
    try {
        const readme = readPages().find(({ name }) => name === 'README.md');
        const first = readme?.blocks.find(({ language }) => language === 'console');
        expect(first?.lines[0]).toMatch(/^\$ elt sample /);
        takeBlock(session, first as NonNullable<typeof first>);
    } finally {
        session.dispose();
    }
});

/** npm installs the package with the very versions that the tests run with: they are in its cache after a set-up. */
function writeLock(home: string): void {
    const file = `file:${manifest.name}-${manifest.version}.tgz`;
    copyFileSync(packed, join(home, file.slice('file:'.length)));
    const root = { name: 'empty', version: '1.0.0', dependencies: { [manifest.name]: file } };
    const { name, version, bin, dependencies } = manifest;
    const lock = JSON.parse(readFileSync(join(PROJECT, 'package-lock.json'), 'utf8')) as Lock;
    const used = Object.entries(lock.packages).filter(([path, { dev }]) => path !== '' && dev !== true);
    writeFileSync(join(home, 'package.json'), JSON.stringify(root));
    writeFileSync(
        join(home, 'package-lock.json'),
        JSON.stringify({
            lockfileVersion: 3,
            packages: {
                '': root,
                [`node_modules/${name}`]: { version, resolved: file, bin, dependencies },
                ...Object.fromEntries(used),
            },
        }),
    );
}

/** Names in the software bill of materials that npm writes of a folder. */
function billOfMaterials(folder: string): string[] {
    const written = execFileSync('npm', ['sbom', '--sbom-format', 'cyclonedx'], {
        cwd: folder,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
        maxBuffer: 64 * 1024 * 1024,
    });
    const { components } = JSON.parse(written) as { readonly components: readonly { readonly name: string }[] };
    return components.map(({ name }) => name);
}

function hasNoNetwork({ status, stderr }: Ran): boolean {
    return (
        status !== 0 &&
        /\b(ENOTCACHED|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH)\b/.test(stderr)
    );
}

/** The packages that a module imports, at once or later. */
function packagesOf(text: string): string[] {
    const imports = text.matchAll(/(?:\bfrom|^import|\bimport\()\s*["']([@a-z][\w@/.-]*)["']/gm);
    const names = [...imports].map(([, name]) => name as string);
    return names
        .filter((name) => !isBuiltin(name))
        .map((name) =>
            name
                .split('/')
                .slice(0, name.startsWith('@') ? 2 : 1)
                .join('/'),
        );
}

function kilobytesOf(path: string): number {
    return Number(execFileSync('du', ['-sk', path], { encoding: 'utf8' }).split('\t')[0]);
}
