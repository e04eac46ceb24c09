import { expect, test } from 'vitest';
import { transformLines } from '../../src/report/transform-report.ts';
import type { ModelResult } from '../../src/transform/transform.ts';

/** A model that wrote nothing is counted, not listed. */

const base = { file: '', warning: null, changes: 1, milliseconds: 1, statements: [], waitsFor: null } as const;
const none = { inserted: 0, updated: 0, deleted: 0, unchanged: 0 } as const;
const ran = (model: string, counts: Partial<typeof none> | Record<string, number> = {}): ModelResult =>
    ({ ...base, ...none, model, action: 'incremental', reason: 'new changes', ...counts }) as ModelResult;
const filled = (model: string): ModelResult => ({ ...base, ...none, model, action: 'full', reason: 'first run' });

const CASES: readonly (readonly [
    what: string,
    models: readonly ModelResult[],
    first: readonly string[],
    last: string,
])[] = [
    [
        'one of seven wrote',
        [...'abcdef'].map((name) => ran(name)).concat(ran('g', { inserted: 2 })),
        ['g'],
        '6 more models: nothing to write',
    ],
    ['one of two wrote', [ran('a', { deleted: 1 }), ran('b')], ['a'], '1 more model: nothing to write'],
    ['nothing wrote', [ran('a'), ran('b')], [], 'transformed  2 models: nothing to write'],
    [
        'rows that were computed again are shown',
        [ran('a', { unchanged: 3 }), ran('b')],
        ['a'],
        '1 more model: nothing to write',
    ],
    ['a first run without rows is shown', [filled('a'), ran('b')], ['a'], '1 more model: nothing to write'],
];

test.each(CASES)('%s', (_, models, shown, last) => {
    const lines = transformLines({ models, tests: [], stops: [] });
    expect(lines.at(-1)).toBe(last);
    const rows = shown.length === 0 ? [] : lines.slice(2, -1);
    expect(rows.map((line) => line.split(' ')[0])).toEqual(shown);
});

test('where every model wrote, nothing is counted', () => {
    const lines = transformLines({ models: [ran('a', { updated: 1 })], tests: [], stops: [] });
    expect(lines).toHaveLength(3);
});
