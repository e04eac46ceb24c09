import { createHash } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EltError } from '../../src/core/errors.ts';
import { type SampleOptions, samplePayments } from '../../src/sample/payments/payments.ts';
import { SAMPLES } from '../../src/sample/samples.ts';
import { propertyRuns } from '../support/properties.ts';
import { metricsOf, type Tables } from './payments-metrics.ts';

interface Insert {
    readonly kind: string;
    readonly schema: string;
    readonly table: string;
    readonly columnnames: readonly string[];
    readonly columntypes: readonly string[];
    readonly columnvalues: readonly unknown[];
}

function textOf(options: SampleOptions = {}): string {
    return [...samplePayments(options)].join('');
}

/** Bytes on the heap that are still in use: rubbish is collected first, so the figure does not depend on its timing. */
function heapAlive(): number {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    collect();
    return process.memoryUsage().heapUsed;
}

function sha256(text: string): string {
    return createHash('sha256').update(text).digest('hex');
}

function insertsOf(text: string): readonly Insert[] {
    const records = JSON.parse(text) as readonly { readonly change: readonly Insert[] }[];
    return records.map((record) => {
        expect(Object.keys(record)).toEqual(['change']);
        expect(record.change).toHaveLength(1);
        return record.change[0]!;
    });
}

function tablesOf(inserts: readonly Insert[]): Tables {
    const tables: Record<string, Record<string, unknown>[]> = {};
    for (const { table, columnnames, columnvalues } of inserts) {
        expect(columnvalues).toHaveLength(columnnames.length);
        tables[table] ??= [];
        tables[table].push(Object.fromEntries(columnnames.map((name, index) => [name, columnvalues[index]])));
    }
    return tables;
}

/** JSON as PostgreSQL prints jsonb: a blank after colon and comma, shorter keys first, then by their bytes. */
function jsonbText(value: unknown): string {
    if (Array.isArray(value)) {
        return `[${value.map(jsonbText).join(', ')}]`;
    }
    if (value === null || typeof value !== 'object') {
        return JSON.stringify(value);
    }
    const keys = Object.keys(value).sort((left, right) => left.length - right.length || (left < right ? -1 : 1));
    const fields = keys.map((key) => `${JSON.stringify(key)}: ${jsonbText((value as Record<string, unknown>)[key])}`);
    return `{${fields.join(', ')}}`;
}

const DEFAULT = insertsOf(textOf());
const TABLES = tablesOf(DEFAULT);

function columnOf(table: string, column: string): readonly unknown[] {
    return TABLES[table]!.map((row) => row[column]);
}

