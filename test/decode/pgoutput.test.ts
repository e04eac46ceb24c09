import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import type { SqlValue, StreamChange, StreamEvent } from '../../src/core/stream-event.ts';
import { CopyDecoder } from '../../src/decode/pgoutput/copy-decoder.ts';
import { PgoutputDecoder } from '../../src/decode/pgoutput/pgoutput-decoder.ts';
import { UnknownMessage } from '../../src/decode/pgoutput/unknown-message.ts';
import { propertyRuns } from '../support/properties.ts';
import * as write from './pgoutput-messages.ts';

/** A type as the catalogue names it, texts of its values, and what SQLite is to store of one. */
interface TypeCase {
    readonly type: string;
    readonly texts: fc.Arbitrary<string>;
    readonly stored: (text: string) => SqlValue;
}

const same = (text: string): SqlValue => text;
const anyText = fc.string({ unit: 'binary', maxLength: 12 }).map((text) => text.toWellFormed().replaceAll('\0', ''));
const wholeNumber = (text: string): SqlValue => (Number.isSafeInteger(Number(text)) ? Number(text) : BigInt(text));
const TYPES: readonly TypeCase[] = [
    { type: 'integer', texts: fc.maxSafeInteger().map(String), stored: wholeNumber },
    { type: 'bigint', texts: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String), stored: wholeNumber },
    {
        type: 'double precision',
        texts: fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
        stored: Number,
    },
    { type: 'double precision', texts: fc.constantFrom('NaN', 'Infinity', '-Infinity'), stored: same },
    { type: 'numeric(10,2)', texts: fc.integer().map((cents) => (cents / 100).toFixed(2)), stored: Number },
    { type: 'numeric', texts: fc.bigInt().map(String), stored: same },
    { type: 'boolean', texts: fc.constantFrom('t', 'f'), stored: (text) => (text === 't' ? 1 : 0) },
    {
        type: 'bytea',
        texts: fc.uint8Array({ maxLength: 9 }).map((bytes) => `\\x${Buffer.from(bytes).toString('hex')}`),
        stored: (text) => text.slice(2),
    },
    { type: 'text', texts: anyText, stored: same },
    { type: 'mood[]', texts: anyText, stored: same },
];

const OID = 16_385;

interface Table {
    readonly columns: readonly TypeCase[];
    readonly keys: readonly boolean[];
    readonly rows: readonly (readonly (string | null)[])[];
}

const tables: fc.Arbitrary<Table> = fc
    .array(fc.record({ column: fc.constantFrom(...TYPES), isKey: fc.boolean() }), { minLength: 1, maxLength: 6 })
    .chain((columns) =>
        fc.record({
            columns: fc.constant(columns.map(({ column }) => column)),
            // A key there is, or the old row is all of it.
            keys: fc.constant(columns.map(({ isKey }, place) => isKey || place === 0)),
            rows: fc.array(fc.tuple(...columns.map(({ column }) => fc.option(column.texts, { freq: 5 }))), {
                minLength: 1,
                maxLength: 4,
            }),
        }),
    );

const names = (table: Table): string[] => table.columns.map((_, place) => `column ${place}`);
const stored = (table: Table, row: readonly (string | null)[]): SqlValue[] =>
    row.map((text, place) => (text === null ? null : (table.columns[place] as TypeCase).stored(text)));

function described(table: Table): write.WrittenRelation {
    const columns = names(table).map((name, place) => ({ name, isKey: table.keys[place] as boolean, typeOid: 25 }));
    return { oid: OID, schema: 'public', table: 'things', identity: 'd', columns };
}

function decoderOf(table: Table): { decoder: PgoutputDecoder; events: StreamEvent[]; take: (bytes: Buffer) => void } {
    const decoder = new PgoutputDecoder();
    const events: StreamEvent[] = [];
    const types = table.columns.map(({ type }) => type);
    decoder.learn({ oid: OID, types, primaryKey: null, newNames: {} });
    const take = (bytes: Buffer): void => decoder.decode(write.placed(bytes), (event) => events.push(copied(event)));
    take(write.relation(described(table)));
    return { decoder, events, take };
}

