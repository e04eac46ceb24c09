import { describe, expect, test } from 'vitest';
import { ERROR_CODES } from '../src/core/error-codes.ts';
import { functionLengths, type SourceFile, sourceFiles } from './support/source-files.ts';

/** Code that checks the code: sizes, and who may know whom. */

const FILE_LINES_MAX = 300;
const FILE_LINES_MEDIAN_MAX = 150;
const FUNCTION_LINES_MAX = 70;

/** Older files that are above the limit; a file may leave this list, none may join it or grow. */
const LONG_FILES: Readonly<Record<string, number>> = {};

/** The stages, in the order of the data. */
const STAGES = ['capture', 'decode', 'land', 'transform', 'serve'];

/**
 * What each folder may import besides itself. `*` is the list of plain modules at the top of `src/` that know nothing
 * of any folder: words, errors, quoting, settings.
 */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
    capture: ['*'],
    decode: ['*'],
    sqlfile: ['*'],
    sample: ['*'],
    store: ['*', 'sqlfile'],
    land: ['*', 'store'],
    scaffold: ['*', 'sqlfile', 'store'],
    transform: ['*', 'store', 'sqlfile', 'scaffold'],
    serve: ['*', 'store', 'sqlfile', 'query'],
    sources: ['*', 'store', 'sqlfile'],
    query: ['*', 'store', 'sqlfile'],
    export: ['*', 'store'],
    report: ['*', 'pipeline.ts', 'transform'],
    // `capture/expand-sources.ts` names the sources that a person typed, `land/verify-staging.ts` is a command's work.
    commands: [
        '*',
        'pipeline.ts',
        'transform',
        'store',
        'report',
        'sqlfile',
        'scaffold',
        'sample',
        'sources',
        'query',
        'serve',
        'export',
        'capture/expand-sources.ts',
        'capture/source.ts',
        'land/verify-staging.ts',
        'land/declare-tables.ts',
    ],
};

/** Packages, and the only places that may import them. */
const PACKAGES: Readonly<Record<string, (name: string) => boolean>> = {
    'better-sqlite3': (name) => name.startsWith('store/'),
    umzug: (name) => name.startsWith('store/'),
    commander: (name) => name === 'command-line.ts',
    // Types only: the page loads the library by itself.
    echarts: (name) => name.startsWith('serve/browser/'),
    fastify: (name) => name.startsWith('serve/'),
    'csv-parse/sync': (name) => name === 'capture/csv-framer.ts',
    'hyparquet-writer': (name) => name.startsWith('export/'),
};

/** The one file that wires several stages, and its helper, which asks the ledger about a source. */
const WIRING = 'pipeline.ts';
const WIRING_HELPER = 'recognise-source.ts';

const files = sourceFiles();

function folderOf(name: string): string {
    return name.includes('/') ? (name.split('/')[0] as string) : '';
}

/** Every import that `isAllowed` refuses, as `file:line imports target`. */
function refused(isAllowed: (file: SourceFile, target: string) => boolean): string[] {
    return files.flatMap((file) =>
        file.imports
            .filter(({ target }) => !isAllowed(file, target))
            .map(({ target, line }) => `src/${file.name}:${line} imports ${target}`),
    );
}

describe('sizes', () => {
    test(`no file is longer than ${FILE_LINES_MAX} lines`, () => {
        const long = files.filter(({ name, lines }) => lines > (LONG_FILES[name] ?? FILE_LINES_MAX));
        expect(long.map(({ name, lines }) => `src/${name}: ${lines} lines`)).toEqual([]);
    });

    test('the list of long files names none that is short by now', () => {
        const short = Object.keys(LONG_FILES).filter(
            (name) => (files.find((file) => file.name === name)?.lines ?? 0) <= FILE_LINES_MAX,
        );
        expect(short).toEqual([]);
    });

    test(`the median file has at most ${FILE_LINES_MEDIAN_MAX} lines`, () => {
        const sorted = files.map((file) => file.lines).sort((left, right) => left - right);
        expect(sorted[Math.floor(sorted.length / 2)]).toBeLessThanOrEqual(FILE_LINES_MEDIAN_MAX);
    });

    test(`no function has ${FUNCTION_LINES_MAX} lines`, () => {
        const long = files.flatMap((file) =>
            functionLengths(file.text)
                .filter(({ lines }) => lines >= FUNCTION_LINES_MAX)
                .map(({ name, line, lines }) => `src/${file.name}:${line} ${lines} lines: ${name}`),
        );
        expect(long).toEqual([]);
    });

    test('the measure finds functions of every form', () => {
        const body = '        work();\n'.repeat(70);
        const text = [
            `export async function named(\n    first: string,\n): void {\n${body}}`,
            `const arrow = (one: number): void => {\n${body}};`,
            `class Thing {\n    private method(one: number): void {\n${body}    }\n\n    get value(): number {\n${body}    }\n}`,
            `function short(): void {\n    work();\n}`,
        ].join('\n');
        expect(functionLengths(text).map(({ lines }) => lines)).toEqual([74, 72, 72, 72, 3]);
        // Each file that exports a function has one that is found.
        const exporting = files.filter(({ text }) => /^export (async )?function/m.test(text));
        expect(exporting.filter(({ text }) => functionLengths(text).length === 0)).toEqual([]);
    });
});