describe('the default sample', () => {
    test('has the bytes that it has always had', () => {
        expect(sha256(textOf())).toBe('64da43767d7dfa3471c5c6d6dc88ec2628063905ab170ed6e2ca4b2e28f89ed8');
    });

    test('has the counts of the payments document', () => {
        const counts = Object.fromEntries(Object.entries(TABLES).map(([table, rows]) => [table, rows.length]));
        expect(counts).toEqual({
            event_v2_data: 576,
            transaction: 140,
            transaction_request: 140,
            payment_instrument_token_data: 144,
        });
        expect(DEFAULT.every((insert) => insert.kind === 'insert' && insert.schema === 'public')).toBe(true);
    });

    test('gives 529 rows of metrics, one an event, with every column in use', () => {
        const metrics = metricsOf(TABLES);
        expect(metrics).toHaveLength(529);
        expect(new Set(metrics.map((row) => row.event_id)).size).toBe(529);
        for (const column of Object.keys(metrics[0]!)) {
            const values = new Set(metrics.map((row) => row[column]));
            expect(values.size, column).toBeGreaterThan(column === 'transaction_type' ? 0 : 1);
        }
    });

    test('needs the tie rule: a join without it finds rows twice', () => {
        const tokens = new Set(columnOf('payment_instrument_token_data', 'token_id'));
        const requests = TABLES.transaction_request!.filter((request) => tokens.has(request.token_id));
        const rivals = requests.filter(
            (request) => requests.filter((other) => other.flow_id === request.flow_id).length > 1,
        );
        const moments = new Set(rivals.map((request) => `${request.flow_id} ${request.created_at}`));
        // Two flows with two requests each, of which one pair shares its time.
        expect(rivals).toHaveLength(4);
        expect(moments.size).toBe(3);
        expect(new Set(rivals.map((request) => `${request.flow_id} ${request.vault_options}`)).size).toBe(4);
    });

    test.each([
        ['event_v2_data', 'event_id'],
        ['transaction', 'transaction_id'],
        ['transaction_request', 'transaction_request_id'],
        ['payment_instrument_token_data', 'token_id'],
    ])('keys are unique and not null: %s', (table, key) => {
        const keys = columnOf(table, key);
        expect(new Set(keys).size).toBe(keys.length);
        expect(keys).not.toContain(null);
        expect(keys).not.toContain(undefined);
    });

    test('times ascend, and some events come before their transaction', () => {
        const created = DEFAULT.flatMap((insert) => {
            const index = insert.columnnames.indexOf('created_at');
            return index < 0 ? [] : [String(insert.columnvalues[index])];
        });
        expect(created).toEqual([...created].sort());
        expect(created.every((text) => /^2024-03-01 09:00:0\d(\.\d{0,5}[1-9])?$/.test(text))).toBe(true);
        const ends = columnOf('event_v2_data', 'event_sort_id') as readonly number[];
        expect(ends).toEqual(ends.map((_, index) => ends[0]! + index));

        const first = (table: string, id: unknown) =>
            DEFAULT.findIndex((insert) => insert.table === table && insert.columnvalues.includes(id));
        const late = TABLES.transaction!.filter(
            (row) => first('event_v2_data', row.transaction_id) < first('transaction', row.transaction_id),
        );
        expect(late).toHaveLength(2);
    });

    test('jsonb stands as PostgreSQL prints it', () => {
        let seen = 0;
        for (const insert of DEFAULT) {
            for (const [index, value] of insert.columnvalues.entries()) {
                if (insert.columntypes[index] === 'jsonb' && value !== null) {
                    expect(value).toBe(jsonbText(JSON.parse(String(value))));
                    seen++;
                }
            }
        }
        expect(seen).toBeGreaterThan(1000);
    });

    test('holds what real tables hold too', () => {
        const text = textOf();
        for (const [what, needle] of [
            ['another script', 'さくら'],
            ['an emoji', '🎉'],
            ['quotes in a jsonb string', '\\\\\\"Ваня\\\\\\"'],
            ['quotes three strings deep', '\\\\\\\\\\\\\\"Ваня'],
            ['a backslash', 'C:\\\\\\\\Bruno'],
            ['a tab', 'Tabor\\\\tjr.'],
            ['a line separator', 'Li\u2028Wen'],
            ['the end of a record inside a string', ']}]}\\"'],
            ['the greatest integer', '2147483647'],
        ] as const) {
            expect(text.includes(needle), what).toBe(true);
        }
    });

    test('texts are as long as in the document', () => {
        const average = (column: string, table: string) => {
            const lengths = columnOf(table, column).flatMap((value) => (value === null ? [] : [String(value).length]));
            return lengths.reduce((sum, length) => sum + length, 0) / lengths.length;
        };
        expect(average('third_party_request', 'event_v2_data')).toBeGreaterThan(650);
        expect(average('third_party_response', 'event_v2_data')).toBeGreaterThan(430);
        expect(average('payment_instrument_data', 'payment_instrument_token_data')).toBeGreaterThan(580);
        expect(Buffer.byteLength(textOf()) / 1000).toBeGreaterThan(1450);
        expect(Buffer.byteLength(textOf()) / 1000).toBeLessThan(1600);
    });
});

