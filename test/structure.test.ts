import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { PROJECT } from './support/elt.ts';
import { type SourceFile, sourceFiles } from './support/source-files.ts';

/** Code that checks the code: sizes, and who may know whom. */

/** What every step on the way of the data may stand on. */
const GROUND = ['core', 'sql', 'process', 'sqlite', 'ledger', 'project'];

/**
 * What each folder may import besides itself: folders with all that lies in them, or one folder within its own step.
 * Of two rules the longer name counts. A step on the way of the data imports the ground alone; `load`, `transform`,
 * `serve`, `publish`, `push`, `scale` and `commands` compose, and only `load` imports `capture`, `decode` and `land`.
 */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
    '': ['commands', 'process', 'project', 'report', 'core'],
    commands: [
        ...GROUND,
        'load',
        'transform',
        'query',
        'serve',
        'publish',
        'lake',
        'push',
        'scale',
        'report',
        'sample',
    ],
    load: [...GROUND, 'capture', 'decode', 'land', 'load/postgres', 'load/kafka'],
    'load/postgres': [...GROUND, 'postgres', 'capture', 'decode', 'land', 'load'],
    'load/kafka': [...GROUND, 'capture', 'decode', 'land', 'load'],
    'capture/source': ['core', 'capture/bytes', 'capture/skeleton'],
    'capture/bytes': ['core', 'capture/skeleton'],
    'capture/frame': ['core', 'capture/skeleton'],
    'capture/rows': ['core', 'capture/frame', 'capture/skeleton'],
    'capture/skeleton': ['core'],
    'capture/postgres': ['core', 'postgres', 'capture/source'],
    'capture/kafka': ['core', 'capture/source'],
    decode: ['core'],
    'decode/wal2json': ['core', 'decode'],
    'decode/rows': ['core', 'decode', 'project'],
    'decode/pgoutput': ['core', 'decode'],
    'decode/debezium': ['core', 'decode'],
    'decode/avro': ['core', 'decode', 'decode/debezium'],
    land: [...GROUND, 'land/staging'],
    'land/staging': GROUND,
    transform: [...GROUND, 'transform/plan', 'transform/current', 'transform/marts'],
    'transform/cases': [...GROUND, 'transform', 'transform/plan'],
    'transform/dev': [...GROUND, 'transform'],
    'transform/lineage': [...GROUND, 'transform', 'transform/plan', 'transform/marts'],
    'transform/plan': [...GROUND, 'transform/current', 'transform/marts'],
    'transform/current': GROUND,
    'transform/marts': [...GROUND, 'transform/current', 'transform/marts'],
    'transform/marts/rules': ['core', 'sql'],
    'transform/marts/arms': ['sql', 'transform/marts/rules'],
    'transform/marts/narrow': ['sql', 'transform/marts/rules'],
    'transform/marts/types': ['sql', 'transform/marts/rules', 'transform/marts/narrow'],
    'transform/marts/text': ['sql', 'transform/current', 'transform/marts/types'],
    query: GROUND,
    serve: [...GROUND, 'query', 'serve/answers', 'serve/readers', 'serve/http', 'serve/dashboard', 'serve/docs'],
    'serve/answers': [...GROUND, 'query', 'serve/http', 'serve/readers'],
    'serve/readers': [...GROUND, 'query'],
    'serve/http': ['core', 'query', 'serve/readers'],
    // Figures as tables are written as the page writes them.
    'serve/dashboard': [...GROUND, 'query', 'serve/http', 'serve/answers', 'serve/browser'],
    'serve/docs': [...GROUND, 'query', 'serve/http', 'serve/answers'],
    'serve/browser': [],
    publish: [...GROUND, 'parquet'],
    lake: [...GROUND, 'parquet'],
    parquet: ['core'],
    push: [...GROUND, 'postgres', 'push/postgres', 'push/search'],
    'push/postgres': ['core', 'process', 'postgres', 'push'],
    'push/search': ['core', 'process', 'ledger', 'sqlite', 'push'],
    scale: [...GROUND, 'lake', 'transform', 'scale'],
    'scale/dialects': ['core', 'parquet'],
    'scale/fold': ['sql', 'transform/current', 'scale/dialects'],
    'scale/marts': ['core', 'sql', 'scale/dialects'],
    'scale/plan': [...GROUND, 'transform', 'scale/dialects', 'scale/marts'],
    'scale/supply': ['core', 'lake', 'transform/current', 'scale/dialects', 'scale/fold', 'scale/plan'],
    'scale/print': ['sql', 'sqlite', 'transform/current', 'scale/dialects', 'scale/fold', 'scale/plan', 'scale/supply'],
    'scale/run': ['core', 'process', 'lake', 'scale/fold', 'scale/print'],
    report: ['core', 'load', 'transform'],
    'report/models': ['core', 'report', 'transform'],
    sample: ['core', 'sample/payments'],
    'sample/payments': ['core', 'sample'],
    ledger: ['core', 'sql', 'sqlite'],
    project: ['core', 'sql', 'process', 'sqlite'],
    sqlite: ['core', 'sql', 'process'],
    'sqlite/migrations': ['core', 'sql', 'sqlite', 'process'],
    'sqlite/pages': ['core', 'sql', 'sqlite'],
    sql: ['core'],
    'sql/error': ['core', 'sql'],
    'sql/grammar': [],
    process: ['core'],
    postgres: ['core'],
    core: [],
};

