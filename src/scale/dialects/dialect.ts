import type { SqliteType } from '../../core/storage-types.ts';

/** The engines that run a pipeline away from SQLite. */
export const ENGINES = ['spark', 'sail', 'postgres', 'duckdb'] as const;

export type Engine = (typeof ENGINES)[number];

/** What differs between the engines in the text that folds. Every text is a statement without its semicolon, or a part. */
export interface Dialect {
    readonly engine: Engine;
    readonly name: (name: string) => string;
    readonly text: (text: string) => string;
    /** The type of a column that SQLite holds in a STRICT table. `ANY` is text here: what it holds is written as text. */
    readonly type: (type: SqliteType) => string;
    /** The same where a table is created. */
    readonly declared: (type: SqliteType) => string;
    /** Names a SELECT, which is read anew at each use. */
    readonly view: (name: string, select: string) => string;
    /**
     * Computes a SELECT once. Never a cached view: a chain of those is one plan that doubles with each step that reads the
     * one before twice.
     */
    readonly keep: (name: string, select: string) => string;
    /** The value of the row with the greatest `order` among those for which `condition` holds; a null is a value too. */
    readonly latest: (value: string, order: string, condition?: string) => string;
    /** A number that no other row of a SELECT has; not negative. */
    readonly numbered: string;
    /** Whether `_absent` does not name a column, by its label in commas. */
    readonly lacksNot: (absent: string, label: string) => string;
    /** Text as it is compared by bytes, where the engine might compare it by a language. */
    readonly byBytes: (text: string) => string;
    /** Integers divided as SQLite does: towards zero. The divisor is not zero. */
    readonly divided: (left: string, right: string) => string;
    /** The whole part of a real, as an integer. */
    readonly truncated: (real: string) => string;
    /** The place of a text in another one, from 1; 0: it is not there. */
    readonly placeIn: (text: string, part: string) => string;
    /** Whether a text as a whole matches a regular expression that Java, RE2 and PostgreSQL read alike. */
    readonly matches: (text: string, pattern: string) => string;
    /** Whether two values are the same, a null being the same as a null; `zero` is a value of their type. */
    readonly same: (left: string, right: string, zero: string) => string;
    /** A subquery that stands for a value and names columns of the outer row must be one aggregate. */
    readonly hasPlainSubqueries: boolean;
    /** Fails with `message` where a query (its text after `from`) finds rows. */
    readonly refuse: (message: string, from: string) => string;
}
