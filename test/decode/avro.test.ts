import avro from 'avsc';
import { describe, expect, test } from 'vitest';
import { AvroDecoder } from '../../src/decode/avro/avro-decoder.ts';
import type { RegisteredSchema } from '../../src/decode/avro/registered-schemas.ts';
import { WrongFormat } from '../../src/decode/topic-decoder.ts';
import { decodedTexts, type Message } from '../support/topic-messages.ts';

/** Messages in Avro, as serializers with a schema registry write them. */

const KEY = { type: 'record', name: 'Key', namespace: 'shop.public.orders', fields: [{ name: 'id', type: 'long' }] };
const VALUE = {
    type: 'record',
    name: 'Value',
    fields: [
        { name: 'id', type: 'long' },
        { name: 'note', type: ['null', 'string'], default: null },
        {
            name: 'total',
            type: [
                'null',
                {
                    type: 'bytes',
                    scale: 2,
                    precision: 20,
                    'connect.name': 'org.apache.kafka.connect.data.Decimal',
                    logicalType: 'decimal',
                },
            ],
        },
        { name: 'at', type: ['null', { type: 'long', 'connect.name': 'io.debezium.time.MicroTimestamp' }] },
    ],
};
const ENVELOPE = {
    type: 'record',
    name: 'Envelope',
    namespace: 'shop.public.orders',
    fields: [
        { name: 'before', type: ['null', VALUE] },
        { name: 'after', type: ['null', 'Value'] },
        {
            name: 'source',
            type: {
                type: 'record',
                name: 'Source',
                fields: [
                    { name: 'schema', type: 'string' },
                    { name: 'table', type: 'string' },
                    { name: 'txId', type: ['null', 'long'] },
                ],
            },
        },
        { name: 'op', type: 'string' },
    ],
};
const CUSTOMER = {
    type: 'record',
    name: 'Customer',
    fields: [
        { name: 'id', type: 'int' },
        { name: 'born', type: { type: 'int', logicalType: 'date' } },
        { name: 'tags', type: { type: 'array', items: 'string' } },
        { name: 'kind', type: { type: 'enum', name: 'Kind', symbols: ['A', 'B'] } },
    ],
};

const SCHEMAS: Readonly<Record<number, RegisteredSchema>> = {
    1: { kind: 'AVRO', text: JSON.stringify(KEY), references: [] },
    2: { kind: 'AVRO', text: JSON.stringify(ENVELOPE), references: [] },
    3: { kind: 'AVRO', text: JSON.stringify(CUSTOMER), references: [] },
    4: { kind: 'PROTOBUF', text: 'syntax = "proto3";', references: [] },
    5: {
        kind: 'AVRO',
        text: JSON.stringify({ type: 'record', name: 'Holder', fields: [{ name: 'customer', type: 'Customer' }] }),
        references: [JSON.stringify(CUSTOMER)],
    },
};

function wire(id: number, schema: object, value: object, references: readonly object[] = []): Buffer {
    const registry = {};
    for (const reference of references) {
        avro.Type.forSchema(reference as never, { registry });
    }
    const head = Buffer.alloc(5);
    head.writeUInt32BE(id, 1);
    return Buffer.concat([head, avro.Type.forSchema(schema as never, { registry }).toBuffer(value)]);
}

const decoder = (): AvroDecoder =>
    new AvroDecoder(
        { schema: (id) => SCHEMAS[id] ?? null },
        { schema: 'public', table: 'customers', key: ['id'] },
        () => undefined,
    );
const key = wire(1, KEY, { id: 7 });
const envelope = (op: string, after: object | null): Buffer =>
    wire(2, ENVELOPE, { before: null, after, source: { schema: 'public', table: 'orders', txId: 9 }, op });
const customer = { id: 3, born: 19_782, tags: ['x', 'y'], kind: 'B' };

interface Case {
    readonly name: string;
    readonly messages: readonly Message[];
    readonly texts: readonly string[];
}

const CASES: readonly Case[] = [
    {
        name: 'envelopes of Debezium',
        messages: [
            {
                key,
                value: envelope('c', {
                    id: 7,
                    note: 'x',
                    total: Buffer.from('04d2', 'hex'),
                    at: 1_709_208_000_500_000,
                }),
            },
            { key, value: envelope('u', { id: 7, note: '__debezium_unavailable_value', total: null, at: null }) },
            { key, value: envelope('d', null) },
        ],
        texts: [
            "insert public.orders {id: 7, note: 'x', total: '12.34', at: '2024-02-29 12:00:00.5'}",
            'update public.orders where {id: 7} {id: 7, total: null, at: null}',
            'delete public.orders where {id: 7}',
        ],
    },
    {
        name: 'a record is a row of the table of the topic; a null value deletes it',
        messages: [
            { key: '3', value: wire(3, CUSTOMER, customer) },
            { key: '3', value: null },
        ],
        texts: [
            `insert public.customers {id: 3, born: '2024-02-29', tags: '["x","y"]', kind: 'B'}`,
            'delete public.customers where {id: 3}',
        ],
    },
    {
        name: 'a schema that refers to another',
        messages: [
            {
                key: '3',
                value: wire(5, JSON.parse(SCHEMAS[5]?.text as string) as object, { customer }, [CUSTOMER]),
            },
        ],
        texts: [`insert public.customers {customer: '{"id":3,"born":19782,"tags":["x","y"],"kind":"B"}', id: '3'}`],
    },
    {
        name: 'what cannot be read is put aside',
        messages: [
            { value: wire(3, CUSTOMER, customer) },
            { value: Buffer.from([0, 0, 0, 0, 99, 2]) },
            { value: Buffer.from([0, 0, 0, 0, 4, 2]) },
            { value: Buffer.from([0, 0, 0, 0, 3]) },
            { value: 'text' },
        ],
        texts: [
            `insert public.customers {id: 3, born: '2024-02-29', tags: '["x","y"]', kind: 'B'}`,
            'reject unknown-schema',
            'reject unknown-schema',
            'reject not-avro',
            'reject not-avro',
        ],
    },
];

describe('messages in Avro', () => {
    test.each(CASES)('$name', ({ messages, texts }) => {
        expect(decodedTexts(decoder(), messages)).toEqual(texts);
    });

    test('whole numbers of 64 bits keep their digits', () => {
        const type = avro.Type.forSchema({ type: 'record', name: 'R', fields: [{ name: 'n', type: 'long' }] } as never);
        const bytes = Buffer.concat([Buffer.from([0, 0, 0, 0, 6]), type.toBuffer({ n: 2 })]);
        // 2^62 + 1 in zigzag: 2^63 + 2.
        const long = Buffer.concat([bytes.subarray(0, 5), Buffer.from('8280808080808080' + '8001', 'hex')]);
        const made = new AvroDecoder(
            { schema: () => ({ kind: 'AVRO', text: JSON.stringify(type.schema()), references: [] }) },
            { schema: 'public', table: 't', key: [] },
            () => undefined,
        );
        expect(decodedTexts(made, [{ value: long }])).toEqual([`insert public.t {n: ${2n ** 62n + 1n}}`]);
    });

    test('JSON is said once', () => {
        expect(() => decodedTexts(decoder(), [{ value: '{"id":1}' }])).toThrow(WrongFormat);
    });
});
