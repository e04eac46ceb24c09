import { ValueKind } from '../core/scanned-values.ts';
import type { SqlValue, StreamChange } from '../core/stream-event.ts';
import { integerOf, realOf } from '../core/value-texts.ts';
import { RowRefused, type SqliteRowWriter } from '../sqlite/pages/sqlite-row-writer.ts';
import type { PlannedColumn } from './staging/landing-plan.ts';

/** Adds the columns of a row. @throws RowRefused if a column's type cannot hold its value. */
export function addRow(writer: SqliteRowWriter, columns: readonly PlannedColumn[], row: StreamChange): void {
    if (row.scanned !== null) {
        addScanned(writer, columns, row.scanned);
        return;
    }
    for (const column of columns) {
        if (column.from === null) {
            addFixed(writer, column);
            continue;
        }
        const side = column.from === 'new' ? row.values : row.old;
        addValue(writer, column, side[column.at] ?? null);
    }
}

/** The same from scanned values, whose texts are copied as bytes. */
function addScanned(
    writer: SqliteRowWriter,
    columns: readonly PlannedColumn[],
    { values, newAt, oldAt }: NonNullable<StreamChange['scanned']>,
): void {
    const { kinds, bytes, ends } = values;
    for (let index = 0; index < columns.length; index++) {
        const column = columns[index] as PlannedColumn;
        if (column.from === null) {
            addFixed(writer, column);
            continue;
        }
        const at = column.at + (column.from === 'new' ? newAt : oldAt);
        const kind = kinds[at];
        if (kind === ValueKind.null) {
            writer.addNull();
        } else if (kind === ValueKind.text && (column.type === 'TEXT' || column.type === 'ANY')) {
            writer.addTextBytes(bytes, values.start(at), ends[at] as number);
        } else if (kind === ValueKind.integer && column.type === 'INTEGER') {
            writer.addInteger(values.integer(at));
        } else if (kind === ValueKind.real && column.type === 'REAL') {
            writer.addReal(values.real(at));
        } else if ((kind === ValueKind.true || kind === ValueKind.false) && column.type === 'INTEGER') {
            writer.addInteger(kind === ValueKind.true ? 1 : 0);
        } else {
            addValue(writer, column, values.stored(at));
        }
    }
}

function addFixed(writer: SqliteRowWriter, { value }: PlannedColumn): void {
    if (value === undefined) {
        writer.addNull();
    } else {
        writer.addText(value);
    }
}

function addValue(writer: SqliteRowWriter, column: PlannedColumn, value: SqlValue): void {
    if (value === null) {
        writer.addNull();
    } else if (column.type === 'REAL') {
        writer.addReal(asReal(value, column.name));
    } else if (column.type === 'INTEGER') {
        writer.addInteger(asInteger(value, column.name));
    } else if (typeof value === 'string') {
        writer.addText(value);
    } else if (column.type === 'TEXT') {
        writer.addText(String(value));
    } else {
        // Without types in the stream, numbers with a fraction are stored as texts.
        writer.addInteger(value);
    }
}

/** A text comes where the pipeline declared a column as text after its table was created; it must still be a number. */
function asInteger(value: number | bigint | string, name: string): number | bigint {
    const integer = typeof value === 'string' ? integerOf(value) : value;
    if (integer === undefined || (typeof integer === 'number' && !Number.isSafeInteger(integer))) {
        throw wrongType(value, name);
    }
    return integer;
}

function asReal(value: number | bigint | string, name: string): number {
    const real = typeof value === 'string' ? realOf(value) : Number(value);
    if (real === undefined) {
        throw wrongType(value, name);
    }
    return real;
}

function wrongType(value: unknown, name: string): RowRefused {
    return new RowRefused('SQLITE_CONSTRAINT_DATATYPE', `cannot store ${typeof value} value in column ${name}`);
}

/** Writes the values of a staged row, as SQLite returns them with integers as bigint, exactly as they were staged. */
export function addStoredValues(writer: SqliteRowWriter, values: readonly SqlValue[]): void {
    for (const value of values) {
        if (value === null) {
            writer.addNull();
        } else if (typeof value === 'bigint') {
            writer.addInteger(value);
        } else if (typeof value === 'number') {
            writer.addReal(value);
        } else {
            writer.addText(value);
        }
    }
}
