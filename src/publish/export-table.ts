import { existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { EltError } from '../core/errors.ts';
import { fileError } from '../core/file-error.ts';
import { didYouMeanOrList } from '../core/nearest-name.ts';
import { makeFolder } from '../process/make-folder.ts';
import { quoteName } from '../sql/quote.ts';
import type { Database } from '../sqlite/database.ts';
import { type ExportColumn, exportColumns } from './export-columns.ts';
import { parquetWriter } from './parquet-writer.ts';
import { partitionFolder, pathText } from './partition-path.ts';
import type { MakeTableWriter, TableWriter } from './table-writer.ts';
import { csvWriter, jsonlWriter } from './text-writers.ts';

export const EXPORT_FORMATS: Readonly<Record<string, MakeTableWriter>> = {
    parquet: parquetWriter,
    csv: csvWriter,
    jsonl: jsonlWriter,
};

export interface ExportRequest {
    readonly table: string;
    /** A key of `EXPORT_FORMATS`. */
    readonly format: string;
    readonly partitionBy: string | null;
    readonly folder: string;
    /** Called after each batch with the number of rows so far; lets signals be handled, and throws to stop. */
    readonly breathe: (rows: number) => Promise<void>;
}

export interface ExportResult {
    readonly table: string;
    /** The file, or the folder of the partitions. */
    readonly path: string;
    readonly files: number;
    readonly rows: number;
}

/** Limits of a batch, which is held in memory and becomes a row group of Parquet. */
const BATCH_ROWS = 10_000;
const BATCH_CHARACTERS = 2 * 1024 * 1024;

/**
 * Writes one table to a file, or to a folder `<table>/<column>=<value>/`, under a temporary name that becomes the real
 * one when everything is written: readers see the previous export or the new one. The caller holds a read transaction.
 * @throws EltError COMMAND_WRONG for an unknown column, or a folder that contains something else; FILE_REFUSED if the
 *   operating system refuses to write.
 */
export async function exportTable(database: Database, request: ExportRequest): Promise<ExportResult> {
    const { table, format, partitionBy, folder } = request;
    const columns = exportColumns(database, table);
    const name = pathText(table);
    const target = join(folder, partitionBy === null ? `${name}.${format}` : name);
    const partition = partitionBy === null ? null : partitionIndex(columns, partitionBy, table);
    refuseForeign(target, partitionBy);
    const temporary = join(folder, `.${name}.${process.pid}.tmp`);
    try {
        makeFolder(folder);
        try {
            rmSync(temporary, { recursive: true, force: true });
            const written = await writeRows(database, request, columns, partition, temporary);
            replace(temporary, target);
            return { table, path: target, ...written };
        } finally {
            rmSync(temporary, { recursive: true, force: true });
        }
    } catch (error) {
        throw fileError(error, target, 'what had that name before was not changed');
    }
}

async function writeRows(
    database: Database,
    { table, format, partitionBy, breathe }: ExportRequest,
    columns: readonly ExportColumn[],
    partition: number | null,
    temporary: string,
): Promise<{ rows: number; files: number }> {
    const make = EXPORT_FORMATS[format] as MakeTableWriter;
    const kept = columns.filter((_, index) => index !== partition);
    // Sorted by partition, so that only one file is open at a time.
    const order = partitionBy === null ? '' : ` order by ${quoteName(partitionBy)} collate binary`;
    const statement = database
        .prepare(`select * from ${quoteName(table)}${order}`)
        .raw()
        .safeIntegers();
    let writer: TableWriter | null = null;
    let folder: string | null = null;
    const parts = new Map<string, number>();
    let files = 0;
    let rows = 0;
    let batch: unknown[][] = [];
    let characters = 0;
    const flush = async (): Promise<void> => {
        if (batch.length > 0) {
            writer?.write(batch);
            rows += batch.length;
            batch = [];
            characters = 0;
            await breathe(rows);
        }
    };
    const open = (path: string): TableWriter => {
        files++;
        makeFolder(dirname(path));
        return make(path, kept);
    };
    for (const row of statement.iterate() as Iterable<unknown[]>) {
        if (partition !== null && partitionBy !== null) {
            const next = partitionFolder(partitionBy, row.splice(partition, 1)[0]);
            if (next !== folder) {
                await flush();
                writer?.finish();
                // Values that map to one folder may not be adjacent (7 and '7'): each time it gets another file.
                const part = parts.get(next) ?? 0;
                parts.set(next, part + 1);
                writer = open(join(temporary, next, `part-${part}.${format}`));
                folder = next;
            }
        }
        writer ??= open(temporary);
        batch.push(row);
        characters += charactersOf(row);
        if (batch.length === BATCH_ROWS || characters >= BATCH_CHARACTERS) {
            await flush();
        }
    }
    await flush();
    if (partition === null) {
        writer ??= open(temporary);
    }
    writer?.finish();
    makeFolder(dirname(temporary));
    return { rows, files };
}

function charactersOf(row: readonly unknown[]): number {
    let sum = 0;
    for (const value of row) {
        if (typeof value === 'string' || Buffer.isBuffer(value)) {
            sum += value.length;
        }
    }
    return sum;
}

function partitionIndex(columns: readonly ExportColumn[], name: string, table: string): number {
    const index = columns.findIndex((column) => column.name === name);
    const names = columns.map((column) => column.name);
    if (index === -1 || columns.length === 1) {
        throw new EltError({
            code: 'COMMAND_WRONG',
            message: index === -1 ? `"${table}" has no column "${name}"` : `"${name}" is the only column of "${table}"`,
            found: didYouMeanOrList(name, names, 'columns'),
            next: 'correct --partition-by',
        });
    }
    return index;
}

/** Only a previous export is replaced. */
function refuseForeign(target: string, partitionBy: string | null): void {
    if (!existsSync(target)) {
        return;
    }
    const isFolder = statSync(target).isDirectory();
    const entries = isFolder ? readdirSync(target) : [];
    const isOurs = isFolder ? partitionBy !== null && entries.every((entry) => /^[^=]+=/.test(entry)) : true;
    if (!isOurs || isFolder !== (partitionBy !== null)) {
        throw new EltError({
            code: 'COMMAND_WRONG',
            message: `"${target}" is in the way of the export`,
            found: isFolder ? 'a folder that contains more than partitions' : 'a file; expected a folder of partitions',
            state: 'nothing was written',
            next: 'move it, or name another folder with --out',
        });
    }
}

function replace(temporary: string, target: string): void {
    if (!existsSync(temporary)) {
        // A partitioned table without rows.
        makeFolder(temporary);
    }
    const before = `${temporary}.before`;
    rmSync(before, { recursive: true, force: true });
    if (existsSync(target) && statSync(target).isDirectory()) {
        renameSync(target, before);
    }
    renameSync(temporary, target);
    rmSync(before, { recursive: true, force: true });
}
