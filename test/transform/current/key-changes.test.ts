import { expect, onTestFinished, test } from 'vitest';
import { type Identity, MovingTable } from '../../support/moving-table.ts';
import { MovingProject, truth } from './moving-project.ts';

/**
 * How a current table follows the key of its relation: by itself where that is certain, by a decision of a person where
 * it is not. Each history is folded run by run and at once, in both formats, and must equal PostgreSQL.
 */

const ID = { name: 'id', type: 'integer' };
const CODE = { name: 'code', type: 'text' };
const V = { name: 'v', type: 'text' };
const INDEX: Identity = { kind: 'index', columns: ['code'] };

const orders = (): MovingTable =>
    new MovingTable([ID, CODE, V], ['id']).insert(
        { id: 1, code: 'aa', v: 'x' },
        { id: 2, code: 'bb', v: 'y' },
        { id: 3, code: 'cc', v: 'z' },
    );

type Change = (table: MovingTable) => unknown;

interface History {
    readonly name: string;
    readonly steps: readonly Change[];
    /** What is decided where the table stops. */
    readonly rows?: string;
    readonly formats?: readonly (1 | 2)[];
}

/** PostgreSQL's `character(4)`. */
const PADDED: Change = (t) =>
    t
        .retype('id', 'character(4)', (id) => `${id}   `)
        .update({ id: '1   ' }, { v: 'r' })
        .delete({ id: '2   ' });

const HISTORIES: readonly History[] = [
    {
        name: 'the key moves to another column',
        steps: [
            (t) => t.update({ id: 1 }, { code: 'a2' }),
            (t) => t.key('code').delete({ id: 2 }).update({ id: 3 }, { code: 'c2', v: 'w' }),
            (t) => t.insert({ id: 1, code: 'dd', v: 'the same id again' }).update({ code: 'dd' }, { v: 'u' }),
        ],
    },
    {
        name: 'it moves to a column whose values repeated before',
        steps: [
            (t) => t.update({ id: 2 }, { code: 'aa' }).update({ id: 1 }, { v: 'still 1' }),
            (t) => t.update({ id: 2 }, { code: 'b2' }),
            (t) => t.key('code').update({ id: 1 }, { v: 'found by aa' }).delete({ id: 2 }),
        ],
    },
    {
        name: 'it moves away and back',
        steps: [
            (t) => t.update({ id: 1 }, { v: 'q' }),
            (t) => t.key('code').update({ id: 1 }, { id: 9 }).delete({ id: 2 }),
            (t) => t.key('id').update({ id: 9 }, { code: 'a9' }).insert({ id: 2, code: 'b2', v: null }),
            (t) => t.delete({ id: 3 }),
        ],
    },
    {
        name: 'it is extended',
        steps: [
            (t) => t.update({ id: 1 }, { v: 'q' }),
            (t) => t.key('id', 'code').insert({ id: 1, code: 'a2', v: 'a second one' }).delete({ id: 1, code: 'aa' }),
            (t) => t.update({ id: 2 }, { code: 'b2' }).update({ id: 3 }, { id: 4, code: 'c2' }),
        ],
    },
    {
        name: 'it is cut down',
        steps: [
            (t) => t.key('id', 'code').update({ id: 1 }, { v: 'q' }),
            (t) => t.key('code').update({ code: 'aa' }, { id: 2 }).delete({ code: 'bb' }),
        ],
    },
    {
        name: 'an insert is the first to show that it has moved',
        steps: [
            (t) => t.update({ id: 1 }, { v: 'q' }),
            (t) => t.key('code').insert({ id: 1, code: 'dd', v: 'the same id again' }),
            (t) => t.delete({ code: 'aa' }),
        ],
    },
    {
        name: 'it moves to a column that was added and filled',
        steps: [
            (t) => t.update({ id: 1 }, { v: 'q' }),
            (t) => t.add({ name: 'uid', type: 'text' }),
            (t) => [1, 2, 3].map((id) => t.update({ id }, { uid: `u${id}` })),
            (t) => t.key('uid').delete({ uid: 'u2' }).update({ uid: 'u3' }, { id: 1 }),
        ],
    },
    {
        name: 'the replica identity was an index from the beginning, and only inserts had come',
        steps: [(t) => t.replicaIdentity(INDEX).delete({ code: 'aa' }).update({ code: 'bb' }, { code: 'b2', id: 7 })],
    },
    {
        name: 'the replica identity becomes an index, and the primary key again',
        steps: [
            (t) => t.update({ id: 1 }, { v: 'q' }),
            (t) => t.replicaIdentity(INDEX).update({ id: 1 }, { code: 'a2' }).delete({ id: 2 }),
            (t) => t.replicaIdentity({ kind: 'default' }).update({ id: 3 }, { id: 4 }).delete({ id: 1 }),
        ],
    },
    {
        name: 'whole rows come, and the primary key moves meanwhile',
        steps: [
            (t) => t.replicaIdentity({ kind: 'full' }).update({ id: 1 }, { v: null }),
            (t) =>
                t.key('code').insert({ id: 1, code: 'dd', v: 'the same id again' }).update({ code: 'aa' }, { v: 'p' }),
            (t) => t.delete({ code: 'dd' }),
        ],
        // Format 1 does not name the primary key while whole rows come.
        formats: [2],
    },
    {
        name: 'a key column gets a wider type',
        steps: [
            (t) => t.update({ id: 1 }, { v: 'q' }),
            (t) =>
                t
                    .retype('id', 'bigint', (id) => id)
                    .update({ id: 1 }, { id: 7 })
                    .delete({ id: 2 }),
        ],
    },
    {
        name: 'a key column becomes text',
        steps: [
            (t) => t.update({ id: 1 }, { id: 5 }),
            (t) => t.retype('id', 'text', String).update({ id: '5' }, { id: '6' }).delete({ id: '2' }),
            (t) => t.update({ id: '6' }, { id: '8', v: 'moved again' }).insert({ id: '2', code: 'b2', v: null }),
        ],
    },
    {
        name: 'the key column is renamed',
        steps: [
            (t) => t.update({ id: 1 }, { v: 'q' }),
            (t) => t.rename('id', 'tid').update({ tid: 1 }, { v: 'r' }).delete({ tid: 2 }),
            (t) => t.insert({ tid: 4, code: 'dd', v: 'd' }).update({ tid: 3 }, { tid: 5 }),
        ],
        rows: 'tid = id',
    },
    {
        name: 'the key column is renamed, and only inserts had come',
        steps: [(t) => t.rename('id', 'tid').update({ tid: 1 }, { v: 'r' }).delete({ tid: 2 })],
        rows: 'tid = id',
    },
    {
        name: 'one column of two is renamed',
        steps: [
            (t) => t.key('id', 'code').update({ id: 1 }, { v: 'q' }),
            (t) => t.rename('code', 'kode').update({ id: 1 }, { v: 'r' }).delete({ id: 2 }),
        ],
        rows: 'kode = code',
    },
    {
        name: 'a key column gets a type with other text',
        steps: [(t) => t.update({ id: 1 }, { v: 'q' }), PADDED],
        rows: 'anew',
    },
    {
        name: 'it is worked out',
        steps: [(t) => t.update({ id: 1 }, { v: 'q' }), PADDED],
        rows: "id = substr(id || '   ', 1, 4)",
    },
    {
        name: 'a column with other text comes into the key later',
        steps: [(t) => t.update({ id: 1 }, { v: 'q' }), PADDED, (t) => t.key('id', 'code').delete({ code: 'cc' })],
        rows: "id = substr(id || '   ', 1, 4)",
    },
    {
        name: 'the table is made anew with another key',
        steps: [
            (t) => t.update({ id: 1 }, { v: 'q' }),
            (t) =>
                t
                    .recreate([{ name: 'uid', type: 'text' }, V], ['uid'])
                    .insert({ uid: 'a', v: 'n' }, { uid: 'b', v: 'n' })
                    .delete({ uid: 'a' }),
        ],
        rows: 'anew',
    },
    {
        name: 'the table was empty when it was made anew',
        steps: [
            (t) => t.update({ id: 1 }, { v: 'q' }),
            (t) => [1, 2, 3].map((id) => t.delete({ id })),
            (t) =>
                t
                    .recreate([{ name: 'uid', type: 'text' }, V], ['uid'])
                    .insert({ uid: 'a', v: 'n' })
                    .update({ uid: 'a' }, { uid: 'b' }),
        ],
    },
    {
        name: 'the primary key is dropped and no other comes',
        steps: [(t) => t.update({ id: 1 }, { v: 'q' }), (t) => t.key().insert({ id: 4, code: 'dd', v: 'd' })],
        rows: 'keep',
        formats: [2],
    },
];

