import { describe, expect, test } from 'vitest';
import { loadProgress } from '../../src/report/progress-line.ts';
import { durationText, grouped, textTable } from '../../src/report/text-table.ts';

describe('the progress line', () => {
    test.each([
        [
            'half way',
            [500_000, 1_000_000, 10_000, 2_000],
            'wal.json [############------------]  50 %  500.0 kB  5,000 changes/s  2.0 s left',
        ],
        [
            'at the start: no guess yet',
            [0, 1_000_000, 0, 10],
            'wal.json [------------------------]   0 %  0 B  0 changes/s',
        ],
        [
            'at the end',
            [1_000_000, 1_000_000, 10, 1_000],
            'wal.json [########################] 100 %  1.0 MB  10 changes/s  0 ms left',
        ],
        [
            'a file that grew meanwhile',
            [3_000_000, 1_000_000, 10, 1_000],
            'wal.json [########################] 100 %  3.0 MB  10 changes/s  0 ms left',
        ],
        ['of unknown size', [1_500, null, 3, 1_000], 'wal.json  1.5 kB  3 changes/s'],
        ['of no size', [0, 0, 0, 0], 'wal.json  0 B  0 changes/s'],
    ] as const)('%s', (_, [bytes, total, changes, elapsed], expected) => {
        expect(loadProgress('wal.json', bytes, total, changes, elapsed)).toBe(expected);
    });
});

describe('a table of text', () => {
    test('aligns numbers right and text left, without trailing blanks', () => {
        expect(
            textTable(
                ['name', 'n', 'note'],
                [
                    ['a', 5, ''],
                    ['long name', 1234n, null],
                ],
            ),
        ).toEqual(['name          n  note', '---------  ----  ----', 'a             5', 'long name  1234']);
    });

    test('shows no escape sequences, and no cell is too long', () => {
        const [, , line] = textTable(['a'], [[`x\u001b[31m\n${'y'.repeat(500)}`]]);
        expect(line).toMatch(/^x\\x1b\[31m\\ny+…$/);
        expect(line?.length).toBeLessThan(60);
    });

    test('counts characters, not code units', () => {
        expect(textTable(['a', 'b'], [['😀', 'x']])[2]).toBe('😀  x');
    });
});

test.each([
    [0, '0'],
    [999, '999'],
    [1_000, '1,000'],
    [1_234_567, '1,234,567'],
    [12345678901234567890n, '12,345,678,901,234,567,890'],
])('%s is grouped as %s', (count, text) => {
    expect(grouped(count)).toBe(text);
});

test.each([
    [0.4, '0 ms'],
    [999, '999 ms'],
    [1_000, '1.0 s'],
    [119_000, '119.0 s'],
    [125_000, '2 min 5 s'],
    [179_700, '3 min 0 s'],
])('%s ms are written %s', (milliseconds, text) => {
    expect(durationText(milliseconds)).toBe(text);
});
