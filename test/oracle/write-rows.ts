import { qualified, type Relation, valueSql } from './relation.ts';
import { newKey, noteIfUntold, type RowAddress, type Step } from './step.ts';
import { identifier } from './value-type.ts';

/** `(…)` of an insert: the key as given, every other column by chance. */
export function valuesSql(relation: Relation, step: Step, key: ReadonlyMap<string, string>): string {
    const values = relation.columns.map((column) =>
        column.generated === undefined ? (key.get(column.name) ?? valueSql(column, step.random)) : 'default',
    );
    return `(${values.join(', ')})`;
}

/** Inserts rows with new keys; in pools of few keys some may exist already and are then not inserted. */
export async function insertRows(step: Step, count: number): Promise<void> {
    const { relation } = step;
    if (relation.columns.length === 0) {
        await step.run(`insert into ${qualified(relation)} default values;`);
    } else {
        const rows = Array.from({ length: count }, () => valuesSql(relation, step, newKey(step)));
        const conflict = relation.deferrable === true || relation.key.length === 0 ? '' : ' on conflict do nothing';
        await step.run(`insert into ${qualified(relation)} values ${rows.join(', ')}${conflict};`);
    }
    step.hit(count === 1 ? 'insert' : count > 100 ? 'large transaction' : 'insert of many rows');
    for (const name of relation.cases) {
        step.hit(name);
    }
}

export async function update(
    step: Step,
    rows: readonly RowAddress[],
    set: readonly string[],
    guard = '',
): Promise<void> {
    await noteIfUntold(step);
    await step.run(`update ${qualified(step.relation)} set ${set.join(', ')} where (${rows.join(' or ')})${guard};`);
}

/** Gives a row a new key, if no other row has it. */
export async function setKey(
    step: Step,
    row: RowAddress,
    key: ReadonlyMap<string, string>,
    more: readonly string[],
): Promise<void> {
    const set = [...key].map(([name, value]) => `${identifier(name)} = ${value}`);
    const taken = [...key].map(([name, value]) => `${identifier(name)} = ${value}`).join(' and ');
    await update(
        step,
        [row],
        [...set, ...more],
        ` and not exists (select from ${qualified(step.relation)} where ${taken})`,
    );
}
