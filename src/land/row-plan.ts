import type { ColumnShape, DecodedRow, Shape, SqlValue } from '../change.ts';
import { type SqliteType, storageOf } from '../pg-types.ts';
import { encodeLabel } from '../sql-text.ts';
import type { CatalogueColumn, CatalogueRelation } from '../store/catalogue.ts';
import { RecordRefused, type RecordWriter } from '../store/record-writer.ts';
import { type OldPair, oldPair } from './old-key.ts';

/** How the changes of one shape become rows: worked out once a shape, used for each of its changes. */
export interface RowPlan {
    readonly stagingTable: string;
    /** The table's columns behind those of bookkeeping, in its order; those that are null at the end left out. */
    readonly columns: readonly PlannedColumn[];
    readonly oldPairs: readonly OldPair[];
    /** `,a,b,`: the live columns that an update of this shape leaves out; null if it leaves none out. */
    readonly absent: string | null;
}

/** Where the value of a staging column comes from, and how it is stored. */
export interface PlannedColumn {
    readonly name: string;
    /** null: the column is null in every row of this shape. */
    readonly from: 'new' | 'old' | null;
    readonly at: number;
    /** Of an ANY column: the type by which the decoder has made the value, which it keeps. */
    readonly type: SqliteType;
}

const INTEGER_TEXT = /^-?[0-9]{1,15}$/;
const DECIMAL_TEXT = /^-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/;

/** Works out how the changes of a shape land in a table that is in step with it. */
export function makeRowPlan(relation: CatalogueRelation, shape: Shape): RowPlan {
    const sources = new Map<CatalogueColumn, PlannedColumn>();
    const place = (list: readonly ColumnShape[], from: 'new' | 'old'): void => {
        for (const [at, { name, type }] of list.entries()) {
            const column = relation.columns.find((candidate) => candidate.sourceName === name);
            if (column !== undefined && !sources.has(column)) {
                const stored = column.sqliteType === 'ANY' ? storageOf(type).sqlite : column.sqliteType;
                sources.set(column, { name, from, at, type: stored });
            }
        }
    };
    place(shape.columns, 'new');
    // What an update left out but the old row shows is known; of a deleted row the old key is all there is.
    place(shape.oldColumns, 'old');
    const columns = relation.columns.map(
        (column) => sources.get(column) ?? { name: column.sourceName, from: null, at: 0, type: column.sqliteType },
    );
    return {
        stagingTable: relation.stagingTable,
        columns: columns.slice(0, columns.findLastIndex((column) => column.from !== null) + 1),
        oldPairs: oldPairsOf(relation, shape),
        absent: shape.op === 'update' ? absentText(relation, sources) : null,
    };
}

/** Adds the value of one column of a row. @throws RecordRefused if its column's type cannot hold it. */
export function addColumnValue(writer: RecordWriter, column: PlannedColumn, row: DecodedRow): void {
    const value = column.from === null ? null : ((column.from === 'new' ? row.values : row.old)[column.at] ?? null);
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
    } else if (typeof value === 'bigint') {
        writer.addInteger(value);
    } else {
        writer.addReal(value);
    }
}

/** A text comes where a column was declared as text after its table was made: it must be a number all the same. */
function asInteger(value: number | bigint | string, name: string): number | bigint {
    if (typeof value === 'bigint' || Number.isSafeInteger(value)) {
        return value as number | bigint;
    }
    if (typeof value === 'string' && INTEGER_TEXT.test(value)) {
        return Number(value);
    }
    throw new RecordRefused('SQLITE_CONSTRAINT_DATATYPE', `cannot store ${typeof value} value in column ${name}`);
}

function asReal(value: number | bigint | string, name: string): number {
    if (typeof value !== 'string' || DECIMAL_TEXT.test(value)) {
        return Number(value);
    }
    throw new RecordRefused('SQLITE_CONSTRAINT_DATATYPE', `cannot store text value in column ${name}`);
}

function oldPairsOf(relation: CatalogueRelation, shape: Shape): OldPair[] {
    if (shape.op !== 'update') {
        return [];
    }
    return shape.oldColumns.flatMap((old, oldAt) => {
        const newAt = shape.columns.findIndex((column) => column.name === old.name);
        const column = relation.columns.find((candidate) => candidate.sourceName === old.name);
        return newAt < 0 || column === undefined ? [] : [oldPair(column.columnName, column.sqliteType, oldAt, newAt)];
    });
}

function absentText(relation: CatalogueRelation, present: ReadonlyMap<CatalogueColumn, unknown>): string | null {
    const absent = relation.columns.filter((column) => column.droppedSeq === null && !present.has(column));
    return absent.length === 0 ? null : `,${absent.map((column) => encodeLabel(column.columnName)).join(',')},`;
}

/** The values of a staged row as SQLite gives them, integers as bigint, written as they were when it was staged. */
export function addStoredValues(writer: RecordWriter, values: readonly SqlValue[]): void {
    for (const value of values) {
        if (value === null) writer.addNull();
        else if (typeof value === 'bigint') writer.addInteger(value);
        else if (typeof value === 'number') writer.addReal(value);
        else writer.addText(value);
    }
}
