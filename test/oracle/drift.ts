import type { CoverageCase } from './coverage.ts';
import { generateRelations } from './generate-relations.ts';
import { METRICS_COLUMNS } from './payments-relations.ts';
import { type Column, createSql, identitySql, isTold, qualified, type Relation } from './relation.ts';
import type { Scenario } from './scenarios.ts';
import { note, type Step } from './step.ts';
import { identifier } from './value-type.ts';
import { VALUE_TYPES, valueType } from './value-types.ts';
import { insertRows } from './write-rows.ts';

/** Changes of the shape of a relation. What the stream cannot tell of them is noted in the stream. */
export const DRIFT_SCENARIOS: Partial<Record<CoverageCase, Scenario>> = {
    'column added': (step) => addColumn(step, 'column added'),
    'column added with default': (step) => addColumn(step, 'column added with default'),
    'dropped column added again': (step) => addColumn(step, 'dropped column added again'),
    'column dropped': dropColumn,
    'column renamed': renameColumn,
    'column retyped': (step) => retypeColumn(step, false),
    'column retyped, same text': (step) => retypeColumn(step, true),
    'identity changed on the way': changeIdentity,
    'table renamed': renameTable,
    'table created on the way': createTable,
    'table dropped': dropTable,
};

/** The same text before and after `alter column … type`. */
const SAME_TEXT: ReadonlySet<string> = new Set([
    'smallint>integer',
    'smallint>bigint',
    'integer>bigint',
    'integer>text',
    'bigint>text',
    'integer>numeric',
    'bigint>numeric',
    'smallint>text',
    'oid>bigint',
    'uuid>text',
    'timestamp>text',
    'jsonb>text',
    'json>text',
    'character varying(40)>text',
    'name>text',
    'date>text',
    'interval>text',
    'numeric(12,2)>numeric',
    'numeric(15,0)>numeric',
]);

function isPayments(relation: Relation): boolean {
    return relation.cases.includes('payments tables');
}

/** Columns that drift may touch: no keys, nothing that another column or the mart is made of. */
function freeColumns(relation: Relation): Column[] {
    return relation.columns.filter(
        (column) =>
            !relation.unique.includes(column.name) &&
            column.generated === undefined &&
            !(isPayments(relation) && METRICS_COLUMNS.has(column.name)),
    );
}

async function addColumn(step: Step, kind: CoverageCase): Promise<void> {
    const { relation, random } = step;
    const known = new Set(relation.columns.map((column) => column.name));
    const again = kind === 'dropped column added again';
    const dropped = step.droppedNames.filter((candidate) => !known.has(candidate));
    if (relation.columns.length > 60 || (again && dropped.length === 0)) {
        return;
    }
    const number = step.nextNumber();
    const name = again
        ? random.pick(dropped)
        : random.pick([`added ${number}`, `added_${number}`, `_added${number}`, `Zusätzlich ${number}`]);
    const type = random.pick(VALUE_TYPES);
    const defaultSql =
        kind === 'column added with default'
            ? ` default ${type.usual(random)}${random.chance(50) ? ' not null' : ''}`
            : '';
    await step.run(`alter table ${qualified(relation)} add column ${identifier(name)} ${type.name}${defaultSql};`);
    if (kind !== 'column added') {
        await note(step, 'stale', relation, name);
    }
    const added: Column = { name, type, ...(defaultSql.endsWith('not null') ? { notNull: true } : {}) };
    step.replace({ ...relation, columns: [...relation.columns, added] });
    step.hit(kind);
    if (step.insideTransaction) {
        step.hit('column added inside a transaction');
    }
}

async function dropColumn(step: Step): Promise<void> {
    const { relation, random } = step;
    const free = freeColumns(relation);
    if (free.length < 2) {
        return;
    }
    const column = random.pick(free);
    await step.run(`alter table ${qualified(relation)} drop column ${identifier(column.name)};`);
    step.replace({ ...relation, columns: relation.columns.filter((candidate) => candidate !== column) });
    step.droppedNames.push(column.name);
    step.hit('column dropped');
}

async function renameColumn(step: Step): Promise<void> {
    const { relation, random } = step;
    const free = freeColumns(relation);
    if (free.length === 0) {
        return;
    }
    const column = random.pick(free);
    const name = `${column.name.slice(0, 40)} ${step.nextNumber()}`;
    await step.run(
        `alter table ${qualified(relation)} rename column ${identifier(column.name)} to ${identifier(name)};`,
    );
    await note(step, 'stale', relation, name);
    const renamed = { ...column, name };
    step.replace({
        ...relation,
        columns: relation.columns.map((candidate) => (candidate === column ? renamed : candidate)),
    });
    step.droppedNames.push(column.name);
    step.hit('column renamed');
}

async function retypeColumn(step: Step, sameText: boolean): Promise<void> {
    const { relation, random } = step;
    const choices = freeColumns(relation).flatMap((column) =>
        (column.type.retypesTo ?? [])
            .filter(
                (target) => target !== column.type.name && SAME_TEXT.has(`${column.type.name}>${target}`) === sameText,
            )
            .map((target) => ({ column, type: valueType(target) })),
    );
    if (choices.length === 0) {
        return;
    }
    const { column, type } = random.pick(choices);
    const name = identifier(column.name);
    await step.run(`alter table ${qualified(relation)} alter ${name} drop default;
        alter table ${qualified(relation)} alter ${name} type ${type.name} using ${name}::${type.name};`);
    await note(step, 'stale', relation, column.name);
    const retyped = { ...column, type };
    step.replace({
        ...relation,
        columns: relation.columns.map((candidate) => (candidate === column ? retyped : candidate)),
    });
    step.hit(sameText ? 'column retyped, same text' : 'column retyped');
    if (step.insideTransaction) {
        step.hit('column retyped inside a transaction');
    }
}

async function changeIdentity(step: Step): Promise<void> {
    const { relation } = step;
    if (
        !isTold(relation) ||
        relation.key.length === 0 ||
        relation.identity === 'index' ||
        relation.columns.length > 100
    ) {
        return;
    }
    const changed: Relation = { ...relation, identity: relation.identity === 'full' ? 'default' : 'full' };
    await step.run(identitySql(changed).join('\n'));
    step.replace(changed);
    step.hit('identity changed on the way');
}

async function renameTable(step: Step): Promise<void> {
    const { relation } = step;
    if (isPayments(relation) || relation.partitions !== undefined) {
        return;
    }
    const renamed: Relation = { ...relation, name: `${relation.name.slice(0, 40)} ${step.nextNumber()}` };
    await step.run(`alter table ${qualified(relation)} rename to ${identifier(renamed.name)};`);
    await note(step, 'history-lost', renamed);
    step.replace(renamed);
    step.hit('table renamed');
}

async function createTable(step: Step): Promise<void> {
    if (isPayments(step.relation) || step.relations.length > 16) {
        return;
    }
    const [relation] = generateRelations(step.random, 1, step.random.int(0, 99));
    const created: Relation = { ...(relation as Relation), name: `new ${step.nextNumber()}` };
    if (created.partitions !== undefined || created.identity === 'index') {
        return;
    }
    await step.run(createSql(created));
    step.add(created);
    step.hit('table created on the way');
    await insertRows({ ...step, relation: created }, 3);
}

async function dropTable(step: Step): Promise<void> {
    const { relation } = step;
    if (isPayments(relation) || step.relations.length < 8) {
        return;
    }
    await step.run(`drop table ${qualified(relation)};`);
    step.replace(undefined);
    step.hit('table dropped');
}
