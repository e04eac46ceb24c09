import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EltError } from '../../src/core/errors.ts';
import { verifyStaging } from '../../src/load/verify-staging.ts';
import type { Database } from '../../src/sqlite/database.ts';
import { damaged, faults, format1Records, LAYOUTS, layout } from '../decode/wal-arbitrary.ts';
import { close, interruptAfter, load, memorySource, migratedDatabase } from '../support/bench-database.ts';
import { historyLines, historyPlan } from '../support/history.ts';
import { landedText, ledgerText } from '../support/ledger-text.ts';
import { PAYMENTS_TABLES } from '../support/payments-model.ts';
import { propertyRuns } from '../support/properties.ts';

/** Promise 1: a position is stored in the transaction that stores its rows; running a load again changes nothing. */

/** Records without positions: which would decide instead of the bytes. */
const records = format1Records.map((list) => list.map((one) => one.replace(/^\{"xid":\d+,"nextlsn":"[^"]*",/, '{')));

const formatTwo = historyPlan(false).map((plan) => historyLines(PAYMENTS_TABLES, plan).lines.join('\n'));

const sources: fc.Arbitrary<Buffer> = fc.oneof(
    fc.tuple(records, layout).map(([list, kind]) => Buffer.from(LAYOUTS[kind]?.(list) ?? '')),
    fc.tuple(records, layout, faults).map(([list, kind, faulty]) => damaged(LAYOUTS[kind]?.(list) ?? '', faulty)),
    formatTwo.map((text) => Buffer.from(text)),
);

const chunkBytes = fc.oneof(fc.integer({ min: 1, max: 64 }), fc.integer({ min: 64, max: 100_000 }));

/** The word that a load ends with: its kind, or the code of its error. */
async function outcome(work: Promise<{ readonly kind: string }>): Promise<string> {
    try {
        return (await work).kind;
    } catch (error) {
        if (error instanceof EltError) {
            expect([3, 130]).toContain(error.exitStatus);
            return error.code;
        }
        throw error;
    }
}

async function withDatabases(work: (one: Database, two: Database) => Promise<void>): Promise<void> {
    const [one, two] = [await migratedDatabase('none'), await migratedDatabase('none')];
    try {
        await work(one, two);
    } finally {
        close(one);
        close(two);
    }
}

test('the same bytes again change nothing, whatever they are called and however they come', async () => {
    await fc.assert(
        fc.asyncProperty(sources, chunkBytes, chunkBytes, (bytes, first, second) =>
            withDatabases(async (database) => {
                const source = memorySource(bytes, { chunkBytes: first, path: '/captures/one' });
                const how = await outcome(load(database, source));
                const before = { ...landedText(database, true), ...ledgerText(database) };
                for (const path of ['/captures/one', '/captures/two']) {
                    const again = memorySource(bytes, { chunkBytes: second, path });
                    // A source that ends wrongly ends so again: what is whole of it has landed before.
                    expect(await outcome(load(database, again))).toBe(how === 'new' ? 'same' : how);
                    expect({ ...landedText(database, true), ...ledgerText(database) }).toEqual(before);
                }
                expect(verifyStaging(database)).toEqual([]);
            }),
        ),
        propertyRuns(120),
    );
});

test('a load that is stopped anywhere continues to the same end', async () => {
    await fc.assert(
        fc.asyncProperty(sources, chunkBytes, fc.array(fc.nat({ max: 12 }), { maxLength: 4 }), (bytes, chunk, stops) =>
            withDatabases(async (calm, database) => {
                const end = await outcome(load(calm, bytes));
                for (const stop of stops) {
                    const interrupt = interruptAfter(stop);
                    await outcome(load(database, memorySource(bytes, { chunkBytes: chunk }), { interrupt }));
                    expect(verifyStaging(database)).toEqual([]);
                }
                const last = await outcome(load(database, memorySource(bytes, { chunkBytes: chunk })));
                expect(['new', 'resumes', 'same'].includes(last) ? 'done' : last).toBe(end === 'new' ? 'done' : end);
                expect({ ...landedText(database, true), ...ledgerText(database) }).toEqual({
                    ...landedText(calm, true),
                    ...ledgerText(calm),
                });
            }),
        ),
        propertyRuns(120),
    );
});

test('a file that grows is read on from where it ended, in any steps', async () => {
    await fc.assert(
        fc.asyncProperty(
            records,
            formatTwo,
            fc.boolean(),
            fc.array(fc.nat({ max: 40 }), { maxLength: 5 }),
            (list, text, isTwo, sizes) =>
                withDatabases(async (calm, database) => {
                    const lines = isTwo ? text.split('\n') : list;
                    const all = lines.map((line) => `${line}\n`).join('');
                    await load(calm, memorySource(all, { path: '/log' }));
                    let known = 0;
                    for (const size of [...sizes, lines.length]) {
                        known = Math.min(lines.length, known + size);
                        const grown = lines
                            .slice(0, known)
                            .map((line) => `${line}\n`)
                            .join('');
                        await load(database, memorySource(grown, { path: '/log' }));
                    }
                    expect(landedText(database, false)).toEqual(landedText(calm, false));
                    expect(verifyStaging(database)).toEqual([]);
                }),
        ),
        propertyRuns(60),
    );
});
