import { ParquetFileWriter } from '../parquet/parquet-file-writer.ts';
import type { ParquetType } from '../parquet/parquet-type.ts';
import type { ExportColumn } from './export-columns.ts';
import type { MakeTableWriter } from './table-writer.ts';

/** How SQLite's types are stored. */
const TYPES: Readonly<Record<ExportColumn['type'], ParquetType>> = {
    integer: 'integer',
    real: 'double',
    text: 'text',
    blob: 'bytes',
};

/** Parquet, Snappy-compressed; a batch of rows is a row group. */
export const parquetWriter: MakeTableWriter = (path, columns) => {
    const fields = columns.map(({ name, type }) => ({ name, type: TYPES[type] }));
    const file = new ParquetFileWriter(path, fields, 'snappy');
    return {
        write(rows) {
            const data = columns.map(({ type }, index) => rows.map((row) => fitting(row[index], type)));
            file.write(data, rows.length);
        },
        finish() {
            file.finish();
        },
    };
};

/** A value converted to its column's type. */
function fitting(value: unknown, type: ExportColumn['type']): unknown {
    if (value === null || value === undefined) {
        return null;
    }
    if (type === 'real') {
        return Number(value);
    }
    if (type === 'text' && typeof value !== 'string') {
        return Buffer.isBuffer(value) ? value.toString('hex') : String(value);
    }
    return value;
}