describe('other samples', () => {
    test('the same seed gives the same bytes, another seed others', () => {
        fc.assert(
            fc.property(fc.maxSafeInteger(), fc.constantFrom('inserts', 'changes'), (seed, mix) => {
                const options = { records: 40, seed, mix } as const;
                expect(textOf(options)).toBe(textOf(options));
                expect(textOf(options)).not.toBe(textOf({ ...options, seed: seed === 0 ? 1 : -seed }));
            }),
            propertyRuns(30),
        );
    });

    test('whatever the seed, 1,000 records give 529 rows', () => {
        fc.assert(
            fc.property(fc.maxSafeInteger(), (seed) => {
                expect(metricsOf(tablesOf(insertsOf(textOf({ seed }))))).toHaveLength(529);
            }),
            propertyRuns(10),
        );
    });

    test('further records keep the proportions', () => {
        expect(metricsOf(tablesOf(insertsOf(textOf({ records: 3000 }))))).toHaveLength(3 * 529);
        const rows = metricsOf(tablesOf(insertsOf(textOf({ records: 2500 })))).length;
        expect(rows / 2500).toBeGreaterThan(0.5);
        expect(rows / 2500).toBeLessThan(0.56);
    });

    test('a longer sample begins with the shorter one', () => {
        const longer = textOf({ records: 1200, shape: 'lines' });
        for (const records of [1, 2, 999, 1000, 1001]) {
            expect(longer.startsWith(textOf({ records, shape: 'lines' }))).toBe(true);
        }
    });

    test('the array and the lines hold the same records', () => {
        const lines = textOf({ records: 300, shape: 'lines' });
        expect(lines.endsWith('\n')).toBe(true);
        expect(`[${lines.trimEnd().split('\n').join(', ')}]`).toBe(textOf({ records: 300 }));
        expect(JSON.parse(textOf({ records: 300, mix: 'changes', shape: 'array' })).length).toBeGreaterThan(300);
    });

    test.each([
        ['array', 'inserts', '[]'],
        ['lines', 'inserts', ''],
        ['lines', 'changes', ''],
    ] as const)('no records: %s of %s', (shape, mix, text) => {
        expect(textOf({ records: 0, shape, mix })).toBe(text);
    });

    test.each([
        ['negative', { records: -1 }],
        ['a fraction', { records: 1.5 }],
        ['not a number', { records: Number.NaN }],
        ['endless', { records: Number.POSITIVE_INFINITY }],
        ['a seed that is not a whole number', { seed: 0.1 }],
        ['a seed too large to be exact', { seed: 2 ** 53 }],
    ])('an option that makes no sense is refused at the call: %s', (_, options) => {
        let thrown: unknown;
        try {
            samplePayments(options);
        } catch (error) {
            thrown = error;
        }
        expect(thrown).toBeInstanceOf(EltError);
        expect((thrown as EltError).code).toBe('COMMAND_WRONG');
    });

    test.each(['inserts', 'changes'] as const)('50,000 records of %s come in bounded chunks and memory', (mix) => {
        let length = 0;
        let longest = 0;
        let heapEarly: number | undefined;
        let heapLate: number | undefined;
        for (const chunk of samplePayments({ records: 50_000, mix })) {
            expect(chunk.length).toBeGreaterThan(0);
            length += chunk.length;
            longest = Math.max(longest, chunk.length);
            // Both while the generator is alive: at its end it lets go of whatever it kept.
            heapEarly ??= length > 8_000_000 ? heapAlive() : undefined;
            heapLate ??= length > 60_000_000 ? heapAlive() : undefined;
        }
        // A chunk ends with the record that fills it.
        expect(longest).toBeLessThan(65_536 + 8_192);
        expect(heapLate! - heapEarly!).toBeLessThan(3_000_000);
    });

    test('the registry names the payments sample', () => {
        expect([...SAMPLES.payments.generate({})].join('')).toBe(textOf());
    });
});
