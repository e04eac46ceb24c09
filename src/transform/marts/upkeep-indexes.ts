import { createHash } from 'node:crypto';
import { quoteName } from '../../sql/quote.ts';
import type { ArmStep } from './arms/arm-steps.ts';
import type { ChosenArm } from './arms/choose-arms.ts';
import type { OutwardStep } from './arms/plan-arms.ts';
import type { TableFacts, WantedIndex } from './rules/schema-facts.ts';
import type { Value } from './rules/value.ts';
import type { Condition, Occurrence } from './rules/way.ts';
import type { UpkeepIndex } from './text/upkeep-spec.ts';

/**
 * The indexes by which arms find rows from changed rows on, and the SELECT from the key on; `ordered` are those whose
 * columns must be there in their order. None on staging: landing would pay for them.
 */
export function indexesFor(
    arms: readonly ChosenArm[],
    outward: readonly OutwardStep[],
    narrowed: readonly WantedIndex[],
    ordered: readonly WantedIndex[],
): readonly UpkeepIndex[] {
    const plain = [...arms.flatMap(({ steps }) => ofSteps(steps)), ...outward.flatMap(ofOutward), ...narrowed];
    const wanted = [
        ...plain.filter(({ table, columns }) => columns.length > 0 && !isIndexed(table, columns)),
        ...ordered.filter(({ table, columns }) => !isIndexedInOrder(table, columns)),
    ];
    const indexes = wanted
        .filter(({ table }) => table.images.kind !== 'staged')
        .map(
            ({ table, columns }): UpkeepIndex => ({ name: indexName(table.name, columns), table: table.name, columns }),
        );
    const byName = new Map(indexes.map((index) => [index.name, index]));
    // One that another one begins with finds nothing more.
    return [...byName.values()].filter(
        (one) => !indexes.some((other) => other.name !== one.name && beginsWith(other, one)),
    );
}

function beginsWith(other: UpkeepIndex, one: UpkeepIndex): boolean {
    return (
        other.table === one.table &&
        other.columns.length > one.columns.length &&
        one.columns.every((column, index) => other.columns[index] === column)
    );
}

function ofSteps(steps: readonly ArmStep[]): readonly WantedIndex[] {
    return steps.flatMap(({ occurrence, isChanged, conditions }, index) => {
        const before = new Set(steps.slice(0, index).map((step) => step.occurrence.id));
        return isChanged ? [] : wantedIndex(occurrence, conditions, (id) => before.has(id));
    });
}

function ofOutward({ occurrence, conditions }: OutwardStep): readonly WantedIndex[] {
    return wantedIndex(occurrence, conditions, (id) => id !== occurrence.id);
}

function wantedIndex(
    occurrence: Occurrence,
    conditions: readonly Condition[],
    isBefore: (id: number) => boolean,
): readonly WantedIndex[] {
    if (occurrence.kind !== 'table' || occurrence.table.images.kind === 'unfilled') {
        return [];
    }
    return [{ table: occurrence.table, columns: columnsThatLead(occurrence.id, conditions, isBefore).map(quoteName) }];
}

/** Columns of an occurrence that equal something of the tables before it. */
function columnsThatLead(
    id: number,
    conditions: readonly Condition[],
    isBefore: (id: number) => boolean,
): readonly string[] {
    const columns = conditions.flatMap(({ operands }) => {
        const [left, right] = operands ?? [];
        return left === undefined || right === undefined ? [] : [...leads(left, right), ...leads(right, left)];
    });
    return [...new Set(columns)];

    function leads(own: Value, other: Value): readonly string[] {
        const isJoined = own.column?.occurrence === id && other.reads.size > 0 && [...other.reads].every(isBefore);
        return isJoined && own.column !== undefined ? [own.column.column] : [];
    }
}

function isIndexed(table: TableFacts, columns: readonly string[]): boolean {
    const lower = columns.map((column) => column.toLowerCase());
    return table.indexes.some(([first]) => first !== undefined && lower.includes(quoteName(first)));
}

function isIndexedInOrder(table: TableFacts, columns: readonly string[]): boolean {
    return table.indexes.some((index) =>
        columns.every((column, place) => quoteName(index[place] ?? '') === column.toLowerCase()),
    );
}

/** Marts that need the same index create it under the same name. */
function indexName(table: string, columns: readonly string[]): string {
    const isPlain = columns.every((column) => /^\w+(?:\(\w+\))?$/.test(column));
    const mark = isPlain ? '' : `_${createHash('sha256').update(columns.join()).digest('hex').slice(0, 4)}`;
    return `${nameOfColumns(table, columns.join())}${mark}`;
}

/** Whether the upkeep of some mart creates an index, by its name. */
export function isGeneratedIndex(table: string, name: string, sql: string): boolean {
    const columns = sql.slice(sql.indexOf('(') + 1, sql.lastIndexOf(')'));
    const wanted = nameOfColumns(table, columns);
    return name === wanted || (name.startsWith(wanted) && /^_[0-9a-f]{4}$/.test(name.slice(wanted.length)));
}

function nameOfColumns(table: string, columns: string): string {
    const words = (text: string): string => text.toLowerCase().replaceAll(/\W+/g, '_');
    return `${words(table)}_by_${words(columns).replaceAll(/^_|_$/g, '')}`;
}
