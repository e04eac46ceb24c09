import { expect, onTestFinished, test } from 'vitest';
import { MovingTable } from '../../support/moving-table.ts';
import { MovingProject, truth } from './moving-project.ts';

/** Keys of which a stream leaves open whether they are keys: format 1 leaves the nulls of whole old rows out. */

const ID = { name: 'id', type: 'integer' };
const CODE = { name: 'code', type: 'text' };
const V = { name: 'v', type: 'text' };

const orders = (): MovingTable =>
    new MovingTable([ID, CODE, V], ['id']).insert(
        { id: 1, code: 'aa', v: 'x' },
        { id: 2, code: 'bb', v: 'y' },
        { id: 3, code: 'cc', v: 'z' },
    );

/** Histories in which a row has null in a column of the key of the file: never SQLite's bare error. */
test.each([
    { name: 'the key moved, and an insert is the first after it', key: undefined, format: 1 },
    { name: 'the key moved, and an insert is the first after it', key: undefined, format: 2 },
    { name: 'the key was chosen', key: ['v'], format: 1 },
    { name: 'the key was chosen', key: ['v'], format: 2 },
] as const)('null in the key: $name (format $format)', async ({ key, format }) => {
    const project = await MovingProject.open({ format, withPrimaryKey: false });
    onTestFinished(() => project.close());
    const table = orders();
    if (key !== undefined) {
        table.replicaIdentity({ kind: 'full' });
    }
    table.update({ id: 1 }, { v: 'q' });
    await project.land(table);
    expect(project.scaffold({ key })).toBe(true);
    expect((await project.transform()).stops).toEqual([]);
    const before = project.rows(table);

    table.key('code').insert({ id: null, code: 'dd', v: null });
    await project.land(table);
    for (const _again of [1, 2]) {
        const { stops } = await project.transform();
        expect(stops.map(({ code, message }) => [code, message])).toEqual([
            [
                'KEY_CHANGED',
                `"current_t" stopped: it folds public.t by ${key ?? 'id'}, and the row of _seq 5 has null there`,
            ],
        ]);
        expect(project.rows(table)).toEqual(before);
    }

    if (key === undefined) {
        table.update({ code: 'dd' }, { v: 'found by code' });
        await project.land(table);
    } else {
        project.scaffold({ key: ['code'] });
    }
    expect((await project.transform()).stops).toEqual([]);
    expect(project.rows(table)).toEqual(truth(table));
});

test('whole rows of format 1 that lack their null columns are not taken for a key', async () => {
    const project = await MovingProject.open({ format: 1 });
    onTestFinished(() => project.close());
    const columns = ['a', 'b', 'c'].map((name) => ({ name, type: 'text' }));
    const table = new MovingTable([ID, ...columns], []).replicaIdentity({ kind: 'full' });
    const rows = ['ab', 'c', 'a', 'ab', 'ac', 'abc', ''].map((full, id) => ({
        id,
        ...Object.fromEntries([...full].map((name) => [name, `${name}${id}`])),
    }));
    table.insert(...rows);
    for (const id of [0, 1, 2, 3, 4]) {
        table.delete({ id });
    }
    await project.land(table);
    expect(project.scaffold()).toBe(false);
    // Nobody but a person chooses a key.
    project.scaffold({ key: ['id'] });
    expect((await project.transform()).stops).toEqual([]);
    expect(project.rows(table)).toEqual(truth(table));
});

test('a single whole row of format 1 without its null columns is not taken for a key', async () => {
    const project = await MovingProject.open({ format: 1 });
    onTestFinished(() => project.close());
    const table = new MovingTable([ID, CODE, V], []).replicaIdentity({ kind: 'full' });
    table
        .insert({ id: 1, code: null, v: 'x' }, { id: 2, code: 'bb', v: null }, { id: 3, code: 'cc', v: 'z' })
        .update({ id: 3 }, { v: 'w' })
        .update({ id: 2 }, { v: 'y' });
    await project.land(table);
    expect(project.scaffold()).toBe(false);
});

test.each([true, false])(
    'whole rows of format 1 come and go, and the key stays (it is named first: %s)',
    async (isNamed) => {
        const project = await MovingProject.open({ format: 1, withPrimaryKey: isNamed });
        onTestFinished(() => project.close());
        const columns = ['a', 'b', 'c'].map((name) => ({ name, type: 'text' }));
        const table = new MovingTable([ID, ...columns], ['id']);
        const row = (id: number, full: string) => ({
            id,
            ...Object.fromEntries([...full].map((name) => [name, name])),
        });
        table.insert(...['ab', 'c', 'a', 'ab', 'ac', 'abc', 'a'].map((full, id) => row(id, full)));
        if (isNamed) {
            table.update({ id: 6 }, { b: 'b' });
        }
        await project.land(table);
        expect(project.scaffold(isNamed ? {} : { key: ['id'] })).toBe(true);
        expect(project.text()).not.toContain('-- chosen');
        table.replicaIdentity({ kind: 'full' }).delete({ id: 0 }).delete({ id: 1 });
        for (const then of [
            () => table.update({ id: 3 }, { c: 'c' }),
            () => table.replicaIdentity({ kind: 'default' }),
        ]) {
            await project.land(table);
            expect((await project.transform()).stops).toEqual([]);
            expect(project.rows(table)).toEqual(truth(table));
            then();
        }
        table.update({ id: 4 }, { c: 'd' }).delete({ id: 5 });
        await project.land(table);
        expect((await project.transform()).stops).toEqual([]);
        expect(project.rows(table)).toEqual(truth(table));
    },
);
