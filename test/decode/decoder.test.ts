import { describe, expect, it } from 'vitest';

import type { Decoded } from '../../src/change.ts';
import { changesOf, decodeAll, reasonsOf, rowsOf } from './decode-all.ts';

/** A format-1 insert of one column. */
const insert = (value: string, type: string | null = 'text'): string =>
    `{"kind":"insert","schema":"public","table":"t","columnnames":["v"],${type === null ? '' : `"columntypes":[${JSON.stringify(type)}],`}"columnvalues":[${value}]}`;
const record = (...changes: string[]): string => `{"change":[${changes.join(',')}]}\n`;

/** The same as a record of format 2. */
const insert2 = (value: string, type: string | null = 'text'): string =>
    `{"action":"I","schema":"public","table":"t","columns":[{"name":"v",${type === null ? '' : `"type":${JSON.stringify(type)},`}"value":${value}}]}\n`;

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
        ['numeric(12,2)', '"NaN"', null],
        ['double precision', '"NaN"', null],
        ['double precision', '"Infinity"', null],
        ['real', '"-Infinity"', null],
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
        [null, '5', 5n],
        [null, '9223372036854775807', 9223372036854775807n],
        [null, '9223372036854775808', '9223372036854775808'],
        [null, '5.00', '5.00'],
        [null, '1e2', '1e2'],
        [null, 'true', 1n],
        [null, '"5"', '5'],
    ];
    it.each(cases)('%s %s', (type, json, value) => {
        const decoded = [decodeAll(record(insert(json, type))), decodeAll(insert2(json, type))];
        for (const one of decoded) expect(rowsOf(one.decoded)).toEqual([{ v: value }]);
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
        ['text', '"\\ud800"', 'lone-surrogate'],
        [null, '"\\udc00x"', 'lone-surrogate'],
        ['text', '01', 'not-json'],
        ['text', '"\\x"', 'not-json'],
    ];
    it.each(cases)('%s %s', (type, json, reason) => {
        const sound = insert('null', type);
        const { decoded } = decodeAll(record(sound, insert(json, type), sound));
        expect(decoded.map((one) => one.kind)).toEqual(['begin', 'row', 'reject', 'row', 'commit', 'recordEnd']);
        const reject = decoded[2] as Extract<Decoded, { kind: 'reject' }>;
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
        expect(decoded.map((one) => one.kind)).toEqual(['begin', 'row', 'reject', 'commit', 'recordEnd']);
    });
});

describe('wal2json format 1, as captured', () => {
    it('insert, update with its old key, delete, in a transaction with its place', () => {
        const source = `{"xid":735,"nextlsn":"0/1555248","timestamp":"2026-11-20 16:37:13.31477+00","change":[
            {"kind":"update","schema":"S 1","table":"t","columnnames":["id","b"],"columntypes":["integer","text"],"columnvalues":[2,"x"],"pk":{"pknames":["id"],"pktypes":["integer"]},"oldkeys":{"keynames":["id"],"keytypes":["integer"],"keyvalues":[1]}},
            {"kind":"delete","schema":"S 1","table":"t","pk":{"pknames":["id"],"pktypes":[]},"oldkeys":{"keynames":["id"],"keytypes":["integer"],"keyvalues":[2]}}]}`;
        const { decoded } = decodeAll(source);
        const place = { xid: '735', position: '0/1555248', committedAt: '2026-11-20 16:37:13.31477+00', record: 1 };
        expect(decoded[0]).toEqual({ kind: 'begin', ...place, offset: 0, streamed: false });
        expect(decoded[1]).toMatchObject({
            kind: 'row',
            values: [2, 'x'],
            old: [1],
            lsn: null,
            xid: '735',
            record: 1,
            change: 1,
            shape: {
                op: 'update',
                schema: 'S 1',
                table: 't',
                primaryKey: ['id'],
                columns: [
                    { name: 'id', type: 'integer' },
                    { name: 'b', type: 'text' },
                ],
                oldColumns: [{ name: 'id', type: 'integer' }],
            },
        });
        expect(decoded[2]).toMatchObject({ values: [], old: [2], change: 2, shape: { op: 'delete', columns: [] } });
        expect(decoded[3]).toEqual({ kind: 'commit', ...place, offset: source.length });
        expect(decoded[4]).toEqual({ kind: 'recordEnd', record: 1, offset: source.length, inTransaction: false });
    });

    it('members behind the list count at the commit', () => {
        const { decoded } = decodeAll('{"change":[],"nextlsn":"0/2","xid":7}');
        expect(decoded[0]).toMatchObject({ xid: null, position: null });
        expect(decoded[1]).toMatchObject({ kind: 'commit', xid: '7', position: '0/2' });
    });

    it('messages, transactional and not', () => {
        const { decoded } = decodeAll(
            '{"change":[{"kind":"message","transactional":false,"prefix":"pre","content":"a \\"b\\""}]}\n',
        );
        expect(decoded[1]).toMatchObject({ kind: 'message', prefix: 'pre', content: 'a "b"', transactional: false });
    });

    it.each(['"S1"."Mood"', '"S1".mood', '"S 1"."Ü.x"'])('the type %s of a quoted schema is repaired', (type) => {
        const change = insert('"a"').replace('"columntypes":["text"]', `"columntypes":[${type}]`);
        const { decoded } = decodeAll(record(change).repeat(2));
        for (const row of [decoded[1], decoded[5]]) {
            expect(row).toMatchObject({ kind: 'row', shape: { columns: [{ name: 'v', type }] }, values: ['a'] });
        }
        const { decoded: second } = decodeAll(insert2('"a"').replace('"type":"text"', `"type":${type}`));
        expect(second[0]).toMatchObject({ kind: 'row', shape: { columns: [{ name: 'v', type }] }, values: ['a'] });
    });

    it.each([
        ['a full stop for a comma between values', insert('"a","b"').replace('"a","b"', '"a"."b"')],
        ['a full stop for a comma between names', insert('"a"').replace('["v"]', '["v"."w"]')],
        ['a type with a quote in its name', insert('"a"').replace('["text"]', '["S1"."a""b"]')],
    ])('%s is not repaired', (_, change) => {
        const { decoded } = decodeAll(record(insert('"1"'), change));
        expect(reasonsOf(decoded)).toEqual(['not-json']);
        expect(rowsOf(decoded)).toEqual([{ v: '1' }]);
    });

    it('the same head gives the same shape', () => {
        const shapes = decodeAll(record(insert('"1"'), insert('"2"')).repeat(2)).decoded.flatMap((one) =>
            one.kind === 'row' ? [one.shape] : [],
        );
        expect(shapes).toHaveLength(4);
        expect(new Set(shapes.map((shape) => JSON.stringify(shape))).size).toBe(1);
    });
});

