import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { excerpt, lineAndColumn } from '../../src/sql/excerpt.ts';
import { propertyRuns } from '../support/properties.ts';

describe('the lines around ¦', () => {
    const cases: readonly (readonly [name: string, marked: string, lines: readonly string[]])[] = [
        ['one line', 'select ¦x', ['> 1 | select x', '    |        ^']],
        [
            'two lines before and one after',
            'a\nb\nc\nd¦e\nf\ng',
            ['  2 | b', '  3 | c', '> 4 | de', '    |  ^', '  5 | f'],
        ],
        [
            'line numbers of two lengths',
            '1\n2\n3\n4\n5\n6\n7\n8\n¦9\n10\n11',
            ['   7 | 7', '   8 | 8', '>  9 | 9', '     | ^', '  10 | 10'],
        ],
        ['the end of the text', 'select 1\n¦', ['  1 | select 1', '> 2 |', '    | ^']],
        ['the end of a line', 'select 1¦\nx', ['> 1 | select 1', '    |         ^', '  2 | x']],
        ['nothing', '¦', ['> 1 |', '    | ^']],
        ['tabs', '\ta\t¦b\n\tc', ['> 1 |     a    b', '    |          ^', '  2 |     c']],
        ['control characters', "'\u001b[31m\r' ¦x", ["> 1 | '\\x1b[31m\\x0d' x", '    |                ^']],
        ['carriage returns at the ends', 'a\r\n¦b\r\nc\r\n', ['  1 | a', '> 2 | b', '    | ^', '  3 | c']],
        ['what turns the direction of text', '\u202e¦x', ['> 1 | \\u202ex', '    |       ^']],
        ['half a character', '\ud800¦x', ['> 1 | \\ud800x', '    |       ^']],
        ['characters of two units', "'😀é' ¦x", ["> 1 | '😀é' x", '    |      ^']],
        ['blank lines', 'a\n\n¦b\n\n', ['  1 | a', '  2 |', '> 3 | b', '    | ^', '  4 |']],
    ];
    test.each(cases)('%s', (_, marked, lines) => {
        expect(excerpt(marked.replace('¦', ''), marked.indexOf('¦')).split('\n')).toEqual(lines);
    });
});

describe('long lines are cut around the caret', () => {
    const cases: readonly (readonly [name: string, line: string, shown: string, caret: number])[] = [
        ['at the start', '¦abcdefghijklmnopqrstuvwxyz', 'abcdefghi…', 0],
        ['in the middle', 'abcdefghijklm¦nopqrstuvwxyz', '…ijklmnop…', 6],
        ['near the end', 'abcdefghijklmnopqrstuvwxy¦z', '…rstuvwxyz', 9],
        ['at the end', 'abcdefghijklmnopqrstuvwxyz¦', '…rstuvwxyz', 10],
        ['just short enough', 'abcdefghi¦j', 'abcdefghij', 9],
    ];
    test.each(cases)('%s', (_, line, shown, caret) => {
        const [first, second] = excerpt(line.replace('¦', ''), line.indexOf('¦'), 10).split('\n');
        expect([first, second]).toEqual([`> 1 | ${shown}`, `    | ${' '.repeat(caret)}^`]);
    });

    test('a line of ten megabytes', () => {
        const begin = performance.now();
        const lines = excerpt(`${'x'.repeat(5_000_000)}\t!${'y'.repeat(5_000_000)}`, 5_000_001).split('\n');
        expect(lines[0]?.[lines[1]?.indexOf('^') ?? 0]).toBe('!');
        expect(performance.now() - begin).toBeLessThan(1000);
    });
});

test('line and column', () => {
    const text = 'a\n\t😀b\r\nc';
    expect(lineAndColumn(text, 0)).toEqual({ line: 1, column: 1 });
    expect(lineAndColumn(text, text.indexOf('b'))).toEqual({ line: 2, column: 3 });
    expect(lineAndColumn(text, text.length)).toEqual({ line: 3, column: 2 });
});

test('the caret is under the character, every line is short and safe', () => {
    const line = fc.string({
        unit: fc.constantFrom('a', ' ', '\t', '\n', '\r', '\u001b', 'é', '😀', '\u2028', "'", '\ud800'),
        maxLength: 300,
    });
    fc.assert(
        fc.property(line, line, fc.integer({ min: 8, max: 60 }), (before, after, columnsMax) => {
            // `§` occurs nowhere else, and is shown unchanged.
            const lines = excerpt(`${before}§${after}`, before.length, columnsMax).split('\n');
            const at = lines.findIndex((shown) => shown.startsWith('>'));
            expect([...(lines[at] ?? '')][(lines[at + 1] ?? '').indexOf('^')]).toBe('§');
            for (const shown of lines) {
                expect([...shown].length).toBeLessThanOrEqual(columnsMax + 12);
                expect(shown).not.toMatch(/[\p{Cc}\p{Cs}\u2028]/u);
            }
        }),
        propertyRuns(500),
    );
});