describe('who may import whom', () => {
    test('no stage imports another one', () => {
        expect(
            refused(({ name }, target) => {
                const [from, to] = [folderOf(name), folderOf(target)];
                return from === to || !STAGES.includes(from) || !STAGES.includes(to);
            }),
        ).toEqual([]);
    });

    test('each folder imports what it is allowed to', () => {
        expect(
            refused(({ name }, target) => {
                const folder = folderOf(name);
                if (folder === '' || !target.endsWith('.ts')) {
                    return true;
                }
                const allowed = MAY_IMPORT[folder] ?? [];
                const isPlain = folderOf(target) === '' && target !== WIRING && target !== WIRING_HELPER;
                return (
                    folderOf(target) === folder ||
                    (isPlain && allowed.includes('*')) ||
                    allowed.includes(target) ||
                    allowed.includes(folderOf(target))
                );
            }),
        ).toEqual([]);
    });

    test('every folder has its rule', () => {
        const folders = [...new Set(files.map(({ name }) => folderOf(name)))].filter((folder) => folder !== '');
        expect(folders.filter((folder) => MAY_IMPORT[folder] === undefined)).toEqual([]);
    });

    test('modules at the top know no folder, but for the wiring and the command line', () => {
        expect(
            refused(({ name }, target) => {
                const isTop = folderOf(name) === '' && name !== WIRING && name !== 'command-line.ts';
                const isHelp = name === WIRING_HELPER && /^(capture|store)\//.test(target);
                return !isTop || !target.endsWith('.ts') || folderOf(target) === '' || isHelp;
            }),
        ).toEqual([]);
    });

    test('what runs in the browser imports nothing of what does not, and the other way round', () => {
        const isBrowser = (name: string): boolean => name.startsWith('serve/browser/');
        expect(refused(({ name }, target) => isBrowser(name) === isBrowser(target) || target === 'echarts')).toEqual(
            [],
        );
    });

    test('packages are imported where they belong', () => {
        expect(
            refused(({ name }, target) => target.endsWith('.ts') || (PACKAGES[target]?.(name) ?? isOfNode(target))),
        ).toEqual([]);
        for (const [name, mayImport] of Object.entries(PACKAGES)) {
            const importers = files.filter((file) => file.imports.some(({ target }) => target === name));
            expect(importers.filter((file) => mayImport(file.name)).length, name).toBeGreaterThan(0);
        }
    });

    test('modules import each other in no circle', () => {
        expect(circles(files)).toEqual([]);
    });
});

describe('habits', () => {
    test('no default exports, no barrels', () => {
        const found = files.filter(({ name, text }) => {
            return /^export default|^export (type )?(\*|\{[^}]*\}) from/m.test(text) || name.endsWith('index.ts');
        });
        expect(found.map(({ name }) => name)).toEqual([]);
    });

    test('every error code is used', () => {
        const used = new Set(
            files
                .filter(({ name }) => name !== 'error-codes.ts')
                .flatMap(({ text }) => [...text.matchAll(/'([A-Z]{2,}(?:_[A-Z0-9]+)*)'/g)].map((match) => match[1])),
        );
        expect(Object.keys(ERROR_CODES).filter((code) => !used.has(code) && !isPrinted(code))).toEqual([]);
    });
});

/** The one error that is written before any class can be loaded. */
function isPrinted(code: string): boolean {
    return files.some(({ name, text }) => name === 'node-version.ts' && text.includes(`error ${code}:`));
}

function isOfNode(target: string): boolean {
    return target.startsWith('node:');
}

/** Circles of imports of values; one over types alone is erased by the compiler. */
function circles(all: readonly SourceFile[]): string[] {
    const values = new Map(all.map((file) => [file.name, valueImports(file)]));
    const done = new Set<string>();
    const found: string[] = [];
    const visit = (name: string, path: readonly string[]): void => {
        if (path.includes(name)) {
            found.push([...path.slice(path.indexOf(name)), name].join(' -> '));
        } else if (!done.has(name)) {
            for (const target of values.get(name) ?? []) {
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

function valueImports(file: SourceFile): string[] {
    const types = new Set(
        [...file.text.matchAll(/^import type [^;]*?from '([^']+)';/gm)].map((match) => match[1] as string),
    );
    const valued = [...file.text.matchAll(/^import (?!type\b)[^;]*?from '([^']+)';/gm)].map(
        (match) => match[1] as string,
    );
    return file.imports
        .map(({ target }) => target)
        .filter((target) => target.endsWith('.ts'))
        .filter((target) => {
            const ends = (specifier: string): boolean => target.endsWith(specifier.replace(/^(?:\.{1,2}\/)+/, ''));
            return valued.some(ends) || ![...types].some(ends);
        });
}
