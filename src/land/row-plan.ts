import type { ColumnShape, Shape, SqlValue } from '../change.ts';
import { storageOf } from '../pg-types.ts';
import { encodeLabel } from '../sql-text.ts';
import type { CatalogueColumn, CatalogueRelation } from '../store/catalogue.ts';
import type { Database } from '../store/database.ts';
import { checksumLabel } from './checksum.ts';
import { NullPatternInsert } from './null-pattern-insert.ts';
import { type OldPair, oldPair } from './old-key.ts';
import { BOOKKEEPING, boundNames } from './staging-ddl.ts';

/** How the changes of one shape become rows: worked out once a shape, used for each of its changes. */
export interface RowPlan {
    readonly stagingTable: string;
    readonly insert: NullPatternInsert;
    /** Used again for each row: the bookkeeping values, then one for each of `bound`. */
    readonly parameters: (SqlValue | undefined)[];
    readonly bound: readonly BoundColumn[];
    readonly oldPairs: readonly OldPair[];
    /** `,a,b,`: the live columns that an update of this shape leaves out; null if it leaves none out. */
    readonly absent: string | null;
    /** Labels of `parameters` in a checksum; null: not part of it. */
    readonly labels: readonly (Uint8Array | null)[];
}

/** Where the value of a staging column comes from. */
export interface BoundColumn {
    readonly from: 'new' | 'old';
    readonly at: number;
    /** In an ANY column: the type by which the decoder has made the value; else null, and the value is bound as it is. */
    readonly any: 'INTEGER' | 'REAL' | 'TEXT' | 'ANY' | null;
}

/**
 * A value for a column declared ANY, which keeps what is bound: an integer must be bound as one, because the driver
 * binds every JavaScript number as REAL, and a REAL 5.0 is not the text '5'.
 */
export function bindable(value: SqlValue, decodedAs: BoundColumn['any']): SqlValue {
    if (decodedAs === 'INTEGER' && value !== null) {
        return BigInt(value);
    }
    return value;
}

/** Labels of the bound bookkeeping columns; `_seq` and `_load` are left out of checksums: they say where, not what. */
const BOOKKEEPING_LABELS = BOOKKEEPING.filter((column) => column.name !== '_op').map(({ name }) => {
    return name === '_seq' || name === '_load' ? null : checksumLabel(name);
});

/** The bookkeeping columns with their labels in a checksum. */
export function bookkeepingLabels(): ReadonlyMap<string, Uint8Array | null> {
    const names = BOOKKEEPING.filter((column) => column.name !== '_op').map((column) => column.name);
    return new Map(names.map((name, index) => [name, BOOKKEEPING_LABELS[index] ?? null]));
}

export function columnLabel(ordinal: number): Uint8Array {
    return checksumLabel(ordinal);
}

/** Works out how the changes of a shape land in a table that is in step with it. */
export function makeRowPlan(database: Database, relation: CatalogueRelation, shape: Shape): RowPlan {
    const bound: (BoundColumn & { readonly column: CatalogueColumn })[] = [];
    const place = (list: readonly ColumnShape[], from: 'new' | 'old'): void => {
        for (const [at, { name, type }] of list.entries()) {
            const column = relation.columns.find((candidate) => candidate.sourceName === name);
            if (column !== undefined && !bound.some((other) => other.column === column)) {
                const any = column.sqliteType === 'ANY' ? storageOf(type).sqlite : null;
                bound.push({ from, at, any, column });
            }
        }
    };
    place(shape.columns, 'new');
    // What an update left out but the old row shows is known; of a deleted row the old key is all there is.
    place(shape.oldColumns, 'old');
    // A checksum takes the columns in the catalogue's order, whatever the order of the stream.
    bound.sort((left, right) => left.column.ordinal - right.column.ordinal);
    const columns = bound.map((one) => one.column);
    return {
        stagingTable: relation.stagingTable,
        insert: new NullPatternInsert(
            database,
            relation.stagingTable,
            shape.op,
            boundNames(columns.map((column) => column.columnName)),
        ),
        parameters: [],
        bound,
        oldPairs: oldPairsOf(relation, shape),
        absent: shape.op === 'update' ? absentText(relation, columns) : null,
        labels: [...BOOKKEEPING_LABELS, ...columns.map((column) => columnLabel(column.ordinal))],
    };
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

function absentText(relation: CatalogueRelation, bound: readonly CatalogueColumn[]): string | null {
    const absent = relation.columns.filter((column) => column.droppedSeq === null && !bound.includes(column));
    return absent.length === 0 ? null : `,${absent.map((column) => encodeLabel(column.columnName)).join(',')},`;
}
