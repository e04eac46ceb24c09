import type { ParquetType } from '../../parquet/parquet-type.ts';
import { duckdbDialect } from './duckdb-dialect.ts';
import type { LakeReader } from './lake-reader.ts';

/** DuckDB takes a list of files; the session's time zone is UTC. */
export const duckdbReader: LakeReader = {
    files: (name, columns, files) => {
        const list = files.map(duckdbDialect.text).join(', ');
        const names = columns.map((column) => duckdbDialect.name(column.name)).join(', ');
        return duckdbDialect.view(name, `select ${names}\nfrom read_parquet([${list}], union_by_name = true)`);
    },
    value: (sql, type, isNumber) => valueOfType(sql, type, isNumber),
};

function valueOfType(sql: string, type: ParquetType, isNumber: boolean): string {
    switch (type) {
        case 'integer':
        case 'double':
        case 'text':
            return sql;
        case 'boolean':
            return `cast(${sql} as bigint)`;
        case 'bytes':
            return `lower(hex(${sql}))`;
        default:
            return `cast(${sql} as ${isNumber ? 'double' : 'varchar'})`;
    }
}
