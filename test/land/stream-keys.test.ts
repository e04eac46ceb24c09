import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { close, load, migratedDatabase } from '../support/bench-database.ts';
import { MovingTable, type StreamOptions, streamOf } from '../support/moving-table.ts';
import { propertyRuns } from '../support/properties.ts';
import { CODE, ID, orders, V } from './orders-table.ts';

/** By what the stream names rows: recorded with the `_seq` from which it holds, whatever the way of landing. */

interface Recorded {
    /** `_seq key` of each key, with `whole` or `?` behind it. */
    readonly keys: readonly string[];
    /** `_seq was to now` of each drift of kind rekeyed. */
    readonly drift: readonly string[];
}

async function landed(lines: string, batch = 1_000_000): Promise<Recorded> {
    const database = await migratedDatabase('none');
    try {
        const all = lines.match(/[^\n]*\n/g) ?? [];
        for (let at = 0; at < all.length; at += batch) {
            await load(database, all.slice(at, at + batch).join(''));
        }
        const keys = database
            .prepare(
                `select _seq || ' ' || key || iif(whole is null, ' ?', iif(whole, ' whole', '')) from elt_keys order by _seq`,
            )
            .pluck()
            .all() as string[];
        const drift = database
            .prepare(
                `select _seq || ' ' || was || ' to ' || now from elt_drift where kind = 'rekeyed' order by drift_id`,
            )
            .pluck()
            .all() as string[];
        return { keys, drift };
    } finally {
        close(database);
    }
}

const CASES: readonly (readonly [string, MovingTable, Recorded, Recorded?])[] = [
    ['only inserts', orders(), { keys: [], drift: [] }],
    ['a key that stays', orders().update({ id: 1 }, { v: 'y' }).delete({ id: 2 }), { keys: ['1 id'], drift: [] }],
    [
        'the primary key moves to another column',
        orders().update({ id: 1 }, { v: 'y' }).key('code').delete({ code: 'bb' }),
        { keys: ['1 id', '5 code'], drift: ['5 id to code'] },
    ],
    [
        'it moves, and an insert is the first to say so',
        orders().update({ id: 1 }, { v: 'y' }).key('code').insert({ id: 1, code: 'dd', v: '' }),
        { keys: ['1 id', '5 code'], drift: ['5 id to code'] },
    ],
    [
        'it moves among inserts',
        orders().key('code').insert({ id: 1, code: 'dd', v: '' }),
        { keys: ['1 id', '4 code'], drift: ['4 id to code'] },
    ],
    [
        'it is extended',
        orders().update({ id: 1 }, { v: 'y' }).key('id', 'code').update({ id: 3 }, { v: 'y' }),
        { keys: ['1 id', '5 code,id'], drift: ['5 id to code, id'] },
    ],
    [
        'it moves away and back',
        orders()
            .delete({ id: 1 })
            .key('code')
            .delete({ code: 'bb' })
            .key('id')
            .update({ id: 3 }, { v: 'y' })
            .key('code')
            .update({ id: 3 }, { v: 'x' }),
        {
            keys: ['1 id', '5 code', '6 id', '7 code'],
            drift: ['5 id to code', '6 code to id', '7 id to code'],
        },
    ],
    [
        'the replica identity is another index, and inserts came first',
        orders()
            .replicaIdentity({ kind: 'index', columns: ['code'] })
            .delete({ id: 1 })
            .update({ id: 2 }, { v: 'y' }),
        { keys: ['1 code'], drift: ['4 id to code'] },
        // Format 1 does not say that the primary key is another one.
        { keys: ['1 code ?'], drift: ['4 id to code'] },
    ],
    [
        'the replica identity becomes another index, and the primary key again',
        orders()
            .delete({ id: 1 })
            .replicaIdentity({ kind: 'index', columns: ['code'] })
            .update({ id: 2 }, { code: 'b2' })
            .replicaIdentity({ kind: 'default' })
            .delete({ id: 3 }),
        { keys: ['1 id', '5 code', '6 id'], drift: ['5 id to code', '6 code to id'] },
        { keys: ['1 id', '5 code ?', '6 id'], drift: ['5 id to code', '6 code to id'] },
    ],
    [
        'whole rows are named by the primary key',
        orders().delete({ id: 1 }).replicaIdentity({ kind: 'full' }).update({ id: 2 }, { v: 'y' }).delete({ id: 3 }),
        { keys: ['1 id', '5 id whole'], drift: [] },
        { keys: ['1 id'], drift: [] },
    ],
    [
        'the primary key moves while whole rows come',
        orders()
            .replicaIdentity({ kind: 'full' })
            .delete({ id: 1 })
            .key('code')
            .delete({ id: 2 })
            .update({ id: 3 }, { v: 'y' }),
        { keys: ['1 id whole', '5 code whole'], drift: ['5 id to code'] },
        { keys: ['1 id ?'], drift: [] },
    ],
    [
        'the key column is renamed',
        orders().delete({ id: 1 }).rename('id', 'tid').update({ tid: 2 }, { v: 'y' }),
        { keys: ['1 id', '5 tid'], drift: ['5 id to tid'] },
    ],
    [
        'the primary key is dropped',
        orders().delete({ id: 1 }).key().insert({ id: 2, code: 'dd', v: '' }),
        { keys: ['1 id', '5 '], drift: ['5 id to no key'] },
        { keys: ['1 id'], drift: [] },
    ],
    [
        'a primary key is added',
        new MovingTable([ID, CODE, V], [])
            .insert({ id: 1, code: 'a' })
            .key('id')
            .insert({ id: 2, code: 'b' })
            .delete({ id: 1 }),
        { keys: ['2 id'], drift: [] },
        { keys: ['1 id'], drift: [] },
    ],
    [
        'the table is made anew with another key',
        orders().delete({ id: 1 }).recreate([CODE, V], ['code']).insert({ code: 'q', v: '' }).delete({ code: 'q' }),
        { keys: ['1 id', '5 code'], drift: ['5 id to code'] },
    ],
    ['a truncate says nothing', orders().truncate().delete({ id: 1 }), { keys: [], drift: [] }],
];

