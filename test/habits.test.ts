import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ERROR_CODES } from '../src/core/error-codes.ts';
import { PROJECT } from './support/elt.ts';
import { functionLengths, sourceFiles } from './support/source-files.ts';

/** Code that checks the code: sizes and habits. */

const FILE_LINES_MAX = 300;
const FILE_LINES_MEDIAN_MAX = 150;
const FUNCTION_LINES_MAX = 70;

/** Older files that are above the limit; a file may leave this list, none may join it or grow. */
const LONG_FILES: Readonly<Record<string, number>> = {};

const files = sourceFiles();

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

describe('habits', () => {
    test('no default exports, no barrels', () => {
        const found = files.filter(({ name, text }) => {
            return /^export default|^export (type )?(\*|\{[^}]*\}) from/m.test(text) || name.endsWith('index.ts');
        });
        expect(found.map(({ name }) => name)).toEqual([]);
    });

    test('what is exported is used by another file: of the program, or of its tests', () => {
        const words = new Map(
            [...files.map(({ name, text }) => [`src/${name}`, text] as const), ...otherCode()].map(
                ([name, text]) => [name, new Set(text.match(/[\w$]+/g))] as const,
            ),
        );
        const unused = files.flatMap(({ name, text }) =>
            [...text.matchAll(/^export (?:async )?(?:function\*?|const|class) ([\w$]+)/gm)]
                .map(([, what]) => what as string)
                .filter((what) => ![...words].some(([other, known]) => other !== `src/${name}` && known.has(what)))
                .map((what) => `src/${name}: ${what}`),
        );
        expect(unused).toEqual([]);
    });

    test('every error code is used', () => {
        const used = new Set(
            files
                .filter(({ name }) => name !== 'core/error-codes.ts')
                .flatMap(({ text }) =>
                    [...text.matchAll(/['`]([A-Z]{2,}(?:_[A-Z0-9]+)*)['`:]/g)].map((match) => match[1]),
                ),
        );
        expect(Object.keys(ERROR_CODES).filter((code) => !used.has(code) && !isPrinted(code))).toEqual([]);
    });
});

/** Code that uses the program from outside. */
function otherCode(): readonly (readonly [string, string])[] {
    return ['test', 'bench', '.ci'].flatMap((folder) =>
        (readdirSync(join(PROJECT, folder), { recursive: true }) as string[])
            .filter((name) => /\.m?ts$|\.mjs$/.test(name))
            .map((name) => [join(folder, name), readFileSync(join(PROJECT, folder, name), 'utf8')] as const),
    );
}

/** The one error that is written before any class can be loaded. */
function isPrinted(code: string): boolean {
    return files.some(({ name, text }) => name === 'process/node-version.ts' && text.includes(`error ${code}:`));
}
