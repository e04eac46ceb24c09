import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { normalisedText, textHash } from '../../src/sql/normalise.ts';
import { significantTokens } from '../../src/sql/tokens.ts';
import { propertyRuns } from '../support/properties.ts';

describe('normal form', () => {
    const cases: readonly (readonly [name: string, sql: string, normal: string])[] = [
        ['nothing', ' -- x\n/**/', ''],
        ['white space and comments', ' select\n\t a -- x\n , /* y */ b ;\n', 'select a,b;'],
        ['strings stay', "select '  a -- b ''  '", "select '  a -- b ''  '"],
        ['quoted names stay', 'select "A  b", [c  d]', 'select "A  b",[c  d]'],
        ['letters stay', 'Select A', 'Select A'],
        ['operators', 'a+b->>c', 'a + b ->> c'],
        ['a comment parts words', 'select/**/a', 'select a'],
        ['minus minus', 'a - - b', 'a - - b'],
        ['qualified names', 'main . event."id"', 'main.event."id"'],
        ['a number is not made out of a dot', '1 . 5', '1 . 5'],
        ['parentheses in parentheses', 'f ( (a) , (b) ) ;', 'f((a),(b));'],
        ['parentheses', 'count ( * )', 'count(*)'],
    ];
    test.each(cases)('%s', (_, sql, normal) => {
        expect(normalisedText(sql)).toBe(normal);
    });
});

test('the hash is the SHA-256 of the normal form', () => {
    expect(textHash('select 1; -- x')).toBe('354b7196c9ba5fb4b21cf615bb6ec4cd5c07503c34229feef033fc081a8c03f4');
    expect(textHash('select 2;')).not.toBe(textHash('select 1;'));
});

const token = fc.constantFrom(
    'select',
    'A',
    '"a  b"',
    "'x  y'",
    "'it''s'",
    '[q]',
    '1',
    '.5',
    '1.',
    'x',
    "x'0a'",
    ':p',
    '?',
    '?1',
    '(',
    ')',
    ',',
    ';',
    '.',
    '-',
    '->',
    '->>',
    '>',
    '<',
    '=',
    '|',
    '||',
    '/',
    '*',
    '!=',
    '#',
    '{',
    "'open",
);
const layout = fc.constantFrom(' ', '\n', '\t ', ' --c\n', ' /* ; */', " -- it's\n\n", '\r\n');

test('layout and comments change nothing; the tokens stay', () => {
    fc.assert(
        fc.property(fc.array(fc.tuple(token, layout, layout), { maxLength: 15 }), (pieces) => {
            const one = pieces.map(([text, before]) => before + text).join('');
            const other = pieces.map(([text, , before]) => before + text).join('');
            fc.pre(!one.includes("'open") || pieces.findIndex(([text]) => text === "'open") === pieces.length - 1);
            expect(normalisedText(one)).toBe(normalisedText(other));
            const texts = (sql: string): readonly string[] => significantTokens(sql).map((found) => found.text);
            expect(texts(normalisedText(one))).toEqual(texts(one));
            expect(normalisedText(normalisedText(one))).toBe(normalisedText(one));
        }),
        propertyRuns(1000),
    );
});

test('an edit of a token changes the hash', () => {
    fc.assert(
        fc.property(fc.array(token, { maxLength: 8 }), fc.array(token, { maxLength: 8 }), (left, right) => {
            fc.pre(left.join(' ') !== right.join(' ') && ![...left, ...right].includes("'open"));
            expect(textHash(left.join(' '))).not.toBe(textHash(right.join(' ')));
        }),
        propertyRuns(500),
    );
});