const ALL = HISTORIES.flatMap((history) =>
    (history.formats ?? ([1, 2] as const)).flatMap((format) =>
        ([true, false] as const).map((isAtOnce) => ({ ...history, format, isAtOnce })),
    ),
);

test.each(ALL)('$name (format $format, at once: $isAtOnce)', async ({ steps, format, isAtOnce, rows }) => {
    const project = await MovingProject.open({ format });
    onTestFinished(() => project.close());
    const table = orders();
    await project.land(table);
    expect(project.scaffold()).toBe(true);
    if (!isAtOnce) {
        expect((await project.transform()).stops).toEqual([]);
    }
    let decisions = 0;
    for (const [index, step] of steps.entries()) {
        step(table);
        await project.land(table);
        if (isAtOnce && index < steps.length - 1) {
            continue;
        }
        let result = await project.transform();
        if (result.stops.length > 0) {
            expect(result.stops.map(({ code }) => code)).toEqual(['KEY_CHANGED']);
            expect(result.models.map(({ action }) => action)).toEqual(['stopped']);
            // Again without another try: nothing has changed.
            expect((await project.transform()).stops.map(({ message }) => message)).toEqual(
                result.stops.map(({ message }) => message),
            );
            project.decide(result, rows ?? '');
            decisions++;
            result = await project.transform();
        }
        expect(result.stops).toEqual([]);
        // What is lost is sent again in the end.
        if (rows !== 'anew') {
            expect(project.rows(table)).toEqual(truth(table));
        }
    }
    expect(decisions).toBe(rows === undefined ? 0 : 1);
    for (const row of rows === 'anew' ? table.rows : []) {
        table.update(row, {});
    }
    await project.land(table);
    await project.transform();
    expect(project.rows(table)).toEqual(truth(table));
    expect(project.verify().models.every(({ isSame }) => isSame)).toBe(true);
    // What scaffold writes now is what the runs have used.
    project.scaffold();
    expect((await project.transform()).models.map(({ action }) => action)).toEqual(['idle']);
    await project.transform({ rebuild: true });
    expect(project.rows(table)).toEqual(truth(table));
});
