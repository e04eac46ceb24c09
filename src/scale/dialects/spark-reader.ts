import type { ParquetType } from '../../parquet/parquet-type.ts';
import type { LakeReader } from './lake-reader.ts';
import { sparkDialect } from './spark-dialect.ts';

const TYPES: Readonly<Record<string, string>> = {
    integer: 'bigint',
    boolean: 'boolean',
    double: 'double',
    date: 'date',
    timestamp: 'timestamp_ntz',
    timestamptz: 'timestamp',
    bytes: 'binary',
    text: 'string',
};

/** Spark reads the files that a glob names; the session's time zone is UTC. */
export const sparkReader: LakeReader = {
    files: (name, columns, files) => {
        const list = columns.map((column) => `${sparkDialect.name(column.name)} ${TYPES[column.type] ?? column.type}`);
        const path = sparkDialect.text(globOf(files));
        return `create or replace temporary view ${sparkDialect.name(name)} (\n    ${list.join(',\n    ')}\n)
using parquet options (path ${path})`;
    },
    value: (sql, type, isNumber) => sparkValue(sql, type, isNumber),
};

function sparkValue(sql: string, type: ParquetType, isNumber: boolean): string {
    switch (type) {
        case 'integer':
        case 'double':
        case 'text':
            return sql;
        case 'boolean':
            return `cast(${sql} as bigint)`;
        case 'timestamptz':
            return `concat(cast(${sql} as string), '+00')`;
        case 'bytes':
            return `lower(hex(${sql}))`;
        default:
            return `cast(${sql} as ${isNumber ? 'double' : 'string'})`;
    }
}

/** One path for all files: `/lake/stg_a/{part-1.parquet,part-2.parquet}`. */
function globOf(files: readonly string[]): string {
    const folder = (files[0] ?? '').replace(/[^/]*$/, '');
    const names = files.map((file) => escaped(file.slice(folder.length)));
    return `${escaped(folder)}${names.length === 1 ? names[0] : `{${names.join(',')}}`}`;
}

/** Hadoop's globs. */
function escaped(path: string): string {
    return path.replace(/[\\{}[\]*?,]/g, '\\$&');
}