/** An event is good during the call alone. */
function copied(event: StreamEvent): StreamEvent {
    if (event.kind !== 'change') {
        return { ...event };
    }
    const { shape, values, old } = event;
    return { kind: 'change', shape, values: [...values], old: [...old] } as unknown as StreamEvent;
}

const changes = (events: readonly StreamEvent[]): StreamChange[] =>
    events.filter((event) => event.kind === 'change') as StreamChange[];

/** Every message about a table's rows. */
function messages(table: Table): Buffer[] {
    const rows = table.rows.flatMap((row) => {
        const key = row.map((text, place) => (table.keys[place] ? text : null));
        const partly = row.map((text, place) =>
            place === row.length - 1 && !table.keys[place] ? write.UNCHANGED : text,
        );
        return [
            write.insert(OID, row),
            write.update(OID, null, partly),
            write.update(OID, { kind: 'K', row: key }, row),
            write.update(OID, { kind: 'O', row }, partly),
            write.remove(OID, { kind: 'K', row: key }),
            write.remove(OID, { kind: 'O', row }),
        ];
    });
    return [
        write.begin(4_096n, 7),
        ...rows,
        write.truncate([OID]),
        write.logicalMessage(true, 'a prefix', Buffer.from('content')),
        write.commit(8_192n),
    ];
}

describe('pgoutput', () => {
    it('gives every row as it was written', () => {
        fc.assert(
            fc.property(tables, (table) => {
                const { events, take } = decoderOf(table);
                for (const message of messages(table)) {
                    take(message);
                }
                const wanted = table.rows.flatMap((row) => {
                    const values = stored(table, row);
                    const key = values.filter((_, place) => table.keys[place]);
                    const partly = table.keys.at(-1) === true ? values : values.slice(0, -1);
                    return [
                        { op: 'insert', values, old: [] },
                        { op: 'update', values: partly, old: [] },
                        { op: 'update', values, old: key },
                        { op: 'update', values: partly, old: values },
                        { op: 'delete', values: [], old: key },
                        { op: 'delete', values: [], old: values },
                    ];
                });
                const got = changes(events).map(({ shape, values, old }) => ({ op: shape.op, values, old }));
                expect(got).toEqual([...wanted, { op: 'truncate', values: [], old: [] }]);
                for (const { shape, values, old } of changes(events)) {
                    expect([shape.columns.length, shape.oldColumns.length]).toEqual([values.length, old.length]);
                }
                expect(events.at(-2)).toMatchObject({ kind: 'commit', position: '0/2000', xid: '7' });
            }),
            propertyRuns(200),
        );
    });

    it('refuses a message that is cut anywhere, or has bytes too many, and gives nothing of it', () => {
        fc.assert(
            fc.property(tables, fc.nat(), fc.nat(), (table, which, cut) => {
                const all = [write.relation(described(table)), ...messages(table)];
                const message = all[which % all.length] as Buffer;
                for (const bytes of [
                    message.subarray(0, 1 + (cut % (message.length - 1))),
                    Buffer.concat([message, Buffer.alloc(1)]),
                ]) {
                    const { events, take } = decoderOf(table);
                    expect(() => take(bytes)).toThrow(UnknownMessage);
                    expect(events).toEqual([]);
                }
            }),
            propertyRuns(300),
        );
    });

    it('takes damaged bytes for other values or refuses them: it never fails in another way', () => {
        const damages = fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { minLength: 1, maxLength: 4 });
        fc.assert(
            fc.property(tables, fc.nat(), damages, (table, which, list) => {
                const all = [write.relation(described(table)), ...messages(table)];
                const message = Buffer.from(all[which % all.length] as Buffer);
                for (const [at, byte] of list) {
                    message[at % message.length] = byte;
                }
                const { decoder } = decoderOf(table);
                try {
                    // A value's text is read where it is stored.
                    decoder.decode(write.placed(message), () => undefined);
                } catch (error) {
                    expect(error).toBeInstanceOf(UnknownMessage);
                }
            }),
            propertyRuns(500),
        );
    });

    const plain: Table = { columns: [TYPES[8] as TypeCase], keys: [true], rows: [['x']] };
    test.each([
        ['a change of a relation that was not named', () => write.insert(OID + 1, ['x'])],
        ['a row with other columns than its relation', () => write.insert(OID, ['x', 'y'])],
        ['an old row that leaves a value out', () => write.remove(OID, { kind: 'K', row: [write.UNCHANGED] })],
        [
            'an insert with an old row',
            () => Buffer.from(write.insert(OID, ['x']).toString('latin1').replace('N', 'K'), 'latin1'),
        ],
        ['a kind that protocol 1 does not know', () => Buffer.from('Stream')],
        ['no bytes', () => Buffer.alloc(0)],
    ])('refuses %s', (_, message) => {
        const { events, take } = decoderOf(plain);
        expect(() => take(message())).toThrow(UnknownMessage);
        expect(events).toEqual([]);
    });

    test.each([
        ['text', Buffer.from('wörds'), 'wörds'],
        ['bytes that are no UTF-8', Buffer.from([0xff, 0x00, 0x41]), '\\xff0041'],
        ['a zero byte', Buffer.from('a\0b'), '\\x610062'],
    ])('gives the content of a message: %s', (_, content, wanted) => {
        const { events, take } = decoderOf(plain);
        take(write.logicalMessage(false, 'p', content));
        expect(events[0]).toMatchObject({
            kind: 'message',
            prefix: 'p',
            content: wanted,
            transactional: false,
            xid: null,
        });
        expect(events[1]).toMatchObject({ kind: 'recordEnd', inTransaction: false });
    });
});

