import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { csvLine } from '../core/csv-text.ts';
import type { MakeTableWriter, TableWriter } from './table-writer.ts';

/** CSV (RFC 4180) with a header; null is an empty field, an empty text is `""`. */
export const csvWriter: MakeTableWriter = (path, columns) => {
    const header = csvLine(columns.map((column) => column.name));
    return new TextWriter(path, header, (row) => csvLine(row));
};

/** One JSON object a line; integers are written with all their digits. */
export const jsonlWriter: MakeTableWriter = (path, columns) => {
    const names = columns.map((column, index) => `${index === 0 ? '{' : ','}${JSON.stringify(column.name)}:`);
    return new TextWriter(path, '', (row) => {
        let line = '';
        for (const [index, name] of names.entries()) {
            line += name + jsonText(row[index]);
        }
        return `${line}}\n`;
    });
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

function jsonText(value: unknown): string {
    if (typeof value === 'bigint') {
        return String(value);
    }
    if (typeof value === 'number' && !Number.isFinite(value)) {
        return `"${value}"`;
    }
    return Buffer.isBuffer(value) ? `"${value.toString('hex')}"` : JSON.stringify(value ?? null);
}
