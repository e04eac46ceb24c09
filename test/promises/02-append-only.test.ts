import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EltError } from '../../src/core/errors.ts';
import { readStream } from '../../src/ledger/loads.ts';
import { quoteName } from '../../src/sql/quote.ts';
import type { Database } from '../../src/sqlite/database.ts';
import { damaged, faults, format1Records, LAYOUTS, layout } from '../decode/wal-arbitrary.ts';
import { close, load, migratedDatabase, rowsOf, runTransform } from '../support/bench-database.ts';
import { propertyRuns } from '../support/properties.ts';

/** Promise 2: staging is append-only, and `_seq` is the only order. */

interface Staged {
    readonly table: string;
    readonly columns: readonly string[];
    readonly rows: readonly string[];
    readonly lastSeq: number;
}

function staged(database: Database): Staged[] {
    const names = database
        .prepare("select name from sqlite_schema where type = 'table' and name glob 'stg_*' order by name")
        .pluck()
        .all() as string[];
    return names.map((table) => {
        const columns = database.prepare('select name from pragma_table_info(?)').pluck().all(table) as string[];
        const lastSeq = database
            .prepare(`select max(_seq) from ${quoteName(table)}`)
            .pluck()
            .get() as number | null;
        return { table, columns, rows: rowsUpTo(database, table, columns, lastSeq ?? 0), lastSeq: lastSeq ?? 0 };
    });
}

function rowsUpTo(database: Database, table: string, columns: readonly string[], seq: number): string[] {
    const list = columns.map(quoteName).join(', ');
    return rowsOf(database, `select ${list} from ${quoteName(table)} where _seq <= ${seq} order by _seq`);
}

/** Every `_seq` of the database, in order. */
function allSeqs(database: Database): number[] {
    const tables = [...staged(database).map(({ table }) => table), 'elt_messages'];
    return tables
        .flatMap(
            (table) =>
                database
                    .prepare(`select _seq from ${quoteName(table)}`)
                    .pluck()
                    .all() as number[],
        )
        .sort((left, right) => left - right);
}

const piece = fc.record({ list: format1Records, kind: layout, faulty: fc.option(faults, { freq: 3 }) });

test('whatever lands later, with whatever columns, leaves every earlier row as it was', async () => {
    await fc.assert(
        fc.asyncProperty(fc.array(piece, { minLength: 2, maxLength: 4 }), async (pieces) => {
            const database = await migratedDatabase('none');
            try {
                let before: Staged[] = [];
                let last = 0;
                for (const { list, kind, faulty } of pieces) {
                    const text = LAYOUTS[kind]?.(list) ?? '';
                    await loaded(database, faulty === null ? text : damaged(text, faulty));
                    await runTransform(database, {
                        models: [],
                        tests: [],
                        migratedTables: () => new Set(),
                        leftUpkeep: [],
                    });
                    for (const { table, columns, rows, lastSeq } of before) {
                        expect([table, rowsUpTo(database, table, columns, lastSeq)]).toEqual([table, rows]);
                    }
                    const seqs = allSeqs(database);
                    expect(new Set(seqs).size).toBe(seqs.length);
                    // What is new lies behind all that was there, without a gap.
                    const added = seqs.filter((seq) => seq > last);
                    expect(added).toEqual(added.map((_, index) => last + 1 + index));
                    expect(seqs.length - added.length).toBe(before.length === 0 ? 0 : last);
                    last += added.length;
                    expect(readStream(database).last_seq).toBe(last);
                    before = staged(database);
                }
            } finally {
                close(database);
            }
        }),
        propertyRuns(100),
    );
});

async function loaded(database: Database, bytes: Buffer | string): Promise<void> {
    try {
        await load(database, bytes, { asNew: true });
    } catch (error) {
        expect(error).toBeInstanceOf(EltError);
    }
}