describe('rows of a copy', () => {
    function copying(table: Table): { decoder: CopyDecoder; events: StreamEvent[]; take: (bytes: Buffer) => void } {
        const { schema, table: name } = described(table);
        const types = table.columns.map(({ type }) => type);
        const keyPlaces = table.keys.flatMap((isKey, place) => (isKey ? [place] : []));
        const columns = { schema, table: name, names: names(table), types, keyPlaces, primaryKey: null };
        const decoder = new CopyDecoder({ ...columns, replicaIdentity: 'd' }, '0/1000', () => undefined);
        const events: StreamEvent[] = [];
        return { decoder, events, take: (bytes) => decoder.decode(bytes, (event) => events.push(copied(event))) };
    }

    it('are the rows of a stream', () => {
        fc.assert(
            fc.property(tables, (table) => {
                const streamed = decoderOf(table);
                for (const row of table.rows) {
                    streamed.take(write.insert(OID, row));
                }
                const copy = copying(table);
                copy.take(Buffer.concat(table.rows.map(write.copyRow)));
                expect(changes(copy.events).map(({ values }) => values)).toEqual(
                    changes(streamed.events).map(({ values }) => values),
                );
                expect(changes(copy.events).map(({ values }) => values)).toEqual(
                    table.rows.map((row) => stored(table, row)),
                );
                expect(copy.decoder.rows).toBe(table.rows.length);
            }),
            propertyRuns(300),
        );
    });

    it('are refused where they are cut, or have other columns', () => {
        fc.assert(
            fc.property(tables, fc.nat(), (table, cut) => {
                const row = write.copyRow(table.rows[0] as (string | null)[]);
                const wrong = [
                    row.subarray(0, cut % row.length),
                    Buffer.concat([row.subarray(0, -1), Buffer.from('\tmore\n')]),
                    Buffer.from(`${row.subarray(0, -1).toString('latin1')}\\\n`, 'latin1'),
                ].filter((bytes) => bytes.length > 0);
                for (const bytes of wrong) {
                    const { events, take } = copying(table);
                    expect(() => take(bytes)).toThrow(UnknownMessage);
                    expect(changes(events)).toEqual([]);
                }
            }),
            propertyRuns(300),
        );
    });
});