/** Packages, and the only folders (or the one file) that may import them. */
const PACKAGES: Readonly<Record<string, string>> = {
    'better-sqlite3': 'sqlite/',
    umzug: 'sqlite/migrations/',
    commander: 'command-line.ts',
    // Types; the parts that are drawn with make a file of their own.
    echarts: 'serve/browser/',
    'echarts/charts': 'serve/browser/echarts-parts.ts',
    'echarts/components': 'serve/browser/echarts-parts.ts',
    'echarts/core': 'serve/browser/echarts-parts.ts',
    'echarts/renderers': 'serve/browser/echarts-parts.ts',
    fastify: 'serve/',
    '@fastify/compress': 'serve/http/',
    'csv-parse/sync': 'capture/rows/',
    'sqlite3-parser': 'sql/grammar/',
    hyparquet: 'parquet/',
    'hyparquet-writer': 'parquet/',
    pg: 'postgres/',
    '@platformatic/kafka': 'capture/kafka/',
    avsc: 'decode/avro/',
};

/** What may lie in the root of the repository: what users fixed, and what a repository cannot do without. */
const ROOT = [
    '.ci',
    '.editorconfig',
    '.gitattributes',
    '.github',
    '.gitignore',
    '.npmrc',
    '.nvmrc',
    'CHANGELOG.md',
    'CONTRIBUTING.md',
    'LICENSE',
    'README.md',
    'SECURITY.md',
    'bench',
    'biome.json',
    'docs',
    'elt',
    'migrations',
    'package-lock.json',
    'package.json',
    'sql',
    'src',
    'test',
    'tsconfig.json',
];

const files = sourceFiles();

/** The folder of a file below `src/`: `capture/frame`, or '' for the two faces of the program. */
function folderOf(name: string): string {
    return name.split('/').slice(0, -1).join('/');
}

/** The rule of a folder: its own, else that of the folder above it. */
function ruleOf(folder: string): readonly string[] | undefined {
    return MAY_IMPORT[folder] ?? MAY_IMPORT[folder.split('/')[0] ?? ''];
}

