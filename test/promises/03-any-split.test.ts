import fc from 'fast-check';
import { expect, test } from 'vitest';
import { verifyStaging } from '../../src/load/verify-staging.ts';
import type { Database } from '../../src/sqlite/database.ts';
import { format1Records, LAYOUTS, layout } from '../decode/wal-arbitrary.ts';
import { close, load, memorySource, migratedDatabase } from '../support/bench-database.ts';
import { historyLines, historyPlan } from '../support/history.ts';
import { landedText } from '../support/ledger-text.ts';
import { PAYMENTS_TABLES } from '../support/payments-model.ts';
import { propertyRuns } from '../support/properties.ts';

/** Promise 3: any split of the same input into batches, chunks or loads lands the same rows. */

async function compared(work: (whole: Database, split: Database) => Promise<void>): Promise<void> {
    const [whole, split] = [await migratedDatabase('none'), await migratedDatabase('none')];
    try {
        await work(whole, split);
        expect(landedText(split, false)).toEqual(landedText(whole, false));
        expect(verifyStaging(split)).toEqual([]);
    } finally {
        close(whole);
        close(split);
    }
}

/** Cuts a list at places that numbers choose. */
function cut<T>(list: readonly T[], places: readonly number[]): T[][] {
    const ends = [...new Set(places.map((place) => place % (list.length + 1)))].sort((left, right) => left - right);
    return [...ends, list.length].map((end, index) => list.slice(ends[index - 1] ?? 0, end));
}

const places = fc.array(fc.nat({ max: 1000 }), { maxLength: 5 });
const chunkBytes = fc.oneof(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 50, max: 5_000 }));
const asNew = { asNew: true };

test('records without positions, in loads of their own, laid out in any way, in chunks of any size', async () => {
    await fc.assert(
        fc.asyncProperty(format1Records, layout, layout, places, chunkBytes, (records, one, other, cuts, bytes) =>
            compared(async (whole, split) => {
                await load(whole, LAYOUTS[one]?.(records) ?? '', asNew);
                for (const piece of cut(records, cuts)) {
                    const text = LAYOUTS[other]?.(piece) ?? '';
                    await load(split, memorySource(text, { chunkBytes: bytes }), asNew);
                }
            }),
        ),
        propertyRuns(120),
    );
});

test('a list of batches, landed batch by batch', async () => {
    await fc.assert(
        fc.asyncProperty(format1Records, places, chunkBytes, (records, cuts, bytes) =>
            compared(async (whole, split) => {
                await load(whole, LAYOUTS.array?.(records) ?? '', asNew);
                const batches = cut(records, cuts);
                const text = `[${batches.map((batch) => `[${batch.join(', ')}]`).join(',\n')}]`;
                const ended: number[] = [];
                await load(split, memorySource(text, { chunkBytes: bytes }), {
                    asNew: true,
                    afterBatch: async (batch) => {
                        expect(split.inTransaction).toBe(false);
                        ended.push(batch);
                    },
                });
                expect(ended).toEqual(batches.map((_, index) => index + 1));
            }),
        ),
        propertyRuns(60),
    );
});

/** A delivery of a stream with positions: it begins with a transaction that may have been sent before, and is cut anywhere. */
const deliveries = fc.array(fc.record({ back: fc.nat({ max: 3 }), lines: fc.nat({ max: 25 }) }), { maxLength: 6 });

test('a stream with positions, cut inside transactions and sent again in parts', async () => {
    await fc.assert(
        fc.asyncProperty(historyPlan(false), deliveries, chunkBytes, (plan, parts, bytes) =>
            compared(async (whole, split) => {
                const { lines } = historyLines(PAYMENTS_TABLES, plan);
                await load(whole, lines.join('\n'));
                let sent = 0;
                for (const { back, lines: count } of [...parts, { back: 0, lines: lines.length }]) {
                    const from = back === 0 ? sent : transactionStart(lines, sent, back);
                    const piece = lines.slice(from, Math.max(sent, from + count));
                    sent = from + piece.length;
                    await load(split, memorySource(`${piece.join('\n')}\n`, { chunkBytes: bytes }));
                }
            }),
        ),
        propertyRuns(120),
    );
});

/** The line at which the transaction begins that is `back` transactions before the line `at`. */
function transactionStart(lines: readonly string[], at: number, back: number): number {
    const starts = lines.flatMap((line, index) => (line.includes('"action":"B"') && index < at ? [index] : []));
    return starts.at(-back) ?? 0;
}
