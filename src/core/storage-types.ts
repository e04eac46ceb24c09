/** How a column is declared in SQLite. */
export type SqliteType = 'INTEGER' | 'REAL' | 'TEXT' | 'ANY';

/** SQLite's limit of 2,000 columns without those of bookkeeping. PostgreSQL's is 1,600, dropped ones included. */
export const COLUMNS_MAX = 1_992;

/** Which values a column accepts, and how they are bound. */
export type ValueRule =
    /** Whole numbers of 64 bits. */
    | 'integer'
    /** true and false, as 1 and 0. */
    | 'boolean'
    /** Numbers that a double can hold. */
    | 'number'
    /** Numbers that a double cannot hold, as text. */
    | 'numeric'
    /** Text. */
    | 'text'
    /** The type is unknown: integers, else text. */
    | 'any';

interface Storage {
    readonly sqlite: SqliteType;
    readonly rule: ValueRule;
}

const INTEGER: Storage = { sqlite: 'INTEGER', rule: 'integer' };
const BOOLEAN: Storage = { sqlite: 'INTEGER', rule: 'boolean' };
const REAL: Storage = { sqlite: 'REAL', rule: 'number' };
const NUMERIC: Storage = { sqlite: 'TEXT', rule: 'numeric' };
const TEXT: Storage = { sqlite: 'TEXT', rule: 'text' };
const ANY: Storage = { sqlite: 'ANY', rule: 'any' };

/** Names as `format_type` gives them and, without typmod, as `pg_type.typname` has them. */
const BY_NAME: ReadonlyMap<string, Storage> = new Map([
    ['smallint', INTEGER],
    ['integer', INTEGER],
    ['bigint', INTEGER],
    ['oid', INTEGER],
    ['int2', INTEGER],
    ['int4', INTEGER],
    ['int8', INTEGER],
    ['boolean', BOOLEAN],
    ['bool', BOOLEAN],
    ['real', REAL],
    ['double precision', REAL],
    ['float4', REAL],
    ['float8', REAL],
    ['numeric', NUMERIC],
]);

/** A double keeps any decimal of up to this many digits. */
const DOUBLE_DIGITS = 15;

/**
 * How a PostgreSQL type is stored so that no value changes. `type` is the stream's text, e.g. `numeric(10,2)`,
 * `character varying(36)`, `_int4`; null if the stream carries no types. Everything not named here is text:
 * enums, domains, arrays and more.
 */
export function storageOf(type: string | null): Storage {
    if (type === null) {
        return ANY;
    }
    const named = BY_NAME.get(type);
    if (named !== undefined) {
        return named;
    }
    const precision = /^numeric\((\d+)(?:,-?\d+)?\)$/.exec(type)?.[1];
    if (precision === undefined) {
        return TEXT;
    }
    return Number(precision) <= DOUBLE_DIGITS ? REAL : NUMERIC;
}
