import { describe, expect, it } from 'vitest';

import type { StreamEvent } from '../../src/core/stream-event.ts';
import { decodeAll, reasonsOf, rowsOf } from './decode-all.ts';
import { insert, insert2, record } from './small-records.ts';

describe('values, as they are stored', () => {
    const cases: [type: string | null, json: string, value: unknown][] = [
        ['integer', '5', 5],
        ['integer', 'null', null],
        ['integer', '"5"', 5],
        ['smallint', '-0', -0],
        ['bigint', '9007199254740991', 9007199254740991],
        ['bigint', '9007199254740993', 9007199254740993n],
        ['bigint', '-9223372036854775808', -9223372036854775808n],
        ['bigint', '"9223372036854775807"', 9223372036854775807n],
        ['int8', '9223372036854775807', 9223372036854775807n],
        ['oid', '4294967295', 4294967295],
        ['boolean', 'true', 1],
        ['bool', 'false', 0],
        ['boolean', '"t"', 1],
        ['boolean', '"f"', 0],
        ['dbool', '"t"', 't'],
        ['numeric(10,2)', '5.00', 5],
        ['numeric(15)', '123456789012345', 123456789012345],
        ['numeric(10,2)', '"5.25"', 5.25],
        ['numeric(16,2)', '5.00', '5.00'],
        ['numeric(20,3)', '12345678901234567.890', '12345678901234567.890'],
        ['numeric', '5', '5'],
        ['numeric', '"NaN"', 'NaN'],
        ['numeric', '12345678901234567890.1234567890', '12345678901234567890.1234567890'],
        ['double precision', '1e300', 1e300],
        ['real', '1.5', 1.5],
        // Under include-domain-data-type the values of domains are quoted.
        ['numeric', '"12.50"', '12.50'],
        ['numeric', '"-Infinity"', '-Infinity'],
        ['numeric(12,2)', '"NaN"', 'NaN'],
        ['double precision', '"NaN"', 'NaN'],
        ['double precision', '"Infinity"', 'Infinity'],
        ['real', '"-Infinity"', '-Infinity'],
        ['real', '"1e-45"', 1e-45],
        ['bytea', '"\\\\xdead"', '\\xdead'],
        ['text', '"007"', '007'],
        ['text', '5', '5'],
        ['text', 'true', 'true'],
        ['text', '1.50', '1.50'],
        ['text', '{ "a": [1, 2.0] }', '{ "a": [1, 2.0] }'],
        ['text', '"\\ud83d\\ude00\\u0000"', '😀\u0000'],
        ['integer[]', '"{1,2}"', '{1,2}'],
        ['_int4', '"{1,2}"', '{1,2}'],
        [null, '5', 5],
        [null, '9223372036854775807', 9223372036854775807n],
        [null, '9223372036854775808', '9223372036854775808'],
        [null, '5.00', '5.00'],
        [null, '1e2', '1e2'],
        [null, 'true', 1],
        [null, '"5"', '5'],
    ];
    it.each(cases)('%s %s', (type, json, value) => {
        const decoded = [decodeAll(record(insert(json, type))), decodeAll(insert2(json, type))];
        for (const one of decoded) {
            expect(rowsOf(one.decoded)).toEqual([{ v: value }]);
        }
        // The second and third time the change is recognised by its skeleton.
        const thrice = decodeAll(record(insert(json, type)).repeat(3));
        expect(rowsOf(thrice.decoded)).toEqual([{ v: value }, { v: value }, { v: value }]);
        expect(rowsOf(decodeAll(insert2(json, type).repeat(3)).decoded)).toEqual([
            { v: value },
            { v: value },
            { v: value },
        ]);
    });

    it('a column that a pipeline declares as text keeps the scale', () => {
        const declared = (relation: string, column: string): 'TEXT' | undefined =>
            relation === 'public.t' && column === 'v' ? 'TEXT' : undefined;
        expect(rowsOf(decodeAll(record(insert('5.00', 'numeric(10,2)')), { declared }).decoded)).toEqual([
            { v: '5.00' },
        ]);
    });
});

describe('values that are refused', () => {
    const cases: [type: string | null, json: string, reason: string][] = [
        ['integer', '"x"', 'value-does-not-fit'],
        ['integer', '"007"', 'value-does-not-fit'],
        ['integer', '1.5', 'value-does-not-fit'],
        ['bigint', '9223372036854775808', 'value-does-not-fit'],
        ['integer', 'true', 'value-does-not-fit'],
        ['integer', '[1]', 'value-does-not-fit'],
        ['boolean', '1', 'value-does-not-fit'],
        ['double precision', '1e400', 'value-does-not-fit'],
        ['double precision', '"nan"', 'value-does-not-fit'],
        ['real', '"Infinity "', 'value-does-not-fit'],
        ['integer', '"NaN"', 'value-does-not-fit'],
        ['real', 'true', 'value-does-not-fit'],
        ['date', '"06/05/2024"', 'value-does-not-fit'],
        ['bytea', '"36\\\\255"', 'value-does-not-fit'],
        ['timestamp with time zone', '"2024-02-29 12:00:00+99:99"', 'value-does-not-fit'],
        ['text', '"\\ud800"', 'lone-surrogate'],
        [null, '"\\udc00x"', 'lone-surrogate'],
        ['text', '01', 'not-json'],
        ['text', '"\\x"', 'not-json'],
    ];
    it.each(cases)('%s %s', (type, json, reason) => {
        const sound = insert('null', type);
        const { decoded } = decodeAll(record(sound, insert(json, type), sound));
        expect(decoded.map((one) => one.kind)).toEqual(['begin', 'change', 'reject', 'change', 'commit', 'recordEnd']);
        const reject = decoded[2] as Extract<StreamEvent, { kind: 'reject' }>;
        expect(reject).toMatchObject({
            record: 1,
            change: 2,
            relation: 'public.t',
            torn: false,
            reject: { reason, whole: true },
        });
        expect(Buffer.from(reject.reject.bytes).toString()).toBe(insert(json, type));
        // Also where the record before has made the skeleton known.
        const twice = insert2('null', type).repeat(2);
        expect(reasonsOf(decodeAll(twice + insert2(json, type)).decoded)).toEqual([reason]);
    });
});