/** The name without the adapter that it is of: `capture/postgres/server-address.ts` and Kafka's are one concept. */
function ofAdapter(name: string): string {
    return name.replace(/^postgres\//, 'capture/').replace(/^(capture|load)\/(?:postgres|kafka)\//, '$1/');
}

function isWithin(folder: string, allowed: string): boolean {
    return folder === allowed || folder.startsWith(`${allowed}/`);
}

/** Every import that `isAllowed` refuses, as `file:line imports target`. */
function refused(isAllowed: (file: SourceFile, target: string) => boolean): string[] {
    return files.flatMap((file) =>
        file.imports
            .filter(({ target }) => !isAllowed(file, target))
            .map(({ target, line }) => `src/${file.name}:${line} imports ${target}`),
    );
}

describe('who may import whom', () => {
    test('each folder imports what it is allowed to', () => {
        expect(
            refused(({ name }, target) => {
                const [from, to] = [folderOf(name), folderOf(target)];
                return (
                    !target.endsWith('.ts') ||
                    from === to ||
                    (ruleOf(from) ?? []).some((allowed) => isWithin(to, allowed))
                );
            }),
        ).toEqual([]);
    });

    test('a run and a look at the state load no parser of SELECTs, which takes longer than many a run', () => {
        const texts = new Map(files.map(({ name, text }) => [name, text]));
        const reached = new Set(['run', 'transform', 'status', 'follow'].map((name) => `commands/${name}.ts`));
        for (const name of reached) {
            // What is imported with the module itself: neither types, nor what is loaded when it is needed.
            const imports = (texts.get(name) ?? '').matchAll(/^(?:import|export) (?!type\b)[^;]*?from '([^']+)';/gm);
            for (const [, target = ''] of imports) {
                reached.add(target.startsWith('.') ? join(name, '..', target) : target);
            }
        }
        expect(reached.has('transform/plan/try-mart.ts')).toBe(true);
        expect(reached.has('sqlite3-parser')).toBe(false);
    });

    test('every folder has a rule, and every rule a folder', () => {
        const folders = new Set(files.map(({ name }) => folderOf(name)));
        expect([...folders].filter((folder) => ruleOf(folder) === undefined)).toEqual([]);
        const unused = Object.keys(MAY_IMPORT).filter((rule) => ![...folders].some((folder) => isWithin(folder, rule)));
        expect(unused.filter((rule) => rule !== '')).toEqual([]);
    });

    test('a base name stands for one thing: only a command and its work share one, and adapters of one port', () => {
        const seen = new Map<string, string[]>();
        for (const { name } of files) {
            const base = name.split('/').at(-1) as string;
            seen.set(base, [...(seen.get(base) ?? []), name]);
        }
        const twice = [...seen.values()].filter(
            (names) => new Set(names.filter((name) => !name.startsWith('commands/')).map(ofAdapter)).size > 1,
        );
        expect(twice).toEqual([]);
    });

    test('what runs in the browser imports nothing of what does not, and the other way round', () => {
        const isBrowser = (name: string): boolean => name.startsWith('serve/browser/');
        // Tables without a script are written with the same words: these need no page.
        const words = ['serve/browser/fetch-figures.ts', 'serve/browser/format.ts', 'serve/browser/period.ts'];
        const isSnapshot = (name: string, target: string): boolean =>
            name === 'serve/dashboard/snapshot-page.ts' && words.includes(target);
        expect(
            refused(
                ({ name }, target) =>
                    isBrowser(name) === isBrowser(target) || target.startsWith('echarts') || isSnapshot(name, target),
            ),
        ).toEqual([]);
    });

    test('packages are imported where they belong', () => {
        expect(
            refused(
                ({ name }, target) =>
                    target.endsWith('.ts') ||
                    (PACKAGES[target] === undefined ? target.startsWith('node:') : name.startsWith(PACKAGES[target])),
            ),
        ).toEqual([]);
        for (const [name, place] of Object.entries(PACKAGES)) {
            const importers = files.filter((file) => file.imports.some(({ target }) => target === name));
            expect(importers.filter((file) => file.name.startsWith(place)).length, name).toBeGreaterThan(0);
        }
    });

    test('modules import each other in no circle', () => {
        expect(circles(files)).toEqual([]);
    });
});

describe('the root', () => {
    test('holds nothing but what a repository cannot do without', () => {
        const tracked = execFileSync('git', ['ls-files'], { encoding: 'utf8', cwd: PROJECT }).split('\n');
        const found = new Set(tracked.filter((name) => name !== '').map((name) => name.split('/')[0] as string));
        expect([...found].filter((name) => !ROOT.includes(name))).toEqual([]);
    });

    test('only the two faces of the program lie at the root of src/', () => {
        const loose = files.map(({ name }) => name).filter((name) => !name.includes('/'));
        expect(loose).toEqual(['cli.ts', 'command-line.ts']);
    });
});

/** Circles of imports; one over types alone is one too: who reads a file of it has to read them all. */
function circles(all: readonly SourceFile[]): string[] {
    const imports = new Map(all.map((file) => [file.name, file.imports.map(({ target }) => target)]));
    const done = new Set<string>();
    const found: string[] = [];
    const visit = (name: string, path: readonly string[]): void => {
        if (path.includes(name)) {
            found.push([...path.slice(path.indexOf(name)), name].join(' -> '));
        } else if (!done.has(name)) {
            for (const target of imports.get(name) ?? []) {
                visit(target, [...path, name]);
            }
            done.add(name);
        }
    };
    for (const { name } of all) {
        visit(name, []);
    }
    return found;
}
