import type { Random } from '../support/random.ts';
import { ODD_TEXTS } from './odd-texts.ts';
import { literal, type ValueType } from './value-type.ts';

const oddTexts = ODD_TEXTS.map(literal);
const words = ['alpha', 'Beta', 'gamma delta', 'ε', 'zeta_9', "o'neil", 'a"b', 'back\\slash', '10', '010'];
const digits = (random: Random, count: number): string =>
    Array.from({ length: count }, () => random.int(0, 9)).join('');
const quoted = (name: string, ...values: readonly string[]): string[] =>
    values.map((value) => `${literal(value)}::${name}`);
const day = (random: Random): string => `${random.int(1990, 2035)}-0${random.int(1, 9)}-${random.int(10, 28)}`;
const clock = (random: Random): string => `${random.int(10, 23)}:${random.int(10, 59)}:${random.int(10, 59)}`;

function integer(name: string, low: string, high: string, retypesTo: readonly string[]): ValueType {
    return {
        name,
        odd: [literal(low), literal(high), '0', "'-1'"].map((text) => `${text}::${name}`),
        usual: (random) => `${random.int(-999, 9_999)}`,
        unique: (n) => `${n}`,
        retypesTo,
    };
}

function text(name: string, lengthMax: number): ValueType {
    return {
        name,
        odd: oddTexts.filter((odd) => odd.length <= lengthMax),
        usual: (random) => literal(`${random.pick(words)} ${random.int(0, 99)}`.slice(0, lengthMax)),
        unique: (n, random) => literal(`${random.pick(['', '0', ' ', 'é', "'", '\\', 'K', 'k'])}${n}`),
        retypesTo: ['text'],
    };
}

function simple(name: string, usual: (random: Random) => string, ...odd: readonly string[]): ValueType {
    return {
        name,
        odd: quoted(name, ...odd),
        usual: (random) => `${literal(usual(random))}::${name}`,
        retypesTo: ['text'],
    };
}

export const INTEGER = integer('integer', '-2147483648', '2147483647', ['bigint', 'text', 'numeric']);
export const BIGINT = integer('bigint', '-9223372036854775808', '9223372036854775807', ['text', 'numeric']);
export const TEXT = text('text', 99);
export const UUID: ValueType = {
    ...simple(
        'uuid',
        (random) => random.uuid(),
        '00000000-0000-0000-0000-000000000000',
        'ffffffff-ffff-ffff-ffff-ffffffffffff',
    ),
    unique: (_n, random) => `${literal(random.uuid())}::uuid`,
};
export const TIMESTAMP: ValueType = {
    ...simple(
        'timestamp',
        (random) => `${day(random)} ${clock(random)}.${digits(random, random.int(1, 6))}`,
        'infinity',
        '-infinity',
        '0044-03-15 12:00:00 BC',
        '12024-01-01 00:00:00',
        '2024-02-29 23:59:59.999999',
        '1970-01-01 00:00:00',
    ),
    unique: (n) => `'2020-01-01'::timestamp + interval '${n} seconds'`,
};
export const NUMERIC_SHORT: ValueType = {
    name: 'numeric(12,2)',
    odd: ['9999999999.99', '-9999999999.99', '5.00', '0.10', '0', '-0.01', "'NaN'"],
    usual: (random) => `${random.int(-99_999, 99_999)}.${digits(random, 2)}`,
    retypesTo: ['numeric', 'text'],
};
export const NUMERIC: ValueType = {
    name: 'numeric',
    odd: [
        '12345678901234567890123456789012345678',
        '-0.00000000000000000000000000000001',
        '5.00',
        '1234567890123456789.12',
        '1e400',
        '0.10',
        "'NaN'",
        "'Infinity'",
        "'-Infinity'",
        '9007199254740993',
    ],
    usual: (random) =>
        `${random.chance(50) ? '-' : ''}${random.int(1, 9)}${digits(random, random.int(0, 40))}.${digits(random, random.int(1, 20))}`,
    unique: (n) => `${n}.50`,
    retypesTo: ['text'],
};
export const BOOLEAN: ValueType = {
    name: 'boolean',
    odd: ['true', 'false'],
    usual: (random) => `${random.chance(50)}`,
    retypesTo: ['text'],
};
export const JSONB: ValueType = {
    ...simple(
        'jsonb',
        (random) =>
            JSON.stringify({ k: random.pick(words), n: random.int(0, 99), deep: { a: [random.int(0, 9), null, 'x'] } }),
        'null',
        '{}',
        '[]',
        '""',
        '0.10',
        '12345678901234567890',
        '1e400',
        'true',
        '{"k": 0.10, "n": 12345678901234567890, "q": "\\"]}]}"}',
        '{"u": "\\u00e9\\ud83d\\ude00", "nl": "a\\nb", "a": {"b": [1, 2.50, "x"]}}',
    ),
    large: (random) =>
        `jsonb_build_object('large', '${random.hex(random.int(2_500, 4_000))}', 'n', ${random.int(0, 9)})`,
};

