import type { SchemaFacts } from './schema-facts.ts';
import type { Scope } from './scope.ts';
import { renumbered, type Told } from './value.ts';
import { freshCopy, type Way } from './way.ts';

/** A way that makes rows of a SELECT, with what it gives for each result column. */
export interface Row {
    readonly way: Way;
    /** By names in lower case. */
    readonly columns: ReadonlyMap<string, Told>;
}

/**
 * What the rules know of a SELECT, a table, a view or a CTE. Whatever the state of the tables, each row comes from one
 * of `rows`. Whichever rows of tables a run touched, each row that is not as it was before comes from one of `changes`,
 * in which the changed row stands at the start and every other row is as it is now; or a table nearer to the key was
 * touched too, and then that one's way of `changes` finds it.
 */
export interface Relation {
    /** Names of the result columns in lower case, in their order. */
    readonly names: readonly string[];
    readonly rows: readonly Row[];
    readonly changes: readonly Row[];
}

/** What is around a SELECT that is read. */
export interface Surroundings {
    /** The text that the nodes point into. */
    readonly text: string;
    readonly ctes: ReadonlyMap<string, () => Relation>;
    /** The SELECT around a correlated subquery. */
    readonly outer: Scope | undefined;
    /** The way of that SELECT's row. */
    readonly base: Way;
    /** Only whether rows are there is asked, so what orders, groups or limits them says nothing. */
    readonly asksRowsOnly: boolean;
    /** Views that are being read. */
    readonly views: readonly string[];
}

/** The rules do not cover this SELECT: it is compared in full, for this reason. */
export class NotCovered extends Error {}

/** What reading a SELECT needs and keeps. */
export class Reading {
    readonly schema: SchemaFacts;
    readonly #waysMax: number;
    #occurrences = 0;
    #ways = 0;

    constructor(schema: SchemaFacts, waysMax: number) {
        this.schema = schema;
        this.#waysMax = waysMax;
    }

    nextOccurrence = (): number => ++this.#occurrences;

    /** Counts ways: several joins of tables that may be missing multiply. @throws NotCovered */
    counted<T extends { readonly length: number }>(ways: T): T {
        this.#ways += ways.length;
        if (this.#ways > this.#waysMax) {
            throw new NotCovered(`its joins can be gone through in more than ${this.#waysMax} ways`);
        }
        return ways;
    }
}

/** A row's way with occurrences of its own. */
export function freshRow(row: Row, reading: Reading): Row {
    const { way, numbers } = freshCopy(row.way, reading.nextOccurrence);
    const columns = [...row.columns].map(([name, value]) => [name, value && renumbered(value, numbers)] as const);
    return { way, columns: new Map(columns) };
}

/** The same rows under other names. */
export function renamed(relation: Relation, names: readonly string[]): Relation {
    const rename = ({ way, columns }: Row): Row => ({
        way,
        columns: new Map(names.map((name, index) => [name, columns.get(relation.names[index] ?? '') ?? null])),
    });
    return { names, rows: relation.rows.map(rename), changes: relation.changes.map(rename) };
}
