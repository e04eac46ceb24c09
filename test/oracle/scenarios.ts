import type { CoverageCase } from './coverage.ts';
import { chainOnOneRow, chainOverRows, moveBetweenPartitions, moveKey, swapKeys } from './key-scenarios.ts';
import { qualified } from './relation.ts';
import { assignments, keyOf, newKey, noteIfUntold, pickRows, type Step } from './step.ts';
import { identifier } from './value-type.ts';
import { insertRows, update, valuesSql } from './write-rows.ts';

/** Does its case once and says so by `step.hit`, or does nothing where the relation does not suit it. */
export type Scenario = (step: Step) => Promise<void>;

export const CHANGE_SCENARIOS: Partial<Record<CoverageCase, Scenario>> = {
    insert: (step) => insertRows(step, 1),
    'insert of many rows': (step) => insertRows(step, step.random.int(2, 6)),
    'large transaction': (step) => (step.relation.columns.length > 100 ? insertRows(step, 2) : insertRows(step, 120)),
    upsert,
    update: (step) => updateRows(step, 1, true),
    'update of many rows': (step) => updateRows(step, 5, true),
    'update with absent column': (step) => updateRows(step, 2, false),
    'update without a change': (step) => updateWith(step, 'update without a change', (name) => `${name} = ${name}`),
    'value to null and back': nullAndBack,
    'key update': (step) => moveKey(step, false),
    'key update with absent column': (step) => moveKey(step, true),
    'row moved between partitions': moveBetweenPartitions,
    'chain of key updates on one row': chainOnOneRow,
    'chain of key updates over rows': chainOverRows,
    'swap of keys': swapKeys,
    delete: (step) => deleteRows(step),
    'delete then insert of the same key': deleteThenInsert,
    'insert, update and delete in one transaction': insertUpdateDelete,
    'truncate one': async (step) => {
        await truncate(step, 1);
    },
    'truncate many': async (step) => {
        await truncate(step, 3);
    },
    'truncate then insert': async (step) => {
        if (await truncate(step, 1)) {
            await insertRows(step, 3);
            step.hit('truncate then insert');
        }
    },
    message: async (step) => {
        const content = step.random.pick(['plain', '', 'it says "x" \\ \u2028', '{"json": [1]}', ']}]}']);
        await step.run(`select pg_logical_emit_message(true, 'app "x"', $text$${content}$text$);`);
        step.hit('message');
    },
};

function keySql(columns: readonly string[]): string {
    return `(${columns.map(identifier).join(', ')})`;
}

async function upsert(step: Step): Promise<void> {
    const { relation } = step;
    const [row] = await pickRows(step, 1);
    if (
        row === undefined ||
        relation.key.length === 0 ||
        relation.deferrable === true ||
        relation.identity === 'index'
    ) {
        return;
    }
    const literals = await keyOf(step, row);
    const key = new Map(relation.key.map((name, index) => [name, literals[index] as string]));
    const set = assignments(step, true);
    if (set.length > 0) {
        await noteIfUntold(step);
        await step.run(
            `insert into ${qualified(relation)} values ${valuesSql(relation, step, key)} on conflict ${keySql(relation.key)} do update set ${set.join(', ')};`,
        );
        step.hit('upsert');
    }
}

async function updateRows(step: Step, count: number, toasted: boolean): Promise<void> {
    const rows = await pickRows(step, count);
    const set = assignments(step, toasted);
    if (rows.length > 0 && set.length > 0) {
        await update(step, rows, set);
        step.hit(rows.length > 1 ? 'update of many rows' : 'update');
    }
}

async function updateWith(step: Step, name: CoverageCase, set: (column: string) => string): Promise<void> {
    const [row] = await pickRows(step, 1);
    const column = step.relation.columns.find(
        (candidate) => candidate.generated === undefined && candidate.toasted !== true,
    );
    if (row !== undefined && column !== undefined) {
        await update(step, [row], [set(identifier(column.name))]);
        step.hit(name);
    }
}

async function nullAndBack(step: Step): Promise<void> {
    const nullable = step.relation.columns.filter(
        (column) => column.notNull !== true && column.generated === undefined,
    );
    if (nullable.length === 0) {
        return;
    }
    const column = step.random.pick(nullable);
    const value =
        step.random.chance(50) && column.type.odd.length > 0
            ? step.random.pick(column.type.odd)
            : column.type.usual(step.random);
    for (const next of step.random.shuffle(['null', value])) {
        // An update moves the row to another address, so that each is picked anew; usually it is another row.
        const [row] = await pickRows(step, 1);
        if (row !== undefined) {
            await update(step, [row], [`${identifier(column.name)} = ${next}`]);
            step.hit('value to null and back');
        }
    }
}

async function deleteRows(step: Step): Promise<void> {
    const rows = await pickRows(step, 100);
    // Tables stay small, so that keys are met again and a comparison stays cheap.
    const doomed = rows.length > 60 ? rows.slice(30) : rows.slice(0, step.random.int(1, 3));
    if (doomed.length > 0) {
        await noteIfUntold(step);
        await step.run(`delete from ${qualified(step.relation)} where ${doomed.join(' or ')};`);
        step.hit('delete');
    }
}

async function deleteThenInsert(step: Step): Promise<void> {
    const { relation } = step;
    const [row] = await pickRows(step, 1);
    if (row === undefined || relation.key.length === 0 || relation.identity === 'index') {
        return;
    }
    const literals = await keyOf(step, row);
    await noteIfUntold(step);
    await step.run(`delete from ${qualified(relation)} where ${row};`);
    const key = new Map(relation.key.map((name, index) => [name, literals[index] as string]));
    await step.run(`insert into ${qualified(relation)} values ${valuesSql(relation, step, key)};`);
    step.hit('delete then insert of the same key');
}

async function insertUpdateDelete(step: Step): Promise<void> {
    const { relation } = step;
    if (relation.unique.length === 0 || !step.insideTransaction) {
        return;
    }
    const key = newKey(step);
    const address = [...key].map(([name, value]) => `${identifier(name)} = ${value}`).join(' and ');
    await step.run(
        `insert into ${qualified(relation)} values ${valuesSql(relation, step, key)}${relation.deferrable === true ? '' : ' on conflict do nothing'};`,
    );
    const set = assignments(step, true);
    if (set.length > 0) {
        await update(step, [address], set);
    }
    await noteIfUntold(step);
    await step.run(`delete from ${qualified(relation)} where ${address};`);
    step.hit('insert, update and delete in one transaction');
}

async function truncate(step: Step, count: number): Promise<boolean> {
    // Seldom, since what is truncated cannot be updated.
    if (!step.truncates || step.random.chance(60)) {
        return false;
    }
    const others = step.random.sample(
        step.relations.filter((relation) => relation !== step.relation),
        count - 1,
    );
    await step.run(`truncate ${[step.relation, ...others].map(qualified).join(', ')};`);
    step.hit(others.length > 0 ? 'truncate many' : 'truncate one');
    return true;
}
