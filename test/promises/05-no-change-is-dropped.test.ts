import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EltError } from '../../src/core/errors.ts';
import { verifyStaging } from '../../src/load/verify-staging.ts';
import { damaged, faults, format1Records, LAYOUTS, layout } from '../decode/wal-arbitrary.ts';
import { close, load, memorySource, migratedDatabase } from '../support/bench-database.ts';
import { propertyRuns } from '../support/properties.ts';

/** Promise 5: a change lands, or it is in the rejects with its bytes, its place and the reason. */

interface Item {
    readonly text: string;
    readonly good: boolean;
}

const good = (id: number): string =>
    `{"kind":"insert","schema":"public","table":"t","columnnames":["id","name"],"columntypes":["integer","text"],"columnvalues":[${id},"n${id}"]}`;

/** Changes whose frame can be read, and whose meaning cannot. */
const BAD: readonly ((id: number) => string)[] = [
    (id) => good(id).replace(`"n${id}"`, `"n${id}",1`),
    (id) => good(id).replace('"insert"', '"inzert"'),
    (id) => good(id).replace(`[${id},`, '["seven",'),
    (id) => good(id).replace(`[${id},`, '[99999999999999999999999,'),
    (id) => good(id).replace(`"n${id}"`, '"\\ud800"'),
    (id) => good(id).replace('"schema":"public",', ''),
    (id) => good(id).replace('["id","name"]', '["id","id"]'),
    () => '{"kind":"delete","schema":"public","table":"t"}',
    () => '{"a":[{"b":"]}]}"}]}',
];

const change = fc.oneof(
    { weight: 4, arbitrary: fc.nat({ max: 9999 }).map((id): Item => ({ text: good(id), good: true })) },
    {
        weight: 2,
        arbitrary: fc
            .tuple(fc.nat({ max: BAD.length - 1 }), fc.nat({ max: 9999 }))
            .map(([kind, id]): Item => ({ text: BAD[kind]?.(id) ?? '', good: false })),
    },
);

const records = fc.array(fc.array(change, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 12 });

/** Layouts that leave a change's bytes as they are. */
const compact = fc.constantFrom('array', 'lines', 'concatenated', 'batches', 'mixture');

interface Reject {
    readonly record: number;
    readonly change: number | null;
    readonly first_byte: number;
    readonly length: number;
    readonly bytes: Buffer;
    readonly reason: string;
    readonly detail: string;
}

const SELECT = 'select record, change, first_byte, length, bytes, reason, detail from elt_rejects order by first_byte';

test('landed and rejected are all that was seen, each reject with its bytes, place and reason', async () => {
    await fc.assert(
        fc.asyncProperty(records, compact, fc.integer({ min: 1, max: 3000 }), async (list, kind, chunkBytes) => {
            const texts = list.map((items) => `{"change":[${items.map(({ text }) => text).join(',')}]}`);
            const source = LAYOUTS[kind]?.(texts) ?? '';
            const database = await migratedDatabase('none');
            try {
                const result = await load(database, memorySource(source, { chunkBytes }));
                const items = list.flatMap((one, record) =>
                    one.map((item, at) => ({ ...item, record: record + 1, change: at + 1 })),
                );
                expect([result.changes, result.rejected]).toEqual([
                    items.filter((item) => item.good).length,
                    items.filter((item) => !item.good).length,
                ]);
                const rejects = database.prepare(SELECT).all() as Reject[];
                expect(rejects.map(({ record, change: at, bytes }) => [record, at, String(bytes)])).toEqual(
                    items.filter((item) => !item.good).map((item) => [item.record, item.change, item.text]),
                );
                for (const { first_byte: first, length, bytes, reason, detail } of rejects) {
                    expect(Buffer.from(source).subarray(first, first + length)).toEqual(bytes);
                    expect(reason).toMatch(/^[a-z-]+$/);
                    expect(detail).not.toBe('');
                }
                const staged = items.some((item) => item.good)
                    ? database.prepare('select name from stg_t order by _seq').pluck().all()
                    : [];
                expect(staged).toEqual(
                    items.filter((item) => item.good).map(({ text }) => /"(n\d+)"\]\}$/.exec(text)?.[1]),
                );
            } finally {
                close(database);
            }
        }),
        propertyRuns(150),
    );
});

test('whatever is done to the bytes, the counts are those of the rows, and every line of trouble is one of ours', async () => {
    await fc.assert(
        fc.asyncProperty(format1Records, layout, faults, async (list, kind, faulty) => {
            const database = await migratedDatabase('none');
            try {
                await load(database, damaged(LAYOUTS[kind]?.(list) ?? '', faulty)).catch((error: unknown) => {
                    expect(error).toBeInstanceOf(EltError);
                    expect((error as EltError).exitStatus).toBe(3);
                });
                expect(verifyStaging(database)).toEqual([]);
                const counted = database
                    .prepare('select coalesce(sum(changes), 0), coalesce(sum(rejected), 0) from elt_loads')
                    .raw()
                    .get();
                const found = database
                    .prepare(
                        'select (select coalesce(sum(staged_rows), 0) from elt_load_tables), (select count(*) from elt_rejects)',
                    )
                    .raw()
                    .get();
                expect(counted).toEqual(found);
            } finally {
                close(database);
            }
        }),
        propertyRuns(150),
    );
});

test('of bytes above a mebibyte the place, the length, the hash and the head are kept', async () => {
    const { createHash } = await import('node:crypto');
    const long = good(1).replace('"n1"', `"${'x'.repeat(1_200_000)}",1`);
    const source = `[{"change":[${good(1)},${long},${good(2)}]}]`;
    const database = await migratedDatabase('none');
    try {
        const result = await load(database, source);
        expect([result.changes, result.rejected]).toEqual([2, 1]);
        const row = database.prepare('select *, length(bytes) as kept from elt_rejects').get() as Record<
            string,
            unknown
        >;
        expect(row).toMatchObject({
            change: 2,
            first_byte: source.indexOf(long),
            length: long.length,
            whole: 0,
            sha256: createHash('sha256').update(long).digest('hex'),
        });
        expect(row.kept).toBeLessThanOrEqual(1 << 20);
        expect(long.startsWith(String(row.bytes))).toBe(true);
    } finally {
        close(database);
    }
});
