/** The types of Parquet columns that `elt` writes and reads. Source: LogicalTypes.md of apache/parquet-format. */
export type ParquetType =
    | 'integer'
    | 'boolean'
    | 'double'
    | `decimal(${number},${number})`
    | 'date'
    | 'timestamp'
    | 'timestamptz'
    | 'bytes'
    | 'text';

/** A column; any value may be null. */
export interface ParquetField {
    readonly name: string;
    readonly type: ParquetType;
}

/** The largest precision that engines have in common. Source: Spark's DecimalType, DuckDB's DECIMAL. */
export const DECIMAL_DIGITS_MAX = 38;

/** The precision and the scale of a decimal type; undefined for the others. */
export function decimalDigits(type: ParquetType): { readonly precision: number; readonly scale: number } | undefined {
    const [, precision, scale] = /^decimal\((\d+),(\d+)\)$/.exec(type) ?? [];
    return precision === undefined ? undefined : { precision: Number(precision), scale: Number(scale) };
}
