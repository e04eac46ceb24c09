import { keepsText } from '../../core/keeps-text.ts';
import { storageOf } from '../../core/storage-types.ts';
import type { ColumnShape, Shape, SqlValue } from '../../core/stream-event.ts';
import {
    type CatalogueColumn,
    type CatalogueRelation,
    type Drift,
    readCatalogue,
    saveColumn,
    saveDrift,
    saveRelation,
} from '../../ledger/catalogue.ts';
import type { Database } from '../../sqlite/database.ts';
import type { DriftPolicy } from './drift-policy.ts';
import { followKey } from './follow-key.ts';
import { frozenDrift } from './frozen-drift.ts';
import { type LandingPlan, makeLandingPlan } from './landing-plan.ts';
import { isOfPartition, refuseLanded, TABLEOID } from './partition-column.ts';
import { RelationColumns, refuseTooWide } from './relation-columns.ts';
import { addColumn, copyStaging, createStaging } from './staging-ddl.ts';
import { foldedName, plainStagingName, relationKey, stagingTail } from './staging-names.ts';

/**
 * The staging tables of a database, and the plans by which changes land in them.
 *
 * Owns the DDL of staging and its catalogue. Invariant: `elt_columns` describes each table as it is, in the same
 * SQLite transaction. A new shape is compared with its table once; any difference is drift, recorded and followed.
 */
export class StagingTables {
    readonly #relations = new Map<string, CatalogueRelation>();
    readonly #tails = new Set<string>();
    readonly #columns = new Map<CatalogueRelation, RelationColumns>();
    readonly #plans = new Map<Shape, LandingPlan>();
    readonly #database: Database;
    readonly #loadId: number;
    readonly #policy: DriftPolicy;
    /** Drift recorded by this load so far. */
    drifted: Drift[] = [];

    constructor(database: Database, loadId: number, policy: DriftPolicy) {
        this.#database = database;
        this.#loadId = loadId;
        this.#policy = policy;
        for (const relation of readCatalogue(database)) {
            this.#relations.set(relationKey(relation.schema, relation.table), relation);
            this.#tails.add(foldedName(relation.stagingTable.slice('stg_'.length)));
        }
    }

    /** The plan for a known shape, as long as it fits the table. */
    planOf(shape: Shape): LandingPlan | undefined {
        return this.#plans.get(shape);
    }