describe('wal2json format 2, as captured', () => {
    const begin =
        '{"action":"B","xid":735,"timestamp":"2026-11-20 16:37:13.31477+00","lsn":"0/1555218","nextlsn":"0/1555248"}\n';
    const commit = begin.replace('"B"', '"C"');
    const update =
        '{"action":"U","xid":735,"lsn":"0/1555040","schema":"public","table":"t","columns":[{"name":"id","type":"integer","value":2},{"name":"b","type":"text","value":null}],"identity":[{"name":"id","type":"integer","value":1}],"pk":[{"name":"id","type":"integer"}]}\n';

    it('a transaction', () => {
        const { decoded } = decodeAll(begin + update + commit);
        const place = { xid: '735', position: '0/1555248', committedAt: '2026-11-20 16:37:13.31477+00' };
        expect(decoded[0]).toEqual({ kind: 'begin', ...place, record: 1, offset: 0, streamed: true });
        expect(decoded[1]).toEqual({ kind: 'recordEnd', record: 1, offset: begin.length - 1, inTransaction: true });
        expect(decoded[2]).toMatchObject({
            values: [2, null],
            old: [1],
            lsn: '0/1555040',
            xid: '735',
            record: 2,
            change: 1,
            offset: begin.length,
            shape: { op: 'update', primaryKey: ['id'], oldColumns: [{ name: 'id', type: 'integer' }] },
        });
        expect(decoded[4]).toMatchObject({ kind: 'commit', ...place, record: 3 });
        expect(decoded[5]).toMatchObject({ kind: 'recordEnd', inTransaction: false });
    });

    it('truncate, one object a table, delete, and messages', () => {
        const source =
            '{"action":"T","schema":"public","table":"t"}\n{"action":"D","schema":"public","table":"t","identity":[{"name":"id","value":2}],"pk":[]}\n' +
            '{"action":"M","xid":null,"timestamp":null,"lsn":"0/1556E50","transactional":false,"prefix":"pre","content":"c"}\n';
        const { decoded } = decodeAll(source);
        expect(decoded[0]).toMatchObject({ shape: { op: 'truncate', columns: [], primaryKey: null }, xid: null });
        expect(decoded[2]).toMatchObject({ shape: { op: 'delete', primaryKey: [] }, old: [2n] });
        expect(decoded[4]).toMatchObject({ kind: 'message', lsn: '0/1556E50', xid: null });
    });

    it('a transaction that never ends is undone by the next', () => {
        const { decoded } = decodeAll(`${begin + update}{"action":"U","schema${begin}${update}${commit}`);
        expect(reasonsOf(decoded)).toEqual(['not-json', 'transaction-not-ended']);
        const torn = decoded.findIndex((one) => one.kind === 'reject' && one.torn);
        expect(decoded[torn]).toMatchObject({
            record: 3,
            xid: '735',
            reject: { offset: 0, length: begin.length + update.length + 21 },
        });
        expect(decoded[torn + 1]).toMatchObject({ kind: 'begin', record: 4 });
    });

    it('format 1 and format 2 give the same change', () => {
        const one = record(insert('9007199254740993', 'bigint'));
        expect(changesOf(decodeAll(one).decoded)).toEqual(
            changesOf(decodeAll(insert2('9007199254740993', 'bigint')).decoded),
        );
    });
});

it('a torn record of any length is told once, and batches are passed on', () => {
    const { decoded } = decodeAll(`[[{"change":[{"kind":${record(insert('"1"'))}]]`);
    expect(decoded.map((one) => one.kind)).toEqual([
        'reject',
        'recordEnd',
        'begin',
        'row',
        'commit',
        'recordEnd',
        'batch',
    ]);
});
