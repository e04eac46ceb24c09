import { describe, expect, test } from 'vitest';
import { EltError } from '../../../src/core/errors.ts';
import { type DeclaredSource, undeclaredSource } from '../../../src/project/declared-source.ts';
import { declaredSourceOf } from '../../../src/project/read-declared-sources.ts';
import { readRows } from './read-rows.ts';

const csv: DeclaredSource = { ...undeclaredSource('t'), format: 'csv' };
const typed = (columns: string, head = ''): DeclaredSource =>
    declaredSourceOf(`${head}create table t (${columns});`, 'sql/p/sources/t.sql');

interface Case {
    readonly name: string;
    readonly source: DeclaredSource;
    readonly text: string;
    readonly rows: readonly Record<string, unknown>[];
    readonly rejects?: readonly string[];
}

const CASES: readonly Case[] = [
    {
        name: 'a header and rows',
        source: csv,
        text: 'a,b\n1,x\n2,y\n',
        rows: [
            { a: '1', b: 'x' },
            { a: '2', b: 'y' },
        ],
    },
    { name: 'no line break at the end', source: csv, text: 'a,b\r\n1,x', rows: [{ a: '1', b: 'x' }] },
    { name: 'a byte order mark', source: csv, text: '\ufeffa,b\n1,x\n', rows: [{ a: '1', b: 'x' }] },
    { name: 'semicolons', source: csv, text: 'a;b\n1,5;x\n', rows: [{ a: '1,5', b: 'x' }] },
    { name: 'tabs', source: csv, text: 'a\tb\n1\t"x\ty"\n', rows: [{ a: '1', b: 'x\ty' }] },
    {
        name: 'quotes and line breaks',
        source: csv,
        text: 'a,b\n"1\r\n2","x ""y"""\n',
        rows: [{ a: '1\r\n2', b: 'x "y"' }],
    },
    { name: 'a quoted header', source: csv, text: '"a,1","b\nc"\n1,2\n', rows: [{ 'a,1': '1', 'b\nc': '2' }] },
    {
        name: 'empty lines',
        source: csv,
        text: '\n\na,b\n\n1,x\n\r\n\n2,y\n\n',
        rows: [
            { a: '1', b: 'x' },
            { a: '2', b: 'y' },
        ],
    },
    { name: 'an empty field is an empty text', source: csv, text: 'a,b\n,\n', rows: [{ a: '', b: '' }] },
    { name: 'zeros in front stay', source: csv, text: 'a,b\n007,1e5\n', rows: [{ a: '007', b: '1e5' }] },
    {
        name: 'too few and too many fields',
        source: csv,
        text: 'a,b\n1\n1,2\n1,2,3\n',
        rows: [{ a: '1', b: '2' }],
        rejects: ['too-few-fields: 1', 'too-many-fields: 1,2,3'],
    },
    {
        name: 'a quote inside a field, and behind one',
        source: csv,
        text: 'a,b\n1,x"y\n2,"x"y\n3,z\n',
        rows: [{ a: '3', b: 'z' }],
        rejects: ['not-csv: 1,x"y', 'not-csv: 2,"x"y'],
    },
    {
        name: 'a quote that is never closed costs its line only',
        source: csv,
        text: 'a,b\n1,"x\n2,y\n3,z\n',
        rows: [
            { a: '2', b: 'y' },
            { a: '3', b: 'z' },
        ],
        rejects: ['quote-not-closed: 1,"x'],
    },
    {
        name: 'a quote that another one closes costs its line only',
        source: csv,
        text: 'a,b\n1,"x\n2,"y"\n3,z\n',
        rows: [
            { a: '2', b: 'y' },
            { a: '3', b: 'z' },
        ],
        rejects: ['not-csv: 1,"x'],
    },
    {
        name: 'declared types of CSV',
        source: typed(
            'i integer, n numeric, r real, b boolean, d date, t timestamp, u uuid, x text',
            '-- format: csv\n',
        ),
        text:
            'i,n,r,b,d,t,u,x\n' +
            '-5,0.10,1.5,true,2024-02-29,2024-02-29 23:59:59.999999+02,A81BC81B-DEAD-4E5D-ABFF-90865D1E13B1,\n' +
            '9223372036854775807,123456789012345678901234567890,,,,,,007\n',
        rows: [
            {
                i: -5,
                n: '0.10',
                r: 1.5,
                b: 1,
                d: '2024-02-29',
                t: '2024-02-29 23:59:59.999999+02',
                u: 'A81BC81B-DEAD-4E5D-ABFF-90865D1E13B1',
                x: '',
            },
            {
                i: 9223372036854775807n,
                n: '123456789012345678901234567890',
                r: null,
                b: null,
                d: null,
                t: null,
                u: null,
                x: '007',
            },
        ],
    },
    ...[
        ['i integer', '007'],
        ['i integer', '9223372036854775808'],
        ['i integer', '1.0'],
        ['i integer', ' 1'],
        ['n numeric', '1,5'],
        ['n numeric', 'NaN'],
        ['b boolean', 'yes'],
        ['d date', '2023-02-29'],
        ['t timestamp', '2023-04-15'],
        ['t timestamp', '2023-04-15T25:00:00'],
        ['u uuid', '123'],
        ['j json', '{'],
    ].map(([column = '', text = '']) => ({
        name: `"${text}" is no ${column}`,
        source: typed(`${column}, x text`, '-- format: csv\n-- delimiter: ;\n'),
        text: `${column[0]};x\n${text};y\n`,
        rows: [],
        rejects: [`value-does-not-fit: ${text};y`],
    })),
    {
        name: 'a key that is missing',
        source: typed('k integer primary key, x text not null', '-- format: csv\n'),
        text: 'k,x\n,a\n1,\n',
        rows: [{ k: 1, x: '' }],
        rejects: ['value-missing: ,a'],
    },
    {
        name: 'JSON lines, undeclared: text, numbers with all their digits',
        source: { ...undeclaredSource('t'), format: 'jsonl' },
        text: '{"a":"x","b":12345678901234567890,"c":1.10,"d":true,"e":null,"f":{"g": [1, 2]}}\n\n  \r\n{"h":"\\u00e4"}',
        rows: [
            { a: 'x', b: '12345678901234567890', c: '1.10', d: 'true', e: null, f: '{"g": [1, 2]}' },
            { a: null, b: null, c: null, d: null, e: null, f: null, h: 'ä' },
        ],
    },
    {
        name: 'JSON declared, and the record itself',
        source: typed('a json, b json, line record', '-- format: jsonl\n'),
        text: '{"a": null, "b": "x"}\r\n{"b": 1.0 }\n',
        rows: [
            { a: 'null', b: '"x"', line: '{"a": null, "b": "x"}' },
            { a: null, b: '1.0', line: '{"b": 1.0 }' },
        ],
    },
    {
        name: 'lines that are no JSON, no object, or two',
        source: { ...undeclaredSource('t'), format: 'jsonl' },
        text: 'nothing\n{"a":1}\n{"a":\n[1]\n7\n{"a":1}{"a":2}\n{"a":2}\n{"a"',
        rows: [{ a: '1' }, { a: '2' }],
        rejects: [
            'not-json: nothing',
            'not-json: {"a":',
            'wrong-type: [1]',
            'wrong-type: 7',
            'not-json: {"a":1}{"a":2}',
            'not-json: {"a"',
        ],
    },
    {
        name: 'a JSON array, a list "change" in it too',
        source: { ...undeclaredSource('t'), format: 'json' },
        text: ' [{"a":1},\n{"a":2,"change":[{"x":1}]} ,{"a":"3"}]\n',
        rows: [{ a: '1' }, { a: '2', change: '[{"x":1}]' }, { a: '3', change: null }],
    },
    {
        name: 'JSON lines where an array was possible',
        source: { ...undeclaredSource('t'), format: 'json' },
        text: '\n{"a":1}\n{"a":2}\n',
        rows: [{ a: '1' }, { a: '2' }],
    },
    {
        name: 'half a surrogate pair',
        source: { ...undeclaredSource('t'), format: 'jsonl' },
        text: '{"a":"\\ud800"}\n{"\\ud800":1}\n',
        rows: [],
        rejects: ['lone-surrogate: {"a":"\\ud800"}', 'lone-surrogate: {"\\ud800":1}'],
    },
    {
        name: 'a member twice: the last counts, as JSON.parse has it',
        source: { ...undeclaredSource('t'), format: 'jsonl' },
        text: '{"a":1,"a":2}\n',
        rows: [{ a: '2' }],
    },
    {
        name: 'the format told by the first byte',
        source: undeclaredSource('t'),
        text: ' \n[{"a":1}]',
        rows: [{ a: '1' }],
    },
];