describe('structure that is refused', () => {
    const side = '"columnnames":["a","b"],"columntypes":["text","text"]';
    const cases: Record<string, [change: string, reason: string]> = {
        'fewer values than names': [
            `{"kind":"insert","schema":"s","table":"t",${side},"columnvalues":["1"]}`,
            'column-count',
        ],
        'fewer types than names': [
            '{"kind":"insert","schema":"s","table":"t","columnnames":["a","b"],"columntypes":["text"],"columnvalues":["1","2"]}',
            'column-count',
        ],
        'no values': [`{"kind":"insert","schema":"s","table":"t",${side}}`, 'missing-field'],
        'no table': [`{"kind":"insert","schema":"s",${side},"columnvalues":["1","2"]}`, 'missing-field'],
        'a delete without an old key': ['{"kind":"delete","schema":"s","table":"t"}', 'missing-field'],
        'a name twice': [
            '{"kind":"insert","schema":"s","table":"t","columnnames":["a","a"],"columnvalues":["1","2"]}',
            'duplicate-column',
        ],
        'an unknown kind': ['{"kind":"upsert","schema":"s","table":"t"}', 'unknown-kind'],
        'a kind of Object.prototype': ['{"kind":"toString","schema":"s","table":"t"}', 'unknown-kind'],
        'a name that is a number': [
            '{"kind":"insert","schema":"s","table":"t","columnnames":[1],"columnvalues":["1"]}',
            'wrong-type',
        ],
        'a table that is a number': [
            '{"kind":"insert","schema":"s","table":1,"columnnames":[],"columnvalues":[]}',
            'wrong-type',
        ],
        'no kind': ['{}', 'missing-field'],
        'a message without its prefix': ['{"kind":"message","transactional":true,"content":""}', 'missing-field'],
    };
    it.each(Object.entries(cases))('%s', (_, [change, reason]) => {
        const { decoded } = decodeAll(record(insert('"1"'), change).repeat(2));
        expect(reasonsOf(decoded)).toEqual([reason, reason]);
        expect(rowsOf(decoded)).toEqual([{ v: '1' }, { v: '1' }]);
    });

    const records: Record<string, [record: string, reason: string]> = {
        'neither format': ['{"a":1}', 'unknown-record'],
        'an unknown action': ['{"action":"Z"}', 'unknown-action'],
        'a list of changes that is none': ['{"change":null}', 'wrong-type'],
        'an xid that is an object': ['{"action":"B","xid":{}}', 'wrong-type'],
        'a column without its value': [
            '{"action":"I","schema":"s","table":"t","columns":[{"name":"a"}]}',
            'missing-field',
        ],
        'a name twice': [
            '{"action":"I","schema":"s","table":"t","columns":[{"name":"a","value":1},{"name":"a","value":1}]}',
            'duplicate-column',
        ],
        'a delete without an identity': ['{"action":"D","schema":"s","table":"t"}', 'missing-field'],
        'columns that are no list': ['{"action":"I","schema":"s","table":"t","columns":{}}', 'wrong-type'],
    };
    it.each(Object.entries(records))('a record: %s', (_, [text, reason]) => {
        const { decoded } = decodeAll(`${text}\n`);
        expect(decoded.map((one) => one.kind)).toEqual(['reject', 'recordEnd']);
        expect(reasonsOf(decoded)).toEqual([reason]);
    });

    it('a head that cannot be read puts every change of the record aside', () => {
        const { decoded } = decodeAll(`{"xid":01,"change":[${insert('"1"')},${insert('"2"')}]}`);
        expect(reasonsOf(decoded)).toEqual(['not-json', 'record-unreadable', 'record-unreadable']);
        expect(decoded.at(-1)?.kind).toBe('recordEnd');
        expect(decoded.some((one) => one.kind === 'commit')).toBe(false);
    });

    it('a second list of changes is put aside', () => {
        const { decoded } = decodeAll(`{"change":[${insert('"1"')}],"change":[]}`);
        expect(decoded.map((one) => one.kind)).toEqual(['begin', 'change', 'reject', 'commit', 'recordEnd']);
    });
});
