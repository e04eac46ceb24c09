import { closeSync, fsyncSync, openSync } from 'node:fs';
import { type ByteWriter, fileWriter, ParquetWriter } from 'hyparquet-writer';
import type { ExportColumn } from './export-columns.ts';
import type { MakeTableWriter } from './table-writer.ts';

type Schema = ConstructorParameters<typeof ParquetWriter>[0]['schema'];
type Element = Schema[number];

/** How SQLite's types are stored. Source: Parquet's LogicalTypes.md (a string is a BYTE_ARRAY with type UTF8). */
const ELEMENTS: Readonly<Record<ExportColumn['type'], Omit<Element, 'name'>>> = {
    integer: { type: 'INT64', repetition_type: 'OPTIONAL' },
    real: { type: 'DOUBLE', repetition_type: 'OPTIONAL' },
    text: { type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' },
    blob: { type: 'BYTE_ARRAY', repetition_type: 'OPTIONAL' },
};

/** Parquet, Snappy-compressed; a batch of rows is a row group. */
export const parquetWriter: MakeTableWriter = (path, columns) => {
    const root: Element = { name: 'root', num_children: columns.length };
    const schema = [root, ...columns.map(({ name, type }): Element => ({ name, ...ELEMENTS[type] }))];
    const bytes = fileWriter(path) as ByteWriter;
    const writer = new ParquetWriter({ writer: bytes, schema, createdBy: 'elt' });
    return {
        write(rows) {
            const columnData = columns.map(({ name, type }, index) => ({
                name,
                data: rows.map((row) => fitting(row[index], type)),
            }));
            writer.write({ columnData, rowGroupSize: rows.length });
        },
        finish() {
            writer.finish();
            syncFile(path);
        },
    };
};

/** The file is renamed only after its bytes are on disk; the library closes it without fsync. */
function syncFile(path: string): void {
    const file = openSync(path, 'r+');
    try {
        fsyncSync(file);
    } finally {
        closeSync(file);
    }
}

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
