import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ConnectType } from '../../src/decode/connect-type.ts';
import { connectValue, decimalText } from '../../src/decode/connect-value.ts';
import { JsonEnvelopeDecoder } from '../../src/decode/debezium/json-envelope-decoder.ts';
import { WrongFormat } from '../../src/decode/topic-decoder.ts';
import { decodedTexts, type Message } from '../support/topic-messages.ts';

/** Envelopes in JSON, as Debezium's connector for PostgreSQL writes them. */

const source = { connector: 'postgresql', schema: 'public', table: 'orders', txId: 771, lsn: 24_023_128 };
const plain = (op: string, before: object | null, after: object | null): string =>
    JSON.stringify({ before, after, source, op, ts_ms: 1 });

const ROW = [
    { type: 'int64', optional: false, field: 'id' },
    { type: 'string', optional: true, field: 'note' },
    {
        type: 'bytes',
        optional: true,
        name: 'org.apache.kafka.connect.data.Decimal',
        version: 1,
        parameters: { scale: '2', 'connect.decimal.precision': '20' },
        field: 'total',
    },
    { type: 'struct', name: 'io.debezium.data.VariableScaleDecimal', optional: true, field: 'free' },
    { type: 'int64', name: 'io.debezium.time.MicroTimestamp', optional: true, field: 'at' },
    { type: 'int32', name: 'io.debezium.time.Date', optional: true, field: 'day' },
    { type: 'string', name: 'io.debezium.data.Json', optional: true, field: 'doc' },
    { type: 'boolean', optional: true, field: 'paid' },
];
const struct = (field: string) => ({
    type: 'struct',
    fields: ROW,
    optional: true,
    name: 'shop.public.orders.Value',
    field,
});
const SCHEMA = {
    type: 'struct',
    fields: [struct('before'), struct('after'), { type: 'string', optional: false, field: 'op' }],
    optional: false,
    name: 'shop.public.orders.Envelope',
};
const wrapped = (op: string, before: object | null, after: object | null): string =>
    JSON.stringify({ schema: SCHEMA, payload: { before, after, source, op, ts_ms: 1 } });
const wrappedKey = JSON.stringify({
    schema: { type: 'struct', fields: [{ type: 'int64', optional: false, field: 'id' }], optional: false },
    payload: { id: 7 },
});

interface Case {
    readonly name: string;
    readonly messages: readonly Message[];
    readonly texts: readonly string[];
}

const CASES: readonly Case[] = [
    {
        name: 'created, read, updated, deleted, emptied; the tombstone is no second delete',
        messages: [
            { key: '{"id":1}', value: plain('c', null, { id: 1, note: 'a' }) },
            { key: '{"id":2}', value: plain('r', null, { id: 2, note: null }) },
            { key: '{"id":1}', value: plain('u', null, { id: 1, note: 'b' }) },
            { key: '{"id":1}', value: plain('d', { id: 1, note: null }, null) },
            { key: '{"id":1}', value: null },
            { value: plain('t', null, null) },
        ],
        texts: [
            "insert public.orders {id: 1, note: 'a'}",
            'insert public.orders {id: 2, note: null}',
            "update public.orders where {id: 1} {id: 1, note: 'b'}",
            'delete public.orders where {id: 1}',
            'truncate public.orders',
        ],
    },
    {
        name: 'an unavailable value is absent, in all its forms',
        messages: [
            {
                key: '{"id":1}',
                value: plain('u', null, {
                    id: 1,
                    note: '__debezium_unavailable_value',
                    tags: ['__debezium_unavailable_value'],
                    other: 'x',
                }),
            },
        ],
        texts: ["update public.orders where {id: 1} {id: 1, other: 'x'}"],
    },
    {
        name: 'a table without a key is named by the whole row before',
        messages: [{ value: plain('d', { a: 1, b: 'x' }, null) }, { value: plain('d', null, null) }],
        texts: ["delete public.orders where {a: 1, b: 'x'}", 'reject no-key'],
    },
    {
        name: 'with its schema: exact decimals, moments as PostgreSQL writes them',
        messages: [
            {
                key: wrappedKey,
                value: wrapped('c', null, {
                    id: 7,
                    note: 'x',
                    total: Buffer.from('04d2', 'hex').toString('base64'),
                    free: { scale: 3, value: Buffer.from('fb2e', 'hex').toString('base64') },
                    at: 1_709_208_000_500_000,
                    day: 19_782,
                    doc: '{"a": 1}',
                    paid: true,
                }),
            },
        ],
        texts: [
            `insert public.orders {id: 7, note: 'x', total: '12.34', free: '-1.234', at: '2024-02-29 12:00:00.5', day: '2024-02-29', doc: '{"a": 1}', paid: 1}`,
        ],
    },
    {
        name: 'whole numbers above 2^53, and decimals, keep their digits without a schema',
        messages: [
            {
                key: '{"id":9007199254740993}',
                value: plain('c', null, { id: 1 }).replace(
                    '{"id":1}',
                    '{"id":9007199254740993,"d":12345678901234567890.12}',
                ),
            },
        ],
        texts: ["insert public.orders {id: 9007199254740993, d: '12345678901234567890.12'}"],
    },
    {
        name: 'what is wrong is put aside, and the next message lands',
        messages: [
            { key: '{"id":1}', value: plain('c', null, { id: 1 }) },
            { value: '{"op":"c"' },
            { value: plain('x', null, { id: 1 }) },
            { value: JSON.stringify({ ts_ms: 1 }) },
            { key: wrappedKey, value: wrapped('c', null, { id: 'seven' }) },
            { value: Buffer.from('{"op":"\xff"}', 'latin1') },
            { key: '{"id":3}', value: plain('c', null, { id: 3 }) },
        ],
        texts: [
            'insert public.orders {id: 1}',
            'reject not-json',
            'reject unknown-action',
            'reject missing-field',
            'reject value-does-not-fit',
            'reject not-utf8',
            'insert public.orders {id: 3}',
        ],
    },
];