describe.each([2, 1] as const)('format %i', (format) => {
    test.each(CASES.map(([name, ...rest]) => ({ name, rest })))(
        '$name',
        async ({ rest: [table, recorded, inFormat1] }) => {
            expect(await landed(streamOf(table, { format }))).toEqual(
                format === 1 ? (inFormat1 ?? recorded) : recorded,
            );
        },
    );
});

describe('without the primary key in the stream', () => {
    const cases: readonly (readonly [string, MovingTable, StreamOptions['format'], Recorded])[] = [
        [
            'it moves',
            orders().delete({ id: 1 }).key('code').delete({ id: 2 }),
            2,
            { keys: ['1 id', '5 code'], drift: ['5 id to code'] },
        ],
        [
            'it moves',
            orders().delete({ id: 1 }).key('code').delete({ id: 2 }),
            1,
            { keys: ['1 id ?', '5 code ?'], drift: ['5 id to code'] },
        ],
        [
            'it is extended',
            orders().delete({ id: 1 }).key('id', 'code').delete({ id: 2 }),
            2,
            { keys: ['1 id', '5 code,id'], drift: ['5 id to code, id'] },
        ],
        // An extended key looks like a whole row whose other columns are null.
        [
            'it is extended',
            orders().delete({ id: 1 }).key('id', 'code').delete({ id: 2 }),
            1,
            { keys: ['1 id ?'], drift: [] },
        ],
        [
            'whole rows',
            orders().replicaIdentity({ kind: 'full' }).delete({ id: 1 }).update({ id: 3 }, { v: 'y' }),
            2,
            { keys: [], drift: [] },
        ],
        [
            'whole rows, then not',
            orders()
                .replicaIdentity({ kind: 'full' })
                .delete({ id: 1 })
                .replicaIdentity({ kind: 'default' })
                .delete({ id: 2 }),
            2,
            { keys: ['5 id'], drift: [] },
        ],
        [
            'rows without a primary key in the stream, named by fewer columns, twice',
            orders()
                .key('id', 'code')
                .delete({ id: 1 })
                .replicaIdentity({ kind: 'index', columns: ['code'] })
                .delete({ id: 2 })
                .delete({ id: 3 }),
            1,
            { keys: ['1 code,id ?', '5  ?'], drift: ['5 code, id to no key'] },
        ],
        [
            'whole rows with other nulls each',
            new MovingTable([ID, CODE, V], ['id'])
                .replicaIdentity({ kind: 'full' })
                .insert({ id: 1, code: 'a' }, { id: 2, v: 'b' }, { id: 3, v: 'b' })
                .delete({ id: 1 })
                .delete({ id: 2 })
                .delete({ id: 3 }),
            1,
            { keys: ['1 code,id ?', '5  ?'], drift: ['5 code, id to no key'] },
        ],
    ];
    test.each(cases)('%s, in any batches', async (_, table, format, recorded) => {
        for (const batch of [undefined, 1, 2]) {
            expect(await landed(streamOf(table, { format, withPrimaryKey: false }), batch)).toEqual(recorded);
        }
    });
});

test('any split of a stream records the same keys', async () => {
    const act = fc.constantFrom(
        'delete',
        'update',
        'insert',
        'key id',
        'key code',
        'key both',
        'full',
        'index',
        'default',
        'no key',
    );
    await fc.assert(
        fc.asyncProperty(
            fc.array(act, { minLength: 3, maxLength: 14 }),
            fc.constantFrom(1 as const, 2 as const),
            fc.boolean(),
            fc.integer({ min: 1, max: 7 }),
            async (acts, format, withPrimaryKey, batch) => {
                const table = orders();
                for (const [index, one] of acts.entries()) {
                    move(table, one, index + 10);
                }
                const lines = streamOf(table, { format, withPrimaryKey });
                expect(await landed(lines, batch)).toEqual(await landed(lines));
            },
        ),
        propertyRuns(60),
    );
});

function move(table: MovingTable, act: string, number: number): void {
    const row = table.rows[number % Math.max(1, table.rows.length)] ?? {};
    const acts: Readonly<Record<string, () => unknown>> = {
        delete: () => table.delete(row),
        update: () => table.update(row, { v: `v${number}` }),
        insert: () => table.insert({ id: number, code: `c${number}`, v: number % 2 === 0 ? 'x' : null }),
        'key id': () => table.key('id'),
        'key code': () => table.key('code'),
        'key both': () => table.key('id', 'code'),
        'no key': () => table.key(),
        full: () => table.replicaIdentity({ kind: 'full' }),
        index: () => table.replicaIdentity({ kind: 'index', columns: ['code'] }),
        default: () => table.replicaIdentity({ kind: 'default' }),
    };
    acts[act]?.();
}
