import type { SqliteType } from '../core/storage-types.ts';
import { DECIMAL_DIGITS_MAX, type ParquetType } from '../parquet/parquet-type.ts';

/**
 * The type of a column in the Parquet files of a lake: the declared type of PostgreSQL where it holds every value that
 * has landed. SQLite's value is got back from each without loss:
 *
 * | type           | in SQLite       | SQLite's value                                                              |
 * |----------------|-----------------|-----------------------------------------------------------------------------|
 * | integer        | INTEGER         | the same (64 bits)                                                          |
 * | boolean        | INTEGER         | 1, 0                                                                        |
 * | double         | REAL            | the same                                                                    |
 * | decimal(p,s)   | REAL            | the nearest double                                                          |
 * | decimal(p,s)   | TEXT            | its text with exactly s digits after the point                              |
 * | date           | TEXT            | `2024-02-29`                                                                |
 * | timestamp      | TEXT            | `2024-02-29 23:59:59.5`: to microseconds, without trailing zeros            |
 * | timestamptz    | TEXT            | the same in UTC, with `+00` after it                                        |
 * | bytes          | TEXT            | lower-case hexadecimal digits                                               |
 * | text           | TEXT            | the same                                                                    |
 * | text           | ANY             | its text, as `cast(… as text)` and the current table have it                |
 */
export type LakeType = ParquetType;

/** Types of columns that SQLite keeps as text: the text has one form, which the type gives back. */
const OF_TEXTS: ReadonlyMap<string, LakeType> = new Map([
    ['date', 'date'],
    ['bytea', 'bytes'],
    ['timestamp', 'timestamp'],
    ['timestamp without time zone', 'timestamp'],
    ['timestamptz', 'timestamptz'],
    ['timestamp with time zone', 'timestamptz'],
]);

/** The type by which a column is written as long as it holds every value. */
export function lakeTypeOf(pgType: string | null, sqliteType: SqliteType): LakeType {
    const declared = pgType?.replace(/^(timestamp(?:tz)?)\(\d\)/, '$1') ?? '';
    switch (sqliteType) {
        case 'INTEGER':
            return declared === 'boolean' || declared === 'bool' ? 'boolean' : 'integer';
        case 'REAL':
            return decimalOf(declared) ?? 'double';
        case 'TEXT':
            return OF_TEXTS.get(declared) ?? decimalOf(declared) ?? 'text';
        case 'ANY':
            return 'text';
    }
}

function decimalOf(pgType: string): LakeType | undefined {
    const [, precision, scale] = /^numeric\((\d+)(?:,(-?\d+))?\)$/.exec(pgType) ?? [];
    const digits = { precision: Number(precision), scale: Number(scale ?? 0) };
    const fits = digits.precision <= DECIMAL_DIGITS_MAX && digits.scale >= 0 && digits.scale <= digits.precision;
    return precision !== undefined && fits ? `decimal(${digits.precision},${digits.scale})` : undefined;
}
