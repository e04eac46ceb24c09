import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readCatalogue } from '../../src/ledger/catalogue.ts';
import type { LoadResult } from '../../src/load/load-source.ts';
import { verifyStaging } from '../../src/load/verify-staging.ts';
import { quoteName } from '../../src/sql/quote.ts';
import { closeDatabase, type Database } from '../../src/sqlite/database.ts';
import { migratedDatabase } from '../support/bench-database.ts';
import { propertyRuns } from '../support/properties.ts';
import { change, type Kind, look } from './look-at.ts';

/**
 * A file that is read while it is written: what is whole lands, a torn last line is a normal state, and however often it
 * is looked at, what has landed in the end is what one look at the whole file lands.
 */

/**
 * Everything that has landed, without what differs between one load and several, and without the tables and columns of
 * a row that was taken back.
 */
function landed(database: Database): unknown {
    const tables = readCatalogue(database).flatMap(({ stagingTable, columns }) => {
        const names = columns.map(({ columnName }) => quoteName(columnName)).sort();
        const rows = database
            .prepare(`select _op, ${names.join(', ')} from ${quoteName(stagingTable)} order by _seq`)
            .all() as Record<string, unknown>[];
        const values = rows.map((row) => Object.entries(row).filter(([, value]) => value !== null));
        return rows.length === 0 ? [] : [[stagingTable, values]];
    });
    return {
        tables,
        rejects: database.prepare('select first_byte, bytes, reason from elt_rejects order by first_byte').raw().all(),
        messages: database.prepare('select prefix, content from elt_messages order by _seq').raw().all(),
        open: database.prepare('select open_xid, open_changes, whole_seq = last_seq from elt_stream').raw().get(),
        faults: verifyStaging(database),
    };
}

function counted(database: Database): unknown {
    return database
        .prepare('select total(records), total(changes), total(rejected), total(messages) from elt_loads')
        .raw()
        .get();
}

/** Looks at each prefix that ends at a cut, then at the whole. */
async function lookAtEach(
    kind: Kind,
    text: Buffer,
    cuts: readonly number[],
): Promise<readonly [unknown, unknown, LoadResult]> {
    const database = await migratedDatabase('payments');
    try {
        for (const cut of [...cuts].sort((left, right) => left - right)) {
            await look(database, kind, text.subarray(0, cut));
        }
        const last = await look(database, kind, text);
        return [landed(database), counted(database), last];
    } finally {
        closeDatabase(database);
    }
}

const field = fc.constantFrom(
    '',
    '1',
    '12',
    '1234',
    'é',
    '😀x',
    '"a"',
    '"a\nb"',
    '"a ""b"", c"',
    '"\r\n"',
    '" x',
    'a"b',
);
const lineBreak = fc.constantFrom('\n', '\n', '\n', '\r\n', '\n\n');
const csv = fc
    .record({
        rows: fc.array(fc.tuple(fc.array(field, { minLength: 1, maxLength: 3 }), lineBreak), { maxLength: 6 }),
        columns: fc.integer({ min: 1, max: 2 }),
        isEnded: fc.boolean(),
    })
    .map(({ rows, columns, isEnded }) => {
        const header = ['n', 'm'].slice(0, columns).join(',');
        const text = rows.map(([fields, ending]) => fields.join(',') + ending).join('');
        return `${header}\n${isEnded ? text : text.replace(/[\r\n]+$/, '')}`;
    });
const json = fc.constantFrom(
    '{"a":1}',
    '{"a":12,"b":"é"}',
    '{"a":{"b":[1]}}',
    '{"a":1}{"a":2}',
    'x',
    '[1]',
    '{"b":"x\\ny"}',
);
const jsonl = fc.tuple(fc.array(fc.tuple(json, lineBreak), { maxLength: 6 }), fc.boolean()).map(([lines, isEnded]) => {
    const text = lines.map((line) => line.join('')).join('');
    return isEnded ? text : text.replace(/[\r\n]+$/, '');
});
const transaction = fc.array(fc.nat(99), { maxLength: 4 }).map((ids) => ids.map(change));
const stream = fc.tuple(fc.array(transaction, { maxLength: 4 }), fc.boolean()).map(([transactions, isEnded]) => {
    const lines = transactions.flatMap((changes, at) => [
        `{"action":"B","xid":${at + 1},"nextlsn":"0/${at + 1}"}`,
        ...changes,
        `{"action":"C","xid":${at + 1},"nextlsn":"0/${at + 1}"}`,
    ]);
    return lines.join('\n') + (isEnded && lines.length > 0 ? '\n' : '');
});

describe('looked at any number of times while it grows', () => {
    test.each<[Kind, fc.Arbitrary<string>]>([
        ['csv', csv],
        ['jsonl', jsonl],
        ['stream', stream],
    ])('%s: what lands is what one look at the whole lands', async (kind, arbitrary) => {
        await fc.assert(
            fc.asyncProperty(arbitrary, fc.array(fc.nat(), { maxLength: 6 }), async (text, places) => {
                const bytes = Buffer.from(text);
                const [whole, wholeCounts, once] = await lookAtEach(kind, bytes, []);
                const cuts = places.map((place) => place % (bytes.length + 1));
                const [grown, grownCounts, last] = await lookAtEach(kind, bytes, cuts);
                expect(grown).toEqual(whole);
                expect(grownCounts).toEqual(wholeCounts);
                expect(last.tornAt === null).toBe(once.tornAt === null);
            }),
            propertyRuns(120),
        );
    });
});
