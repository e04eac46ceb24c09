import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { sharedData } from '../support/shared-data.ts';
import { readPages } from './pages.ts';

/** The figures of docs/findings.md, counted again from the files that it describes. */

interface Change {
    readonly kind: string;
    readonly table: string;
    readonly columnnames?: readonly string[];
    readonly columnvalues?: readonly unknown[];
    readonly oldkeys?: { readonly keynames: readonly string[]; readonly keyvalues: readonly unknown[] };
}
type Row = Readonly<Record<string, unknown>>;

const text = readPages().find((page) => page.name === 'docs/findings.md')?.text ?? '';
const wal = sharedData('wal.json');
const batches = sharedData('wal_batches.json');

describe.skipIf(wal === undefined)(
    `the file of 1,000 records${wal === undefined ? ' (skipped: ../shared/data is missing)' : ''}`,
    () => {
        const records = wal === undefined ? [] : (JSON.parse(readFileSync(wal, 'utf8')) as { change: Change[] }[]);
        const rows = (table: string): readonly Row[] =>
            records.flatMap(({ change }) => change.filter((one) => one.table === table).map(newRow));
        const events = rows('event_v2_data');
        const transactions = new Set(rows('transaction').map((row) => row.transaction_id));
        const requests = new Map(rows('transaction_request').map((row) => [row.flow_id, row]));
        const tokens = new Set(rows('payment_instrument_token_data').map((row) => row.token_id));

        it.each([
            ['event_v2_data', 'event_id'],
            ['payment_instrument_token_data', 'token_id'],
            ['transaction', 'transaction_id'],
            ['transaction_request', 'transaction_request_id'],
        ])('%s', (table, key) => {
            const all = rows(table);
            const columns = Object.keys(all[0] ?? {});
            const alwaysNull = columns.filter((column) => all.every((row) => row[column] === null));
            expect(new Set(all.map((row) => row[key])).size).toBe(all.length);
            expect(text).toContain(`| ${table} | ${all.length} | ${columns.length} | ${alwaysNull.length} | ${key} |`);
        });

        it('the way from events to metrics', () => {
            const noTransaction = events.filter((event) => !transactions.has(event.transaction_id));
            const noToken = events.filter((event) => {
                return requests.has(event.flow_id) && !tokens.has(requests.get(event.flow_id)?.token_id);
            });
            expect(noTransaction.some((event) => requests.has(event.flow_id))).toBe(false);
            expect(text).toContain(`| − ${noTransaction.length} | their transaction`);
            expect(text).toContain(`| − ${noToken.length} | their request`);
            expect(text).toContain(`| **${events.length - noTransaction.length - noToken.length}** |`);
            expect(text).toContain(`${requests.size} flows with a request`);
            expect(text).toContain(`${new Set(events.map((event) => event.flow_id)).size} flows with events`);
        });

        it('JSON nulls', () => {
            const details = events.flatMap((event) =>
                event.error_details === null ? [] : [String(event.error_details)],
            );
            expect(details.every((one) => JSON.parse(one).decline_reason === null)).toBe(true);
            expect(text).toContain(`${details.length} events have \`error_details\``);
        });
    },
);

describe.skipIf(batches === undefined)(
    `the file of 60 batches${batches === undefined ? ' (skipped: ../shared/data is missing)' : ''}`,
    () => {
        const changes =
            batches === undefined
                ? []
                : (JSON.parse(readFileSync(batches, 'utf8')) as { change: Change[] }[][])
                      .flat()
                      .flatMap((one) => one.change);
        const count = (kind: string, table?: string): number =>
            changes.filter((change) => change.kind === kind && change.table === (table ?? change.table)).length;

        it.each([
            ['event', 'id'],
            ['payment_instrument_token', 'transaction_id'],
            ['transaction', 'transaction_id'],
            ['transaction_request', 'transaction_request_id'],
        ])('%s', (table, key) => {
            const counts = ['insert', 'update', 'delete'].map((kind) => count(kind, table));
            expect(text).toContain(`| ${table} | ${counts.join(' | ')} | ${key} |`);
        });

        it('old rows, and updates that change nothing', () => {
            const same = changes.filter(
                (change) => change.kind === 'update' && isEqual(newRow(change), oldRow(change)),
            );
            expect(text).toContain(
                `In all ${count('update')} updates and ${count('delete')} deletes it equals the row`,
            );
            expect(text).toContain(`**${same.length} updates change nothing.**`);
        });

        it('the number of metrics', () => {
            const path = sharedData('wal_batches.metrics.json') as string;
            const after = (JSON.parse(readFileSync(path, 'utf8')) as { rows_after_batch: number[] }).rows_after_batch;
            const falls = after.filter((metrics, index) => metrics < (after[index - 1] ?? 0)).length;
            expect(text).toContain(
                `falls in ${falls} of the ${after.length} batches**, and ends at ${after.at(-1)} of`,
            );
        });
    },
);

function newRow({ columnnames = [], columnvalues = [] }: Change): Row {
    return Object.fromEntries(columnnames.map((name, index) => [name, columnvalues[index]]));
}

function oldRow({ oldkeys }: Change): Row {
    return Object.fromEntries((oldkeys?.keynames ?? []).map((name, index) => [name, oldkeys?.keyvalues[index]]));
}

function isEqual(left: Row, right: Row): boolean {
    return Object.keys(left).every((key) => left[key] === right[key]);
}