/** Every type of the generated schemas. Types that the world makes itself are in `WORLD_TYPES_SQL`. */
export const VALUE_TYPES: readonly ValueType[] = [
    INTEGER,
    BIGINT,
    TEXT,
    UUID,
    TIMESTAMP,
    NUMERIC_SHORT,
    NUMERIC,
    BOOLEAN,
    JSONB,
    integer('smallint', '-32768', '32767', ['integer', 'bigint', 'text']),
    {
        name: 'oid',
        odd: ['0', '4294967295'],
        usual: (random) => `${random.int(0, 99_999)}`,
        unique: (n) => `${n}`,
        retypesTo: ['bigint'],
    },
    {
        name: 'numeric(15,0)',
        odd: ['999999999999999', '-999999999999999'],
        usual: (random) => digits(random, 15),
        retypesTo: ['numeric', 'text'],
    },
    {
        name: 'numeric(16,4)',
        odd: ['999999999999.9999', '-0.0001'],
        usual: (random) => `${digits(random, 12)}.${digits(random, 4)}`,
        retypesTo: ['numeric'],
    },
    {
        name: 'numeric(38,10)',
        odd: ['1234567890123456789012345678.0123456789'],
        usual: (random) => `${digits(random, 28)}.${digits(random, 10)}`,
    },
    { name: 'numeric(3,-2)', odd: ['99900', '-100'], usual: (random) => `${random.int(1, 99)}00` },
    {
        name: 'real',
        odd: ["'NaN'", "'Infinity'", "'-Infinity'", '1.1', '3.4028235e38', '1e-45', "'-0'", '16777217'],
        usual: (random) => `${random.int(-999, 999)}.${digits(random, 3)}`,
        retypesTo: ['double precision'],
    },
    {
        name: 'double precision',
        odd: [
            "'NaN'",
            "'Infinity'",
            "'-Infinity'",
            '0.1',
            '1.7976931348623157e308',
            '5e-324',
            "'-0'",
            '9007199254740993',
            '1e21',
        ],
        usual: (random) => `${random.int(-999, 999)}.${digits(random, 12)}`,
        retypesTo: ['text'],
    },
    text('character varying(40)', 40),
    text('character(6)', 5),
    text('name', 40),
    text('citext_like', 99),
    simple('"char"', () => 'x', '', 'a', '"', '\\', '7'),
    simple('bytea', (random) => `\\x${random.hex(10)}`, '\\x', '\\x00', '\\xdeadbeef', '\\x5c78'),
    simple(
        'json',
        (random) => `{"k" :  ${random.int(0, 9)}, "k":1}`,
        ' null ',
        '{"a":1,"a":2}',
        '{ "x" : 0.10 , "y":[ ] }',
        '12345678901234567890.0',
        '"\\u2028 \\u0041"',
        '{"q":"\\"]}]}"}',
    ),
    simple('xml', (random) => `<a b="${random.int(0, 9)}">x</a>`, '<a>&lt;</a>', '<e/>'),
    simple('date', day, 'infinity', '-infinity', '0044-03-15 BC', '12024-01-01', '2024-02-29'),
    simple('time', clock, '24:00:00', '00:00:00', '23:59:59.999999'),
    simple('timetz', (random) => `${clock(random)}+02`, '24:00:00-15:59', '00:00:00+00'),
    simple(
        'timestamptz',
        (random) => `${day(random)} ${clock(random)}+05:30`,
        'infinity',
        '-infinity',
        '0044-03-15 12:00:00+00 BC',
        '12024-01-01 00:00:00+00',
    ),
    simple(
        'interval',
        (random) => `${random.int(1, 40)} days ${clock(random)}`,
        '1 year 2 mons -3 days 04:05:06.789',
        '-178000000 years',
        '00:00:00',
    ),
    simple(
        'money',
        (random) => `${random.int(0, 9999)}.${digits(random, 2)}`,
        '-92233720368547758.08',
        '92233720368547758.07',
        '0',
    ),
    simple('bit(5)', () => '10101', '00000', '11111'),
    simple('bit varying', () => '101', '', '0001'),
    simple('inet', (random) => `10.0.${random.int(0, 255)}.1`, '::1', '192.168.0.0/24', '1.2.3.4/32', 'fe80::1/64'),
    simple('cidr', () => '10.0.0.0/8', '::/0', '192.168.1.0/24'),
    simple('macaddr', (random) => `08:00:2b:01:02:${random.int(10, 99)}`, '00:00:00:00:00:00'),
    simple('point', (random) => `(${random.int(0, 9)},${random.int(0, 9)}.5)`, '(1e300,-0)', '(NaN,Infinity)'),
    simple('polygon', () => '((0,0),(1,1),(2,0))'),
    simple('tsvector', () => "'a':1 'fat':2", "'it''s'"),
    simple('tsquery', () => "'a' & 'b'"),
    simple('pg_lsn', () => '0/16B3748', 'FFFFFFFF/FFFFFFFF'),
    simple('xid8', (random) => `${random.int(1, 999)}`, '18446744073709551615'),
    simple('integer[]', (random) => `{${random.int(0, 9)},NULL,3}`, '{}', '{{1,2},{3,4}}', '[0:1]={7,8}'),
    simple('text[]', () => '{a,"b c",NULL}', '{}', '{"NULL","","a,b","\\"","\\\\","{"}'),
    simple('boolean[]', () => '{t,f,NULL}'),
    simple('numeric[]', () => '{0.10,NaN,12345678901234567890}'),
    simple('jsonb[]', () => '{"{\\"a\\": 1}",null}'),
    simple('int4range', (random) => `[${random.int(0, 9)},20)`, 'empty', '(,)', '[1,)'),
    simple('tsrange', () => '[2020-01-01,2021-01-01)', '[-infinity,infinity]'),
    simple('int4multirange', () => '{[1,3),[5,7)}', '{}'),
    simple('mood', (random) => random.pick(['sad', 'it\'s "ok"', '007', '']), 'sad', '007', '', 'it\'s "ok"'),
    simple('"S1"."Mood"', (random) => random.pick(['a "q"', 'b']), 'a "q"', 'b'),
    simple('pair', (random) => `(${random.int(0, 9)},"x y")`, '(,)', '(1,"a ""q"" \\\\ ,")'),
    { name: 'yes_no', odd: ['true', 'false'], usual: (random) => `${random.chance(50)}` },
    {
        name: 'price',
        odd: ['0.10', '12345678.90', "'NaN'"],
        usual: (random) => `${random.int(0, 999)}.${digits(random, 2)}`,
    },
    { name: 'whole', odd: ['9223372036854775807', '0'], usual: (random) => `${random.int(0, 9_999)}` },
    simple('raw', (random) => `\\x${random.hex(6)}`, '\\x', '\\xdead'),
];

/** Run once in each world before its tables are made. */
export const WORLD_TYPES_SQL = `
    create schema if not exists "S1";
    create type mood as enum ('sad', 'it''s "ok"', '007', '');
    create type "S1"."Mood" as enum ('a "q"', 'b');
    create type pair as (left_side integer, "Right Side" text);
    create domain yes_no as boolean;
    create domain price as numeric(10, 2);
    create domain whole as bigint;
    create domain raw as bytea;
    create domain citext_like as text;
`;

export function valueType(name: string): ValueType {
    const found = VALUE_TYPES.find((type) => type.name === name);
    if (found === undefined) {
        throw new RangeError(`the workload has no type "${name}"`);
    }
    return found;
}
