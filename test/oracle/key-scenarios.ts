import { identityColumns, qualified } from './relation.ts';
import { assignments, keyOf, newKey, pickRows, type RowAddress, type Step } from './step.ts';
import { identifier } from './value-type.ts';
import { insertRows, setKey } from './write-rows.ts';

export async function moveKey(step: Step, leaveLargeOut: boolean): Promise<void> {
    const [row] = await pickRows(step, 1);
    if (row === undefined || step.relation.unique.length === 0) {
        return;
    }
    const key = newKey(step);
    // Of a composite key sometimes only a part.
    const part = key.size > 1 && step.random.chance(60) ? new Map([step.random.pick([...key])]) : key;
    await setKey(step, row, part, step.random.chance(50) ? [] : assignments(step, !leaveLargeOut));
    step.hit('key update');
}

/** PostgreSQL deletes the row from one leaf and inserts it into the other. */
export async function moveBetweenPartitions(step: Step): Promise<void> {
    const relation = step.relations.find((candidate) => candidate.partitions !== undefined);
    if (relation === undefined) {
        return;
    }
    const partitioned: Step = { ...step, relation };
    await insertRows(partitioned, 2);
    for (const row of await pickRows(partitioned, 3)) {
        const key = newKey(partitioned);
        await setKey(partitioned, row, key, assignments(partitioned, false));
        const leaf = /\((\d+),/.exec(row)?.[1];
        const condition = [...key].map(([name, value]) => `${identifier(name)} = ${value}`).join(' and ');
        const moved = await step.run(
            `select count(*) from ${qualified(relation)} where tableoid <> ${leaf} and ${condition};`,
        );
        if (moved === '1') {
            step.hit('row moved between partitions');
        }
    }
}

export async function chainOnOneRow(step: Step): Promise<void> {
    const { relation } = step;
    const [row] = await pickRows(step, 1);
    if (row === undefined || identityColumns(relation).length === 0 || !step.insideTransaction) {
        return;
    }
    let address = row;
    for (let link = step.random.int(2, 4); link > 0; link--) {
        const key = newKey(step);
        await setKey(step, address, key, link === 2 ? assignments(step, false) : []);
        address = [...key].map(([name, value]) => `${identifier(name)} = ${value}`).join(' and ');
    }
    step.hit('chain of key updates on one row');
}

/** The last row moves away, and each row before it takes the key of the one after it. */
export async function chainOverRows(step: Step): Promise<void> {
    const rows = await pickRows(step, 3);
    if (rows.length < 3 || !canTakeKeys(step)) {
        return;
    }
    const keys = await Promise.all(rows.map((row) => keyOf(step, row)));
    await setKey(step, rows[2] as string, newKey(step), []);
    await takeKey(step, rows[1] as string, keys[2] as string[]);
    await takeKey(step, rows[0] as string, keys[1] as string[]);
    step.hit('chain of key updates over rows');
}

export async function swapKeys(step: Step): Promise<void> {
    const rows = await pickRows(step, 2);
    if (rows.length < 2 || !canTakeKeys(step)) {
        return;
    }
    const [left, right] = (await Promise.all(rows.map((row) => keyOf(step, row)))) as [string[], string[]];
    const third = newKey(step);
    const isThird = [...third].map(([name, value]) => `${identifier(name)} = ${value}`).join(' and ');
    await setKey(step, rows[0] as string, third, []);
    await takeKey(step, rows[1] as string, left);
    await takeKey(step, isThird, right);
    step.hit('swap of keys');
}

function canTakeKeys(step: Step): boolean {
    return step.insideTransaction && step.relation.key.length > 0 && step.relation.identity !== 'index';
}

async function takeKey(step: Step, row: RowAddress, literals: readonly string[]): Promise<void> {
    const key = new Map(identityColumns(step.relation).map((name, index) => [name, literals[index] as string]));
    await setKey(step, row, key, step.random.chance(30) ? assignments(step, false) : []);
}
