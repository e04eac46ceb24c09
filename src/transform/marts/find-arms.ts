import type { ParsedSelect } from '../../sql/grammar/parse-select.ts';
import { type ChosenArm, chooseArms } from './arms/choose-arms.ts';
import { type OutwardStep, outwardSteps } from './arms/plan-arms.ts';
import { Reading } from './rules/reading.ts';
import type { SchemaFacts } from './rules/schema-facts.ts';
import { EMPTY_JOINED } from './rules/scope.ts';
import { readSelect } from './rules/select-relation.ts';

/** More ways than this come of joins that multiply; the marts of real projects have a dozen. */
const WAYS_MAX = 2_000;

export interface FoundArms {
    readonly arms: readonly ChosenArm[];
    /** What the SELECT does for a key. */
    readonly outward: readonly OutwardStep[];
    /** Rows may have a key that is null, as far as the tables tell. */
    readonly keyMayBeNull: boolean;
}

/**
 * The arms that find which keys changed rows reach. `columns` are the result's names, as SQLite gives them.
 * @throws NotCovered where the rules do not know a construct.
 */
export function findArms(
    { text, select }: ParsedSelect,
    columns: readonly string[],
    key: readonly string[],
    schema: SchemaFacts,
): FoundArms {
    const reading = new Reading(schema, WAYS_MAX);
    const relation = readSelect(
        select,
        { text, ctes: new Map(), outer: undefined, base: EMPTY_JOINED.way, asksRowsOnly: false, views: [] },
        reading,
    );
    const places = key.map((name) => columns.findIndex((column) => column.toLowerCase() === name.toLowerCase()));
    const names = places.map((place) => relation.names[place] ?? '');
    const values = [...relation.rows, ...relation.changes].flatMap(({ columns: told }) =>
        names.map((name) => told.get(name) ?? null),
    );
    return {
        arms: chooseArms(relation, names),
        keyMayBeNull: values.some((value) => value === null || value.mayBeNull || value.sides.size > 0),
        outward: [...relation.rows, ...relation.changes].flatMap((row) => outwardSteps(row, names)),
    };
}