describe('envelopes of Debezium in JSON', () => {
    test.each(CASES)('$name', ({ messages, texts }) => {
        expect(decodedTexts(new JsonEnvelopeDecoder(() => undefined), messages)).toEqual(texts);
    });

    test('rows and Avro are said once, not put aside one by one', () => {
        const decode = (value: string | Buffer) => () =>
            decodedTexts(new JsonEnvelopeDecoder(() => undefined), [{ value }]);
        expect(decode('{"id":1}')).toThrow(WrongFormat);
        expect(decode(Buffer.from([0, 0, 0, 0, 9, 2, 4]))).toThrow(WrongFormat);
    });
});

const ofName = (name: string, scale: number | null = null): ConnectType => ({
    kind: 'int64',
    name,
    scale,
    precision: null,
});

describe('values of Kafka Connect', () => {
    test('a moment is the one that JavaScript reckons, of every year that it knows', () => {
        fc.assert(
            fc.property(fc.integer({ min: -62_135_596_800_000, max: 253_402_300_799_999 }), (ms) => {
                const text = connectValue(ms, ofName('io.debezium.time.Timestamp'), 'at');
                const iso = new Date(ms).toISOString().replace('T', ' ').replace('Z', '');
                expect(text).toBe(
                    iso.replace(/\.?0+$/, (zeros) => (zeros.startsWith('.') ? '' : zeros)).replace(/(\.\d*?)0+$/, '$1'),
                );
            }),
        );
    });

    // `select date '1970-01-01' - 735577` in PostgreSQL.
    test('before our era', () => {
        expect(connectValue(-735_577, ofName('io.debezium.time.Date'), 'd')).toBe('0045-01-23 BC');
    });

    test('a decimal is its bytes as a number, at every scale', () => {
        fc.assert(
            fc.property(
                fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }),
                fc.integer({ min: 0, max: 12 }),
                (number, scale) => {
                    const negative = number < 0n;
                    const length = (number < 0n ? -number : number).toString(16).length / 2 + 1;
                    const bytes = Buffer.from(
                        BigInt.asUintN(Math.ceil(length) * 8, number)
                            .toString(16)
                            .padStart(Math.ceil(length) * 2, negative ? 'f' : '0'),
                        'hex',
                    );
                    const type = ofName('org.apache.kafka.connect.data.Decimal', scale);
                    expect(connectValue(bytes.toString('base64'), type, 'n')).toBe(decimalText(number, scale));
                    expect(connectValue(bytes, type, 'n')).toBe(decimalText(number, scale));
                    expect(BigInt(decimalText(number, scale).replace('.', ''))).toBe(number);
                },
            ),
        );
    });
});
