import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import * as zlib from 'node:zlib';
import { type AsyncBuffer, type FileMetaData, parquetMetadataAsync, parquetRead, type SchemaElement } from 'hyparquet';
import type { ParquetField, ParquetType } from './parquet-type.ts';

/** A row group, by column; values as `ParquetFileWriter` takes them. */
export interface ParquetGroup {
    readonly rows: number;
    readonly columns: readonly (readonly unknown[])[];
}

const NANOS_OF_MICRO = 1_000n;

/** No value may become a `Date`, which knows milliseconds only. */
const PARSERS = {
    timestampFromMilliseconds: (millis: bigint) => millis * 1_000n,
    timestampFromMicroseconds: (micros: bigint) => micros,
    timestampFromNanoseconds: (nanos: bigint) => nanos / NANOS_OF_MICRO,
    dateFromDays: (days: number) => days,
};

/** What engines write beside Snappy, which the library reads itself. */
const DECOMPRESSORS = {
    GZIP: (bytes: Uint8Array) => zlib.gunzipSync(bytes),
    ZSTD: (bytes: Uint8Array) => zlib.zstdDecompressSync(bytes),
    BROTLI: (bytes: Uint8Array) => zlib.brotliDecompressSync(bytes),
};

/**
 * Reads one Parquet file, a row group at a time. Owns the open file until `close`. Only flat columns: a nested one has the
 * type undefined.
 */
export class ParquetFileReader {
    readonly fields: readonly (ParquetField | { readonly name: string; readonly type: undefined })[];
    readonly rows: number;
    readonly #file: number;
    readonly #buffer: AsyncBuffer;
    readonly #metadata: FileMetaData;

    private constructor(file: number, buffer: AsyncBuffer, metadata: FileMetaData) {
        this.#file = file;
        this.#buffer = buffer;
        this.fields = fieldsOf(metadata.schema);
        this.rows = Number(metadata.num_rows);
        this.#metadata = { ...metadata, schema: metadata.schema.map(withoutDecimal) };
    }

    static async open(path: string): Promise<ParquetFileReader> {
        const file = openSync(path, 'r');
        try {
            const buffer = {
                byteLength: fstatSync(file).size,
                slice: (from: number, to?: number) => read(file, from, to),
            };
            return new ParquetFileReader(file, buffer, await parquetMetadataAsync(buffer));
        } catch (error) {
            closeSync(file);
            throw error;
        }
    }

    /** The row groups; of the columns that are named, or of all. */
    async *groups(names: readonly string[] = this.fields.map(({ name }) => name)): AsyncGenerator<ParquetGroup> {
        let rowStart = 0;
        for (const group of this.#metadata.row_groups) {
            const rows = Number(group.num_rows);
            if (rows > 0) {
                yield { rows, columns: await this.#columns(names, rowStart, rowStart + rows) };
            }
            rowStart += rows;
        }
    }

    close(): void {
        closeSync(this.#file);
    }

    async #columns(names: readonly string[], rowStart: number, rowEnd: number): Promise<unknown[][]> {
        const chunks = new Map<string, unknown[][]>(names.map((name) => [name, []]));
        await parquetRead({
            file: this.#buffer,
            metadata: this.#metadata,
            columns: [...names],
            rowStart,
            rowEnd,
            parsers: PARSERS,
            utf8: false,
            compressors: DECOMPRESSORS,
            onChunk: ({ columnName, columnData }) => chunks.get(columnName)?.push(Array.from(columnData)),
        });
        return names.map((name) => {
            const field = this.fields.find((one) => one.name === name);
            const values = (chunks.get(name) ?? []).flat();
            return field?.type === undefined ? values : values.map((value) => plain(value, field.type as ParquetType));
        });
    }
}

function read(file: number, from: number, to = fstatSync(file).size): ArrayBuffer {
    const bytes = new Uint8Array(to - from);
    for (let done = 0; done < bytes.length; ) {
        const count = readSync(file, bytes, done, bytes.length - done, from + done);
        if (count === 0) {
            throw new Error('the file has become shorter while it was read');
        }
        done += count;
    }
    return bytes.buffer;
}

function fieldsOf([, ...elements]: readonly SchemaElement[]): ParquetFileReader['fields'] {
    const isNested = elements.some(({ num_children: children }) => children !== undefined);
    return elements.map((element) => ({
        name: element.name,
        type: isNested || element.repetition_type === 'REPEATED' ? undefined : typeOf(element),
    })) as ParquetFileReader['fields'];
}

function typeOf({ type, converted_type: converted, logical_type: logical, precision, scale }: SchemaElement) {
    if (converted === 'DECIMAL' || logical?.type === 'DECIMAL') {
        return `decimal(${precision ?? 0},${scale ?? 0})` as const;
    }
    if (logical?.type === 'TIMESTAMP') {
        return logical.isAdjustedToUTC ? 'timestamptz' : 'timestamp';
    }
    if (converted === 'TIMESTAMP_MILLIS' || converted === 'TIMESTAMP_MICROS' || type === 'INT96') {
        return 'timestamptz';
    }
    if (converted === 'DATE') {
        return 'date';
    }
    switch (type) {
        case 'INT32':
        case 'INT64':
            return 'integer';
        case 'BOOLEAN':
            return 'boolean';
        case 'FLOAT':
        case 'DOUBLE':
            return 'double';
        default:
            return converted === 'UTF8' || logical?.type === 'STRING' ? 'text' : 'bytes';
    }
}

/** The library makes a number of a decimal, which cannot hold its digits: it is read as what it is stored as. */
function withoutDecimal(element: SchemaElement): SchemaElement {
    if (element.converted_type !== 'DECIMAL' && element.logical_type?.type !== 'DECIMAL') {
        return element;
    }
    const { converted_type: _, logical_type: __, precision: ___, scale: ____, ...stored } = element;
    return stored as SchemaElement;
}

function plain(value: unknown, type: ParquetType): unknown {
    if (value === undefined || value === null) {
        return null;
    }
    if (type === 'integer' || type.startsWith('decimal')) {
        return typeof value === 'number' ? BigInt(value) : value instanceof Uint8Array ? integerOf(value) : value;
    }
    return value;
}

/** Two's complement, the highest byte first. */
function integerOf(bytes: Uint8Array): bigint {
    return bytes.length === 0 ? 0n : BigInt.asIntN(8 * bytes.length, BigInt(`0x${Buffer.from(bytes).toString('hex')}`));
}
