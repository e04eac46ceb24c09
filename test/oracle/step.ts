import type { Random } from '../support/random.ts';
import type { CoverageCase } from './coverage.ts';
import { identityColumns, isTold, qualified, type Relation, valueSql } from './relation.ts';
import { identifier, literal } from './value-type.ts';

/** What the stream cannot tell. Written into the stream itself as messages of this prefix, so that the replay meets it in order. */
export const NOTE_PREFIX = 'oracle';
export interface Note {
    /**
     * `stale`: the column's values in rows not written again are unknown (default of an added column, rename, retype);
     * `untold`: an update or delete is missing from the stream; `history-lost`: the rows were written under another name;
     * `unkeyed-drift`: rows without a key can no longer be told apart.
     */
    readonly kind: 'stale' | 'untold' | 'history-lost';
    readonly tables: readonly { readonly schema: string; readonly name: string }[];
    readonly column?: string;
}

/** One stroke of a transaction: the relation it is about, and the means to write to it. */
export interface Step {
    readonly random: Random;
    readonly relation: Relation;
    readonly relations: readonly Relation[];
    readonly truncates: boolean;
    readonly insideTransaction: boolean;
    run(sql: string): Promise<string>;
    /** Counted when the transaction commits. */
    hit(name: CoverageCase): void;
    nextNumber(): number;
    /** Puts a changed relation in the place of the step's relation; undefined removes it. */
    replace(relation: Relation | undefined): void;
    add(relation: Relation): void;
    /** Names that columns of the relation had before they were dropped. */
    readonly droppedNames: string[];
}

/** A condition that names exactly one row, whatever the table's key. */
export type RowAddress = string;

/** Addresses of up to `count` random rows; drawn from rows in the order of their text, so that a seed replays. */
export async function pickRows(step: Step, count: number): Promise<RowAddress[]> {
    const query = `select '(tableoid, ctid) = (' || tableoid::oid || ', ''' || ctid || ''')' from ${qualified(step.relation)} as some_row
        order by some_row::text collate "C", ctid limit 100;`;
    const lines = await step.run(query);
    return lines === '' ? [] : step.random.sample(lines.split('\n'), count);
}

/** The key of one row as SQL literals, in the order of the key's columns. */
export async function keyOf(step: Step, row: RowAddress): Promise<string[]> {
    const parts = identityColumns(step.relation).map((name) => `quote_literal(${identifier(name)}::text)`);
    const answer = await step.run(
        `select json_build_array(${parts.join(', ')}) from ${qualified(step.relation)} where ${row};`,
    );
    return JSON.parse(answer) as string[];
}

/** A key that no row had yet (or, in small pools, that no row has now), by column. */
export function newKey(step: Step): Map<string, string> {
    const { relation, random } = step;
    const number = step.nextNumber();
    return new Map(
        relation.unique.map((name) => {
            const type = relation.columns.find((column) => column.name === name)?.type;
            return [name, type?.unique?.(number, random) ?? `${number}`];
        }),
    );
}

/** `set` list of random columns outside of the key; `toasted` says whether large columns may be among them. */
export function assignments(step: Step, toasted: boolean): string[] {
    const { relation, random } = step;
    const free = relation.columns.filter(
        (column) =>
            column.generated === undefined &&
            !relation.unique.includes(column.name) &&
            (toasted || column.toasted !== true),
    );
    return random
        .sample(free, random.int(1, 4))
        .map((column) => `${identifier(column.name)} = ${valueSql(column, random)}`);
}

export function tablesOf(relation: Relation): { schema: string; name: string }[] {
    return (relation.partitions ?? [relation.name]).map((name) => ({ schema: relation.schema, name }));
}

export async function note(step: Step, kind: Note['kind'], relation: Relation, column?: string): Promise<void> {
    const content: Note = { kind, tables: tablesOf(relation), ...(column === undefined ? {} : { column }) };
    await step.run(`select pg_logical_emit_message(true, '${NOTE_PREFIX}', ${literal(JSON.stringify(content))});`);
}

/** To be called before an update or a delete: where the stream will not tell it, that is noted. */
export async function noteIfUntold(step: Step): Promise<void> {
    if (!isTold(step.relation)) {
        await note(step, 'untold', step.relation);
    }
}
