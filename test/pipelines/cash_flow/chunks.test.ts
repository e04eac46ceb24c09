import { describe, expect, test } from 'vitest';
import { closeDatabase, openDatabase } from '../../../src/sqlite/database.ts';
import { RowPipeline } from '../../support/row-pipeline.ts';

/** Messages are taken in by 500, and each chunk is committed with the position behind it: another connection sees both. */

const NAME = 'cash_outs_processed.json';

function message(number: number): string {
    return `{"transaction_id":"00000000-0000-4000-8000-${String(number).padStart(12, '0')}","inserted_at":${number}}`;
}

describe.each([
    ['an array', (rows: readonly string[]) => `[${rows.join(',')}]`],
    ['lines', (rows: readonly string[]) => `${rows.join('\n')}\n`],
])('%s', (_, text) => {
    test.each([
        [0, []],
        [1, []],
        [499, []],
        [500, [500]],
        [501, [500]],
        [999, [500]],
        [1_000, [500, 1_000]],
        [1_001, [500, 1_000]],
        [1_500, [500, 1_000, 1_500]],
    ])('of %i messages: committed behind %j, and at the end', async (count, chunks) => {
        const cash = await RowPipeline.create('cash_flow');
        const bytes = Buffer.from(text(Array.from({ length: count }, (_, number) => message(number))));
        const seen: unknown[] = [];
        const other = openDatabase(cash.database.name, { readonly: true });
        const look = (): unknown => {
            const load = other
                .prepare(
                    'select changes, end_byte, (select count(*) from stg_cash_outs_processed) as staged from elt_loads',
                )
                .get() as { readonly changes: number; readonly end_byte: number; readonly staged: number };
            // The last message before the position is that of the last row.
            const before = bytes.toString('utf8', 0, load.end_byte);
            return { changes: load.changes, staged: load.staged, before: before.split('inserted_at').length - 1 };
        };
        await cash.load(NAME, bytes, 777, () => seen.push(look()));
        seen.push(look());
        closeDatabase(other);
        const expected = [...chunks, count].map((rows) => ({ changes: rows, staged: rows, before: rows }));
        expect(seen).toEqual(expected);
        cash.close();
    });
});

test('a message that is put aside is not one of the 500', async () => {
    const cash = await RowPipeline.create('cash_flow');
    const rows = Array.from({ length: 501 }, (_, number) => message(number));
    const seen: number[] = [];
    await cash.load(NAME, Buffer.from([...rows.slice(0, 10), '{}', ...rows.slice(10)].join('\n')), 777, (changes) =>
        seen.push(changes),
    );
    expect(seen).toEqual([500]);
    expect(cash.rows('select records, changes, rejected from elt_loads')).toEqual([
        { records: 502, changes: 501, rejected: 1 },
    ]);
    cash.close();
});
