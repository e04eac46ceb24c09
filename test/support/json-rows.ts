import fc from 'fast-check';
import { type DeclaredSource, type RowType, undeclaredSource } from '../../src/project/declared-source.ts';

/** Rows as JSON objects, and what only looks like one; mostly such of which only the values differ. */

const TYPES: readonly RowType[] = [
    'text',
    'integer',
    'numeric',
    'real',
    'boolean',
    'date',
    'timestamp',
    'uuid',
    'json',
    'record',
];
const NAMES = TYPES.map((type) => `${type}_`);
/** A table with a column of each type. */
export const SOURCE: DeclaredSource = {
    ...undeclaredSource('t'),
    columns: TYPES.map((type) => ({ name: `${type}_`, type, required: type === 'integer' })),
};

/** Written as they stand there: values, and what only looks like one. */
export const VALUES = [
    '0',
    '-0',
    '7',
    '01',
    '-',
    '1.',
    '.5',
    '1.50',
    '1e5',
    '1E+400',
    '+1',
    '0x1',
    '12345678901234567890',
    '123456789012345',
    '-123456789012345.6',
    '-3',
    '-0.5',
    '"2024-02-29"',
    '"2023-02-29"',
    '"2024-02-29T12:30:59.5Z"',
    '"2024-02-29T25:00"',
    '"0B2f7a7e-1111-4222-8333-0123456789ab"',
    '"0b2f7a7e-1111-4222-8333-0123456789ag"',
    '"0b2f7a7e11111-4222-8333-0123456789ab"',
    'true',
    'false',
    'null',
    'nul',
    'NaN',
    '""',
    '"a"',
    '"1"',
    '"ä \u{1f600}\u007f\u2028"',
    '"a\\"b"',
    '"\\u00e4"',
    '"\\ud800"',
    '"tab\there"',
    '"open',
    '"a"b"',
    '"," "b":"',
    '[1,"]"]',
    '{"a":{}}',
    '{"a": [1.5 ,-2e3,{"b":null, "ä":"\\u00E4\\n\\ud800"}]\n, "a":true }',
    '[]',
    '[ ]',
    '{ }',
    '[1,]',
    '[,1]',
    '[1 2]',
    '{"a"}',
    '{"a":}',
    '{"a":1,}',
    '{a:1}',
    '{"a":1]',
    '["\\x"]',
    '["\\u00g4"]',
    '["\\u00',
    '["tab\there"]',
    '[01]',
    '[nul]',
    '["open]',
    '{"a":{"b":[',
    `${'['.repeat(33)}${']'.repeat(33)}`,
    '',
] as const;

const row = fc.record({
    members: fc.array(
        fc.tuple(fc.constantFrom(...NAMES, 'other', 'a.b*', '\\u0061', 'text_'), fc.constantFrom(...VALUES)),
        { maxLength: 4 },
    ),
    open: fc.constantFrom('{', ' {', '{ '),
    colon: fc.constantFrom(':', ': ', ' :\n'),
    comma: fc.constantFrom(',', ', ', ',,'),
    close: fc.constantFrom('}', ' }', '}\n', '} x', '}}', ''),
});
const textOf = ({ members, open, colon, comma, close }: ReturnType<typeof row.generate>['value']): string =>
    open + members.map(([name, value]) => `"${name}"${colon}${value}`).join(comma) + close;

/** Mostly rows of which only the values differ. */
export const rows = fc
    .tuple(row, fc.array(fc.tuple(fc.array(fc.constantFrom(...VALUES)), fc.option(row, { freq: 4 })), { maxLength: 6 }))
    .map(([first, others]) => [
        textOf(first),
        ...others.map(([values, other]) => {
            const members = first.members.map(([name, value], index) => [name, values[index] ?? value] as const);
            return textOf(other ?? ({ ...first, members } as typeof first));
        }),
    ]);
