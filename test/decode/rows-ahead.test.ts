import fc from 'fast-check';
import { expect, it } from 'vitest';
import { RunPacker, unpackedRun } from '../../src/capture/kafka/packed-runs.ts';
import type { StreamEvent } from '../../src/core/stream-event.ts';
import { keyOf, type TopicRecord } from '../../src/core/topic-record.ts';
import { KeyedRowDecoder } from '../../src/decode/rows/keyed-row-decoder.ts';
import { RowsAhead } from '../../src/decode/rows/rows-ahead.ts';
import { headersJson } from '../../src/decode/topic-headers.ts';
import { type DeclaredSource, undeclaredSource } from '../../src/project/declared-source.ts';
import { SOURCE } from '../support/json-rows.ts';
import { propertyRuns } from '../support/properties.ts';
import { topicRecord } from '../support/topic-messages.ts';

/** Messages that a thread has packed, and whose rows it has scanned, are what they were. */

/** As they come out of the thread. */
function handedOver(records: readonly TopicRecord[], ahead: RowsAhead | null): readonly TopicRecord[] {
    const packer = new RunPacker();
    const last = records.at(-1)?.timestamp ?? null;
    packer.pack({ records, recordTime: last, nextOffset: 2 ** 40, leaderEpoch: 7 }, ahead);
    // In memory that begins where theirs does not.
    const memory = Buffer.from(new SharedArrayBuffer(packer.length + 64));
    packer.bytes.copy(memory, 32, 0, packer.length);
    const run = unpackedRun(memory.subarray(32, 32 + packer.length));
    expect({ ...run, records: run.records.length }).toEqual({
        records: records.length,
        recordTime: last,
        nextOffset: 2 ** 40,
        leaderEpoch: 7,
    });
    return [...run.records].length === records.length ? ([...copies(run.records)] as const) : [];
}

/** One object is used for all of them. */
function* copies(records: Iterable<TopicRecord>): Generator<TopicRecord> {
    for (const record of records) {
        yield { ...record, source: record.source };
    }
}

const bytes = fc.uint8Array({ maxLength: 20 }).map((array) => Buffer.from(array));
const message = fc.record({ key: fc.option(bytes), value: fc.option(bytes), offset: fc.nat({ max: 2 ** 40 }) });

it('keep their offset, time, key, value and headers', () => {
    fc.assert(
        fc.property(fc.array(message), fc.boolean(), (messages, isScanned) => {
            const records = messages.map(({ offset, ...one }, index) => ({
                ...withHeader(topicRecord(one, offset)),
                timestamp: 1_700_000_000_000 + index,
            }));
            const ahead = isScanned ? new RowsAhead({ source: SOURCE, columns: SOURCE.columns }) : null;
            expect(handedOver(records, ahead).map(textOf)).toEqual(records.map(textOf));
        }),
        propertyRuns(300),
    );
});

const KEYED: DeclaredSource = {
    ...undeclaredSource('t'),
    columns: [
        { name: 'id', type: 'integer', required: false },
        { name: 'note', type: 'text', required: false },
        { name: 'amount', type: 'numeric', required: false },
    ],
    key: ['id'],
};
const ODD = ['null', '"\\n"', '[1]', 'x', '-0', '1.', '"1"'];
const TEXTS = ['"a"', '"long enough to be copied by a call, or is it"', '"ä"', '""', '7'];
const NUMBERS = ['1', '-25', '1.50', '1e5', '123456789012345678901234567890'];
const oneOf = (usual: readonly string[]) =>
    fc.oneof({ weight: 12, arbitrary: fc.constantFrom(...usual) }, { weight: 1, arbitrary: fc.constantFrom(...ODD) });
const FORMS = [['id', 'note', 'amount'], ['amount', 'id'], ['id', 'note', 'extra'], ['note', 'more', 'id'], ['note']];
/** Rows of the same members in the same order; they may lack the key, or bring columns. */
const alike = fc
    .tuple(
        fc.constantFrom(...FORMS),
        fc.array(fc.record({ note: oneOf(TEXTS), amount: oneOf(NUMBERS), other: oneOf(TEXTS) }), { maxLength: 8 }),
    )
    .map(([names, rows]) =>
        rows.map(({ note, amount, other }, id) => {
            const values: Readonly<Record<string, string>> = { id: String(id), note, amount };
            return `{${names.map((name) => `"${name}":${values[name] ?? other}`).join(',')}}`;
        }),
    );

it('are decoded as if nothing had been scanned before, whatever columns the thread knew', () => {
    let scanned = 0;
    fc.assert(
        fc.property(fc.array(alike, { maxLength: 5 }), fc.boolean(), (runs, hears) => {
            const [plain, fed] = [new KeyedRowDecoder(KEYED, []), new KeyedRowDecoder(KEYED, [])];
            let ahead = new RowsAhead({ source: KEYED, columns: [...fed.columns] });
            for (const texts of runs) {
                const records = texts.map((text, offset) => topicRecord({ key: '7', value: text }, offset));
                const given = handedOver(records, ahead);
                scanned += given.filter((record) => record.ahead !== null).length;
                const said = given.map((record) => decoded(fed, record));
                expect(said).toEqual(records.map((record) => decoded(plain, record)));
                // It hears of new columns, but not before it has scanned others; or never.
                const isBehind = hears && ahead.columns !== fed.columns.length;
                ahead = isBehind ? new RowsAhead({ source: KEYED, columns: [...fed.columns] }) : ahead;
            }
        }),
        propertyRuns(1_000),
    );
    expect(scanned).toBeGreaterThan(1_000);
});

it('rows that are written alike need no scan any more', () => {
    const source = { ...SOURCE, key: ['integer_'] };
    const ahead = new RowsAhead({ source, columns: source.columns });
    const texts = [
        '{"integer_":1}',
        '{"integer_":2}',
        '{"integer_":3,"other":1}',
        '{"text_":"a"}',
        '[1]',
        '',
        'x',
        '{',
    ];
    const records = [...texts, ...texts].map((value, offset) => topicRecord({ value }, offset));
    const isAhead = handedOver(records, ahead).map((record) => record.ahead !== null);
    const known = [true, true, ...texts.slice(2).map(() => false)];
    expect(isAhead).toEqual([false, ...known.slice(1), ...known]);
});

function withHeader(record: TopicRecord): TopicRecord {
    const header = Buffer.from([4, 0x68, 0x68, 2, 0x76]);
    const source = Buffer.concat([record.source, header]);
    return { ...record, source, headersStart: record.end, headers: 1, end: source.length };
}

function textOf(record: TopicRecord): unknown {
    const { offset, timestamp, source, valueStart, valueEnd } = record;
    const value = valueStart < 0 ? null : source.toString('hex', valueStart, valueEnd);
    return [offset, timestamp, keyOf(record)?.toString('hex') ?? null, value, headersJson(record)];
}

function decoded(decoder: KeyedRowDecoder, record: TopicRecord): readonly unknown[] {
    const said: unknown[] = [];
    const emit = (event: StreamEvent): void => {
        if (event.kind === 'change') {
            const { shape, values, old } = event;
            said.push([shape.op, shape.columns.map(({ name }) => name), [...values], [...old], event.record]);
        } else if (event.kind === 'reject') {
            said.push([event.reject.reason, event.reject.detail]);
        }
    };
    try {
        decoder.decode(record, emit);
    } catch (error) {
        said.push(String(error));
    }
    return said;
}
