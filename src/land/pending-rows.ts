import type { Database } from '../sqlite/database.ts';
import { INSERTED_ROWS_MAX, insertRows, partFileRows } from '../sqlite/pages/insert-rows.ts';
import { PartFile } from '../sqlite/pages/part-file.ts';
import { SqliteRowWriter } from '../sqlite/pages/sqlite-row-writer.ts';
import type { TreePage } from '../sqlite/pages/table-pages.ts';
import { countRows, type StagedCount } from './staged-checksum.ts';

/** By staging table. */
type StagedBefore = ReadonlyMap<string, Readonly<StagedCount>>;

/** At this many bytes the rows move from memory to the part file. */
const HELD_BYTES_MAX = 1024 * 1024;

/** A table's state at the mark: rows in the writer and in the file. */
interface TableAtMark extends StagedCount {
    pending: number;
    leaves: number;
}

/** Rows of one staging table on their way into the database. */
interface PendingTable {
    readonly name: string;
    readonly writer: SqliteRowWriter;
    readonly leaves: TreePage[];
    /** Checksum of the load so far, without the rows that are still in the writer. */
    readonly count: StagedCount;
    marked: TableAtMark | null;
}

/**
 * The rows that a load has staged since its last commit.
 *
 * Owns them in memory and, where they are many, in the part file, and the load's counts of each table. Invariant: none of them
 * is in the database before `insert`, which is called once per SQLite transaction, right before its end. So undoing
 * rows back to a mark costs nothing, and a crash loses only what was never committed.
 */
export class PendingRows {
    readonly #tables = new Map<string, PendingTable>();
    readonly #database: Database;
    readonly #part: PartFile;
    #heldBytes = 0;
    /** Tables that got rows after the mark; null: no mark is set. */
    #marked: PendingTable[] | null = null;

    /** `staged`: what this load has already committed to the tables. */
    constructor(database: Database, staged: StagedBefore) {
        this.#database = database;
        this.#part = new PartFile(database);
        for (const [name, { rows, checksum }] of staged) {
            this.#tables.set(name, pendingTable(name, { rows, checksum }));
        }
    }

    table(name: string): PendingTable {
        let table = this.#tables.get(name);
        if (table === undefined) {
            table = pendingTable(name, { rows: 0, checksum: 0 });
            this.#tables.set(name, table);
        }
        return table;
    }

    /** To be called before a row begins in the table's writer. */
    touch(table: PendingTable): void {
        if (this.#marked !== null && table.marked === null) {
            const { count, leaves, writer } = table;
            table.marked = { ...count, pending: writer.rowids.length, leaves: leaves.length };
            this.#marked.push(table);
        }
    }

    /** A row of that many bytes has ended. */
    added(bytes: number): void {
        this.#heldBytes += bytes;
        if (this.#heldBytes > HELD_BYTES_MAX) {
            this.#spill();
        }
    }

    /** Sets the mark: later rows can be undone. */
    mark(): void {
        this.unmark();
        this.#marked = [];
    }

    unmark(): void {
        for (const table of this.#marked ?? []) {
            table.marked = null;
        }
        this.#marked = null;
    }

    /** Undoes the rows since the mark. */
    undoToMark(): void {
        for (const { marked, writer, leaves, count } of this.#marked ?? []) {
            if (marked !== null) {
                writer.truncate(marked.pending);
                leaves.length = marked.leaves;
                count.rows = marked.rows;
                count.checksum = marked.checksum;
            }
        }
        this.unmark();
    }

    /** Inserts all rows into the database, in the caller's transaction; returns the load's counts of their tables. */
    insert(createTable: (name: string) => string): ReadonlyMap<string, Readonly<StagedCount>> {
        if (this.#areFew()) {
            return this.#insertFew();
        }
        this.#spill();
        const filled = [...this.#tables.values()].filter((table) => table.leaves.length > 0);
        if (filled.length > 0) {
            this.#part.take(filled.map(({ name, leaves }) => ({ name, sql: createTable(name), leaves })));
        }
        return new Map(filled.map(({ name, count }) => [name, count]));
    }

    /** All of them are in memory, and a part file would take longer. */
    #areFew(): boolean {
        let rows = 0;
        for (const { writer, leaves } of this.#tables.values()) {
            rows += leaves.length > 0 ? INSERTED_ROWS_MAX : writer.rowids.length;
        }
        return rows < partFileRows(this.#database);
    }

    #insertFew(): ReadonlyMap<string, Readonly<StagedCount>> {
        const filled = [...this.#tables.values()].filter(({ writer }) => writer.rowids.length > 0);
        for (const { name, writer, count } of filled) {
            insertRows(this.#database, name, writer);
            countRows(count, writer, 0, writer.rowids.length);
            writer.truncate(0);
        }
        this.unmark();
        this.#heldBytes = 0;
        return new Map(filled.map(({ name, count }) => [name, count]));
    }

    /** What the load has staged by now, by staging table. */
    counts(): Readonly<Record<string, StagedCount>> {
        this.#spill();
        return Object.fromEntries([...this.#tables.values()].map(({ name, count }) => [name, { ...count }]));
    }

    /** To be called after the SQLite transaction, committed or not. */
    release(): void {
        this.#part.release();
        for (const table of this.#tables.values()) {
            table.leaves.length = 0;
            table.writer.truncate(0);
        }
        this.unmark();
        this.#heldBytes = 0;
    }

    /** No more rows will come: releases the memory for what follows. */
    close(): void {
        for (const { writer } of this.#tables.values()) {
            writer.free();
        }
        this.#part.close();
    }

    /** Moves all rows from memory to the file; those before the mark to leaves of their own. */
    #spill(): void {
        for (const table of this.#tables.values()) {
            const { writer, marked, leaves } = table;
            if (marked !== null && marked.pending > 0) {
                this.#append(table, 0, marked.pending);
                Object.assign(marked, { ...table.count, leaves: leaves.length });
            }
            this.#append(table, marked?.pending ?? 0, writer.rowids.length);
            if (marked !== null) {
                marked.pending = 0;
            }
            writer.truncate(0);
        }
        this.#heldBytes = 0;
    }

    #append({ writer, leaves, count }: PendingTable, from: number, to: number): void {
        if (to > from) {
            countRows(count, writer, from, to);
            for (const leaf of this.#part.append(writer, from, to)) {
                leaves.push(leaf);
            }
        }
    }
}

function pendingTable(name: string, count: StagedCount): PendingTable {
    return { name, writer: new SqliteRowWriter(), leaves: [], count, marked: null };
}
