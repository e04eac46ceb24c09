import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EltError } from '../../src/core/errors.ts';
import { type HeaderKey, headerValue, parseHeader } from '../../src/project/file-head.ts';
import { propertyRuns } from '../support/properties.ts';

const ALLOWED: readonly HeaderKey[] = [
    { name: 'grain' },
    { name: 'why' },
    { name: 'primary_key' },
    { name: 'param', repeatable: true },
    { name: 'scope', values: ['changed', 'all'] },
];

describe('entries', () => {
    const cases: readonly (readonly [
        name: string,
        text: string,
        entries: readonly (readonly [string, string, number])[],
    ])[] = [
        ['none', 'select 1;', []],
        ['nothing at all', '', []],
        ['one', '-- grain: one row an event\nselect 1;', [['grain', 'one row an event', 1]]],
        [
            'several among prose',
            '-- The payments mart.\n-- grain: event\n--\n-- scope: all\n',
            [
                ['grain', 'event', 2],
                ['scope', 'all', 4],
            ],
        ],
        [
            'a continued value',
            '-- why: because\n--   of this\n--     and that\n-- grain: x',
            [
                ['why', 'because of this and that', 1],
                ['grain', 'x', 4],
            ],
        ],
        ['a value on the next line', '-- why:\n--   because', [['why', 'because', 1]]],
        ['a key that looks continued', '-- why: see\n--   scope: of the file', [['why', 'see scope: of the file', 1]]],
        ['an indented line behind prose', '-- why: a\n-- prose\n--   more prose', [['why', 'a', 1]]],
        ['without blanks', '--grain:event', [['grain', 'event', 1]]],
        [
            'a repeatable key twice',
            '-- param: a\n-- param: b',
            [
                ['param', 'a', 1],
                ['param', 'b', 2],
            ],
        ],
        ['the head ends at a blank line', '-- grain: a\n\n-- grain: b', [['grain', 'a', 1]]],
        ['the head ends at the first statement', '-- grain: a\nselect 1;\n-- nope: b', [['grain', 'a', 1]]],
        ['blank lines and a byte order mark before', '\ufeff\n  \n-- grain: a', [['grain', 'a', 3]]],
        [
            'carriage returns',
            '-- grain: a\r\n-- scope: all\r\n',
            [
                ['grain', 'a', 1],
                ['scope', 'all', 2],
            ],
        ],
        ['a colon in the value', '-- why: a: b', [['why', 'a: b', 1]]],
        ['prose with a colon later on', '-- one thing: another\n-- https://sqlite.org\n-- TODO: x\n-- e.g.: y', []],
        ['a block comment is not a head', '/* grain: a */\n-- grain: b', []],
        ['a key indented with nothing above', '--    grain: a', [['grain', 'a', 1]]],
    ];
    test.each(cases)('%s', (_, text, entries) => {
        const parsed = parseHeader(text, 'f.sql', ALLOWED);
        expect(parsed).toEqual(entries.map(([key, value, line]) => ({ key, value, line })));
    });
});

describe('errors', () => {
    const cases: readonly (readonly [name: string, text: string, line: number, says: string])[] = [
        ['an unknown key', '-- grain: a\n-- owner: me', 2, '"owner"'],
        ['a typing mistake', '-- gain: a', 1, 'did you mean "grain"'],
        ['upper case', '-- Scope: all', 1, 'did you mean "scope"'],
        ['a hyphen for the underscore', '-- primary-key: id', 1, 'did you mean "primary_key"'],
        ['a blank before the colon', '-- primary_key : id\n-- gain : a\n-- gain: b', 3, '"gain"'],
        ['a key twice', '-- grain: a\n-- x\n-- grain: b', 3, 'twice'],
        ['no value', '-- why: a\n-- grain:', 2, 'no value'],
        ['a value that is not allowed', '-- scope: chnaged', 1, 'wrong value'],
    ];
    test.each(cases)('%s', (_, text, line, says) => {
        let caught: unknown;
        try {
            parseHeader(text, 'f.sql', ALLOWED);
        } catch (error) {
            caught = error;
        }
        expect(caught).toBeInstanceOf(EltError);
        const error = caught as EltError;
        expect([error.code, error.facts.where]).toEqual(['SQL_HEADER', `f.sql:${line}`]);
        expect(error.message).toContain(says);
    });

    test('an unknown key names those that are allowed', () => {
        expect(() => parseHeader('-- owner: me', 'f.sql', ALLOWED)).toThrow(
            expect.objectContaining({
                facts: expect.objectContaining({ found: 'keys: grain, why, primary_key, param, scope' }),
            }),
        );
    });
});

test('the value of a key', () => {
    const entries = parseHeader('-- param: a\n-- param: b', 'f.sql', ALLOWED);
    expect([headerValue(entries, 'param'), headerValue(entries, 'why')]).toEqual(['a', undefined]);
});

test('what was written is read back, whatever follows the head', () => {
    const word = fc.stringMatching(/^[a-zé0-9;'"]{1,8}$/);
    const value = fc.array(fc.array(word, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 3 });
    const keys = fc.uniqueArray(fc.constantFrom('grain', 'why', 'primary_key'));
    fc.assert(
        fc.property(keys, fc.array(value, { minLength: 3, maxLength: 3 }), fc.string(), (chosen, values, rest) => {
            const written = chosen.map((key, index) => ({ key, lines: values[index] ?? [] }));
            const head = written.map(
                ({ key, lines }) => `-- ${key}: ${lines.map((words) => words.join(' ')).join('\n--   ')}\n`,
            );
            const parsed = parseHeader(`${head.join('')}\n${rest}`.replace(/^\n/, ';\n'), 'f.sql', ALLOWED);
            expect(parsed.map(({ key, value: read }) => [key, read])).toEqual(
                written.map(({ key, lines }) => [key, lines.flat().join(' ')]),
            );
        }),
        propertyRuns(300),
    );
});
