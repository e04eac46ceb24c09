import { createHash } from 'node:crypto';
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import * as zlib from 'node:zlib';
import { ByteWriter, type ColumnSource, ParquetWriter } from 'hyparquet-writer';
import { parquetSchema } from './parquet-schema.ts';
import type { ParquetField } from './parquet-type.ts';

/** What was written. */
export interface ParquetFile {
    readonly rows: number;
    readonly bytes: number;
    readonly sha256: string;
}

/** `zstd` is smaller, and written by native code; `snappy` is what every reader has had from the beginning. */
export type ParquetCodec = 'zstd' | 'snappy';

/** Of row groups, which readers decide to read by their statistics. */
const STATISTICS_BYTES_MAX = 64;

/**
 * Writes one Parquet file from beginning to end, a row group at a time: its memory does not grow with the rows. It is
 * written once and in order, as a mounted object store wants it; the caller gives it a name under which nobody reads
 * before `finish`.
 */
export class ParquetFileWriter {
    readonly #fields: readonly ParquetField[];
    readonly #file: number;
    readonly #bytes: HashedBytes;
    readonly #writer: ParquetWriter;
    #rows = 0;

    constructor(path: string, fields: readonly ParquetField[], wanted: ParquetCodec) {
        this.#fields = fields;
        this.#file = openSync(path, 'wx');
        this.#bytes = new HashedBytes(this.#file);
        // Node.js before 22.15 has no zstd.
        const codec = wanted === 'zstd' && zlib.zstdCompressSync !== undefined ? 'ZSTD' : 'SNAPPY';
        this.#writer = new ParquetWriter({
            writer: this.#bytes,
            schema: parquetSchema(fields),
            codec,
            compressors: { ZSTD: (bytes) => zlib.zstdCompressSync(bytes) },
            statisticsTruncateLength: STATISTICS_BYTES_MAX,
            createdBy: 'elt',
        });
    }

    /** Bytes that have been written so far. */
    get bytes(): number {
        return this.#bytes.offset;
    }

    /**
     * A row group: the values of each column. A decimal is a bigint without its point, a date a number of days since
     * 1970, a timestamp a bigint of microseconds since then.
     */
    write(columns: readonly unknown[][], rows: number): void {
        const columnData = this.#fields.map(({ name, type }, index): ColumnSource => {
            const data = columns[index] as unknown[];
            // Numbers that only rise take a byte each so.
            return name === '_seq' && type === 'integer'
                ? { name, data, encoding: 'DELTA_BINARY_PACKED' }
                : { name, data };
        });
        this.#writer.write({ columnData, rowGroupSize: rows });
        this.#rows += rows;
    }

    /** Completes the file; its bytes are on the disk then. */
    finish(): ParquetFile {
        this.#writer.finish();
        fsyncSync(this.#file);
        closeSync(this.#file);
        return { rows: this.#rows, bytes: this.#bytes.offset, sha256: this.#bytes.sha256() };
    }

    /** Gives the file up. */
    abandon(): void {
        closeSync(this.#file);
    }
}

/** Bytes on their way into a file, hashed as they pass. */
class HashedBytes extends ByteWriter {
    readonly #file: number;
    readonly #hash = createHash('sha256');

    constructor(file: number) {
        super(1 << 20);
        this.#file = file;
    }

    /** Called by the library after each row group. */
    flush(): void {
        const bytes = new Uint8Array(this.buffer, 0, this.index);
        this.#hash.update(bytes);
        for (let written = 0; written < bytes.length; ) {
            written += writeSync(this.#file, bytes, written);
        }
        this.index = 0;
    }

    override finish(): void {
        this.flush();
    }

    sha256(): string {
        return this.#hash.digest('hex');
    }
}