    /** The statement that creates a staging table as it is now. */
    createTable(stagingTable: string): string {
        const relation = [...this.#relations.values()].find((candidate) => candidate.stagingTable === stagingTable);
        return createStaging(stagingTable, relation?.columns.map(asStagingColumn) ?? []);
    }

    /** Brings the table in step with a shape and plans for it; `values` are those of the first change of that shape. */
    makePlan(given: Shape, seq: number, values: readonly SqlValue[]): LandingPlan {
        const parent = this.#policy.parent?.(given.schema, given.table);
        const shape = parent === undefined ? given : { ...given, ...parent };
        const leaf = parent === undefined ? null : `${given.schema}.${given.table}`;
        if (leaf !== null) {
            refuseLanded(this.#relations, given, shape);
        }
        const known = this.#relations.get(relationKey(shape.schema, shape.table));
        refuseTooWide(shape, known === undefined ? undefined : this.#columnsOf(known));
        const relation = this.#relationFor(shape, seq, leaf === null ? [] : [TABLEOID]);
        this.#follow(relation, shape, seq, values);
        if (leaf !== null && this.#columnsOf(relation).of(TABLEOID.name) === undefined) {
            this.#added(relation, TABLEOID, seq);
        }
        const plan = makeLandingPlan(relation, this.#columnsOf(relation), shape, leaf);
        this.#plans.set(given, plan);
        return plan;
    }

    #columnsOf(relation: CatalogueRelation): RelationColumns {
        let columns = this.#columns.get(relation);
        if (columns === undefined) {
            columns = new RelationColumns(relation);
            this.#columns.set(relation, columns);
        }
        return columns;
    }

    #relationFor(shape: Shape, seq: number, ours: readonly ColumnShape[]): CatalogueRelation {
        const key = relationKey(shape.schema, shape.table);
        const known = this.#relations.get(key);
        if (known !== undefined) {
            return known;
        }
        const tail = stagingTail(shape.schema, shape.table, (candidate) => this.#tails.has(foldedName(candidate)));
        const relation: CatalogueRelation = {
            stagingTable: `stg_${tail}`,
            schema: shape.schema,
            table: shape.table,
            primaryKey: shape.primaryKey,
            identity: null,
            identityFull: false,
            firstSeq: seq,
            columns: [],
            keys: [],
        };
        const named = shape.op === 'delete' ? shape.oldColumns : shape.columns;
        for (const column of [...named, ...ours]) {
            this.#addTo(relation, column, seq);
        }
        this.#database.exec(createStaging(relation.stagingTable, relation.columns.map(asStagingColumn)));
        saveRelation(this.#database, relation);
        for (const column of relation.columns) {
            saveColumn(this.#database, relation.stagingTable, column);
        }
        this.#relations.set(key, relation);
        this.#tails.add(foldedName(tail));
        if (foldedName(relation.stagingTable) !== foldedName(plainStagingName(shape))) {
            this.#drift(relation, seq, { kind: 'renamed', was: plainStagingName(shape), now: relation.stagingTable });
        }
        return relation;
    }

    /** Brings the table in step with a shape: records columns added, retyped, dropped and returned, key and identity. */
    #follow(relation: CatalogueRelation, shape: Shape, seq: number, values: readonly SqlValue[]): void {
        const typed = shape.columns.length > 0 ? shape.columns : shape.oldColumns;
        const retyped: CatalogueColumn[] = [];
        const columns = this.#columnsOf(relation);
        for (const column of typed) {
            const known = columns.of(column.name);
            if (known === undefined) {
                this.#added(relation, column, seq);
            } else {
                this.#returned(relation, known, seq);
                if (this.#typeChanged(relation, known, column, seq)) {
                    retyped.push(known);
                }
            }
        }
        for (const column of shape.oldColumns) {
            if (columns.of(column.name) === undefined) {
                this.#added(relation, column, seq);
            }
        }
        retyped.push(...this.#widened(relation, [...shape.columns, ...shape.oldColumns], seq));
        if (retyped.length > 0) {
            this.#copyAsAny(relation, retyped);
        }
        this.#dropped(relation, shape, seq);
        this.#named(relation, shape, seq, values);
    }

    /** Records by what the stream names the relation's rows. */
    #named(relation: CatalogueRelation, shape: Shape, seq: number, values: readonly SqlValue[]): void {
        const { change, isStale } = followKey(this.#database, relation, shape, seq, values);
        if (isStale) {
            this.#plans.clear();
        }
        if (change !== null && change.drift !== null) {
            this.#drift(relation, seq, { kind: 'rekeyed', ...change.drift, isFrozen: change.isChange });
        }
    }

    #added(relation: CatalogueRelation, column: ColumnShape, seq: number): void {
        const added = this.#addTo(relation, column, seq);
        this.#database.exec(addColumn(relation.stagingTable, asStagingColumn(added)));
        saveColumn(this.#database, relation.stagingTable, added);
        this.#drift(relation, seq, { kind: 'added', columnName: added.columnName, now: column.type });
    }

    #addTo(relation: CatalogueRelation, column: ColumnShape, seq: number): CatalogueColumn {
        const columns = this.#columnsOf(relation);
        const name = columns.nameFor(column.name);
        const added: CatalogueColumn = {
            ordinal: relation.columns.length + 1,
            sourceName: column.name,
            columnName: name,
            pgType: column.type,
            sqliteType: this.#typeOf(relation, column),
            droppedSeq: null,
        };
        columns.add(added);
        if (name !== column.name) {
            this.#drift(relation, seq, { kind: 'renamed', columnName: name, was: column.name, now: name });
        }
        return added;
    }

    #returned(relation: CatalogueRelation, column: CatalogueColumn, seq: number): void {
        if (column.droppedSeq !== null) {
            column.droppedSeq = null;
            this.#changed(relation, column);
            this.#drift(relation, seq, {
                kind: 'returned',
                columnName: column.columnName,
                now: column.pgType,
                stale: true,
            });
        }
    }

    /** Whether the column must become ANY, because its values are stored differently from now on. */
    #typeChanged(relation: CatalogueRelation, known: CatalogueColumn, column: ColumnShape, seq: number): boolean {
        if (column.type === null || column.type === known.pgType) {
            return (
                column.type === null &&
                known.pgType !== null &&
                known.sqliteType !== 'ANY' &&
                known.sqliteType !== 'TEXT'
            );
        }
        const was = known.pgType;
        known.pgType = column.type;
        this.#changed(relation, known);
        if (was !== null) {
            this.#drift(relation, seq, {
                kind: 'retyped',
                columnName: known.columnName,
                was,
                now: column.type,
                stale: !keepsText(was, column.type),
            });
        }
        return known.sqliteType !== 'ANY' && this.#typeOf(relation, column) !== known.sqliteType;
    }

    /** Columns of numbers that get a text, `NaN` or an infinity: they become ANY too. */
    #widened(relation: CatalogueRelation, columns: readonly ColumnShape[], seq: number): readonly CatalogueColumn[] {
        const names = new Set(columns.filter((column) => column.isText === true).map((column) => column.name));
        const found = relation.columns.filter((known) => known.sqliteType === 'REAL' && names.has(known.sourceName));
        for (const known of found) {
            const { columnName, pgType } = known;
            this.#drift(relation, seq, { kind: 'widened', columnName, was: pgType, now: pgType });
        }
        return found;
    }

    #typeOf(relation: CatalogueRelation, column: ColumnShape): CatalogueColumn['sqliteType'] {
        const declared = this.#policy.declared(`${relation.schema}.${relation.table}`, column.name);
        return declared ?? column.stored ?? storageOf(column.type).sqlite;
    }

    /** Copies the table once, with these columns declared ANY, which keeps old and new values exactly as bound. */
    #copyAsAny(relation: CatalogueRelation, columns: readonly CatalogueColumn[]): void {
        for (const column of columns) {
            column.sqliteType = 'ANY';
            this.#changed(relation, column);
        }
        copyStaging(this.#database, relation.stagingTable, relation.columns.map(asStagingColumn));
    }

    /**
     * An insert names every column of the table. An update leaves out unchanged TOAST values, but a number is never
     * TOASTed: a numeric column that is missing in an update was dropped too.
     */
    #dropped(relation: CatalogueRelation, shape: Shape, seq: number): void {
        if (shape.columns.length === 0) {
            return;
        }
        const present = new Set([...shape.columns, ...shape.oldColumns].map((column) => column.name));
        for (const column of relation.columns) {
            const numeric = column.sqliteType === 'INTEGER' || column.sqliteType === 'REAL';
            const isGone =
                !isOfPartition(column) && !present.has(column.sourceName) && (shape.op === 'insert' || numeric);
            if (column.droppedSeq === null && isGone) {
                column.droppedSeq = seq;
                this.#changed(relation, column);
                this.#drift(relation, seq, { kind: 'dropped', columnName: column.columnName, was: column.pgType });
            }
        }
    }

    /** The catalogue changed: all plans are stale. */
    #changed(relation: CatalogueRelation, column: CatalogueColumn): void {
        saveColumn(this.#database, relation.stagingTable, column);
        this.#plans.clear();
    }

    #drift(relation: CatalogueRelation, seq: number, { isFrozen = true, ...facts }: DriftFacts): void {
        const { stagingTable } = relation;
        const none = { columnName: null, was: null, now: null, stale: false };
        const drift: Drift = { seq, loadId: this.#loadId, stagingTable, ...none, ...facts };
        // A name that elt chose, or a value, is not a change of the relation.
        const isOfRelation = isFrozen && drift.kind !== 'renamed' && drift.kind !== 'widened';
        if (this.#policy.drift === 'freeze' && isOfRelation) {
            throw frozenDrift(relation, drift);
        }
        saveDrift(this.#database, drift);
        this.drifted.push(drift);
        this.#plans.clear();
    }
}

/** What is said of a drift; `isFrozen` false: no change of the relation, so `drift: freeze` lets it pass. */
type DriftFacts = Pick<Drift, 'kind'> & Partial<Drift> & { readonly isFrozen?: boolean };

function asStagingColumn(column: CatalogueColumn) {
    return { name: column.columnName, type: column.sqliteType };
}
