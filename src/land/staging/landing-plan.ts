import { type SqliteType, storageOf } from '../../core/storage-types.ts';
import type { ColumnShape, Shape } from '../../core/stream-event.ts';
import type { CatalogueColumn, CatalogueRelation } from '../../ledger/catalogue.ts';
import { encodeLabel } from '../../sql/quote.ts';
import { type OldPair, oldPair } from './old-key.ts';
import { TABLEOID } from './partition-column.ts';
import type { RelationColumns } from './relation-columns.ts';

/** How the changes of one shape become rows: computed once per shape, used for each of its changes. */
export interface LandingPlan {
    readonly stagingTable: string;
    /** The table's columns after the bookkeeping columns, in its order, without trailing nulls. */
    readonly columns: readonly PlannedColumn[];
    readonly oldPairs: readonly OldPair[];
    /** `,a,b,`: the live columns that an update of this shape leaves out; null if it leaves none out. */
    readonly absent: string | null;
}

/** Where the value of a staging column comes from, and how it is stored. */
export interface PlannedColumn {
    readonly name: string;
    /** null: every row of this shape has the same value: `value`. */
    readonly from: 'new' | 'old' | null;
    readonly value?: string;
    readonly at: number;
    /** For an ANY column: the type of the decoded value, which is kept. */
    readonly type: SqliteType;
}

/**
 * Computes how the changes of a shape land in a table that is in step with it. `leaf`: the partition that they name.
 */
export function makeLandingPlan(
    relation: CatalogueRelation,
    named: RelationColumns,
    shape: Shape,
    leaf: string | null = null,
): LandingPlan {
    const sources = new Map<CatalogueColumn, PlannedColumn>();
    const own = leaf === null ? undefined : named.of(TABLEOID.name);
    if (leaf !== null && own !== undefined) {
        sources.set(own, { name: own.sourceName, from: null, at: 0, type: own.sqliteType, value: leaf });
    }
    const place = (list: readonly ColumnShape[], from: 'new' | 'old'): void => {
        for (const [at, { name, type, stored: asked, isText }] of list.entries()) {
            const column = named.of(name);
            if (column !== undefined && !sources.has(column)) {
                const own = isText === true ? 'TEXT' : (asked ?? storageOf(type).sqlite);
                const stored = column.sqliteType === 'ANY' ? own : column.sqliteType;
                sources.set(column, { name, from, at, type: stored });
            }
        }
    };
    place(shape.columns, 'new');
    // A column that an update leaves out may be known from the old row; of a deleted row only the old key is known.
    place(shape.oldColumns, 'old');
    const columns = relation.columns.map(
        (column) => sources.get(column) ?? { name: column.sourceName, from: null, at: 0, type: column.sqliteType },
    );
    return {
        stagingTable: relation.stagingTable,
        columns: columns.slice(0, columns.findLastIndex(({ from, value }) => from !== null || value !== undefined) + 1),
        oldPairs: oldPairsOf(named, shape),
        absent: shape.op === 'update' ? absentText(relation, sources) : null,
    };
}

function oldPairsOf(named: RelationColumns, shape: Shape): OldPair[] {
    if (shape.op !== 'update') {
        return [];
    }
    const places = new Map(shape.columns.map(({ name }, at) => [name, at]));
    return shape.oldColumns.flatMap((old, oldAt) => {
        const newAt = places.get(old.name);
        const column = named.of(old.name);
        return newAt === undefined || column === undefined
            ? []
            : [oldPair(column.columnName, column.sqliteType, oldAt, newAt)];
    });
}

function absentText(relation: CatalogueRelation, present: ReadonlyMap<CatalogueColumn, unknown>): string | null {
    const absent = relation.columns.filter((column) => column.droppedSeq === null && !present.has(column));
    return absent.length === 0 ? null : `,${absent.map((column) => encodeLabel(column.columnName)).join(',')},`;
}
