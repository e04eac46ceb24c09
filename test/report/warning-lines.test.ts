import { expect, test } from 'vitest';
import { warningLines } from '../../src/report/warning-lines.ts';

/** Upkeep files that nobody has written are told in one line. */

const unwritten = (model: string) => ({
    model,
    warning: `sql/shop/upkeep/${model}.sql is not written yet: the run uses what "elt scaffold ${model}" would write`,
});
const edited = { model: 'x', warning: 'sql/shop/upkeep/x.sql was edited and is left alone' };
const silent = { model: 'y', warning: null };

test.each([
    ['none', [silent], []],
    ['one', [silent, unwritten('a')], [`note: ${unwritten('a').warning}`]],
    [
        'two, and another warning',
        [unwritten('a'), edited, unwritten('b')],
        [
            `note: ${edited.warning}`,
            'note: the upkeep of a and b is not written yet: the run uses what "elt scaffold --all" would write',
        ],
    ],
    [
        'six',
        [...'abcdef'].map(unwritten),
        [
            'note: the upkeep of a, b, c, d, e and f is not written yet: the run uses what "elt scaffold --all" would write',
        ],
    ],
    [
        'seven',
        [...'abcdefg'].map(unwritten),
        [
            'note: the upkeep of a, b, c, d, e and 2 more is not written yet: the run uses what "elt scaffold --all" would write',
        ],
    ],
])('%s', (_, models, lines) => {
    expect(warningLines(models)).toEqual(lines);
});