describe('rows', () => {
    test.each(CASES)('$name', ({ source, text, rows, rejects }) => {
        for (const chunkBytes of [65_536, 1, 2, 3, 7]) {
            const read = readRows(source, Buffer.from(text), { chunkBytes });
            expect({ chunkBytes, rows: read.rows, rejects: read.rejects }).toEqual({
                chunkBytes,
                rows,
                rejects: rejects ?? [],
            });
            for (const { offset, bytes } of read.places) {
                expect(
                    Buffer.from(text)
                        .subarray(offset, offset + Buffer.byteLength(bytes))
                        .toString(),
                ).toBe(bytes);
            }
        }
    });

    test.each([
        ['a declared column that is missing', typed('a text, b text', '-- format: csv\n'), 'a,c\n1,2\n'],
        ['a name twice', csv, 'a,a\n1,2\n'],
        ['a quote that is never closed', csv, '"a,b\n1,2\n'],
    ] as const)('a header with %s', (_, source, text) => {
        const error = errorOf(() => readRows(source, Buffer.from(text)));
        expect(error?.code).toBe('SOURCE_HEADER');
    });

    test('a header with a blank beside a name shows it', () => {
        const error = errorOf(() => readRows(typed('a text, b text', '-- format: csv\n'), Buffer.from('a, b\n1,2\n')));
        expect(error?.facts.found).toBe('"a", " b"; expected also "b"');
    });

    test.each([
        ['an unknown type', 'create table t (a varchar);'],
        ['two statements', 'create table t (a text); create table u (a text);'],
        ['no table', 'select 1;'],
        ['another name', 'create table u (a text);'],
        ['an unknown key', '-- pattern: x*.csv\ncreate table t (a text);'],
        ['an unknown format', '-- format: xml\ncreate table t (a text);'],
        ['a wrong number of rows', '-- commit_rows: many\ncreate table t (a text);'],
    ])('a declaration with %s', (_, text) => {
        expect(errorOf(() => declaredSourceOf(text, 'sql/p/sources/t.sql'))?.code).toBe('SQL_HEADER');
    });
});

function errorOf(work: () => unknown): EltError | undefined {
    try {
        work();
        return undefined;
    } catch (error) {
        if (error instanceof EltError) {
            return error;
        }
        throw error;
    }
}
