import type { ParquetType } from '../../parquet/parquet-type.ts';

/** How an engine reads the Parquet files of a lake. */
export interface LakeReader {
    /** The statement that names the rows of some files; a file that lacks a column has null there. */
    readonly files: (name: string, columns: readonly ReadColumn[], files: readonly string[]) => string;
    /** The value that SQLite holds of a column of a file; `isNumber`: SQLite holds a decimal as a real. */
    readonly value: (sql: string, type: ParquetType, isNumber: boolean) => string;
}

export interface ReadColumn {
    readonly name: string;
    readonly type: ParquetType;
}
