import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { csvLine } from '../core/csv-text.ts';
import { objectWriter } from '../core/json-text.ts';
import type { MakeTableWriter, TableWriter } from './table-writer.ts';

/** CSV (RFC 4180) with a header; null is an empty field, an empty text is `""`. */
export const csvWriter: MakeTableWriter = (path, columns) => {
    const header = csvLine(columns.map((column) => column.name));
    return new TextWriter(path, header, (row) => csvLine(row));
};

/** One JSON object a line; integers are written with all their digits. */
export const jsonlWriter: MakeTableWriter = (path, columns) => {
    const objectOf = objectWriter(columns.map((column) => column.name));
    return new TextWriter(path, '', (row) => `${objectOf(row)}\n`);
};

/** Owns an open file until `finish`. */
class TextWriter implements TableWriter {
    readonly #file: number;
    readonly #lineOf: (row: readonly unknown[]) => string;

    constructor(path: string, head: string, lineOf: (row: readonly unknown[]) => string) {
        this.#file = openSync(path, 'wx');
        this.#lineOf = lineOf;
        this.#append(head);
    }

    write(rows: readonly (readonly unknown[])[]): void {
        this.#append(rows.map(this.#lineOf).join(''));
    }

    finish(): void {
        fsyncSync(this.#file);
        closeSync(this.#file);
    }

    #append(text: string): void {
        const bytes = Buffer.from(text);
        for (let written = 0; written < bytes.length; ) {
            written += writeSync(this.#file, bytes, written);
        }
    }
}
