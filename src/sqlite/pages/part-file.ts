import { randomUUID } from 'node:crypto';
import { closeSync, constants, openSync, unlinkSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { quoteName } from '../../sql/quote.ts';
import type { Database } from '../database.ts';
import { partFileError } from '../database-error.ts';
import { packRecords } from './pack-records.ts';
import { freeBuffer } from './sqlite-row-writer.ts';
import {
    interiorPage,
    PAGE_BYTES,
    type PackedRows,
    singleLeaf,
    type TreePage,
    writeLeaves,
    writeRoot,
} from './table-pages.ts';

/** Number of pages that are written to the file at once. */
const PAGES_TOGETHER = 8;
const FILE_HEADER_BYTES = 100;
/** The page at 1 GiB, in which SQLite locks bytes and stores nothing. Source: https://www.sqlite.org/fileformat2.html#the_lock_byte_page */
const LOCK_BYTE_PAGE = 0x4000_0000 / PAGE_BYTES + 1;
const SCHEMA_NAME = 'elt_part';

/** A table of the part file: its name and `create table`, and its leaves so far. */
interface PartTable {
    readonly name: string;
    readonly sql: string;
    readonly leaves: readonly TreePage[];
}

/**
 * Rows on their way into a database, in a SQLite file that `elt` writes itself and SQLite then copies from. That takes a
 * third of the time of binding and inserting row by row.
 *
 * Owns the file `<database>-part` next to the database, from the first page to `take`. It belongs to the process that
 * holds the database's write lock, so an existing file was left by a crash, is not needed, and is removed. It is created
 * exclusively: nothing is written into a file or link that another program puts there. The database itself is only ever
 * written by SQLite, in the caller's transaction.
 */
export class PartFile {
    readonly path: string;
    readonly #database: Database;
    readonly #lockBytePage: number;
    #file: number | undefined;
    #pages = 1;
    #buffered = 0;
    #buffer: Buffer | undefined;
    #isMade = false;
    #isAttached = false;

    /** `lockBytePage`: only tests have another one. */
    constructor(database: Database, lockBytePage = LOCK_BYTE_PAGE) {
        this.#database = database;
        this.#lockBytePage = lockBytePage;
        this.path = database.memory ? join(tmpdir(), `elt-${randomUUID()}-part`) : `${database.name}-part`;
    }

    /** Writes the rows `[from, to)` into the file; returns the leaves that hold them. */
    append(rows: PackedRows, from: number, to: number): TreePage[] {
        return writeLeaves(rows, from, to, this.#write);
    }

    /** Finishes the file and has SQLite copy it into the tables of the same names. */
    take(tables: readonly PartTable[]): void {
        this.#finish(tables);
        this.#database.prepare(`attach ? as ${SCHEMA_NAME}`).run(this.path);
        this.#isAttached = true;
        // Unlinked while we hold the lock; it stays open for SQLite, and a crash leaves no file.
        this.#remove();
        // Each page is read only once.
        this.#database.pragma(`${SCHEMA_NAME}.cache_size = 4`);
        for (const { name } of tables) {
            const table = quoteName(name);
            this.#database.exec(`insert into main.${table} select * from ${SCHEMA_NAME}.${table}`);
        }
    }

    /** To be called after the caller's transaction: releases the file; the next page creates a new one. */
    release(): void {
        if (this.#isAttached) {
            this.#database.exec(`detach ${SCHEMA_NAME}`);
            this.#isAttached = false;
        }
        if (this.#file !== undefined) {
            closeSync(this.#file);
            this.#file = undefined;
        }
        if (this.#isMade) {
            this.#remove();
        }
        this.#pages = 1;
        this.#buffered = 0;
    }

    /** No more rows will come. */
    close(): void {
        if (this.#buffer !== undefined) {
            freeBuffer(this.#buffer);
            this.#buffer = undefined;
        }
    }

    readonly #write = (page: Buffer): number => {
        this.#file ??= this.#create();
        this.#isMade = true;
        this.#buffer ??= Buffer.allocUnsafeSlow(PAGES_TOGETHER * PAGE_BYTES);
        if (this.#pages + 1 === this.#lockBytePage) {
            this.#put(this.#buffer, Buffer.alloc(PAGE_BYTES));
        }
        this.#put(this.#buffer, page);
        return this.#pages;
    };

    #put(buffer: Buffer, page: Buffer): void {
        buffer.set(page, this.#buffered * PAGE_BYTES);
        this.#buffered++;
        this.#pages++;
        if (this.#buffered === PAGES_TOGETHER) {
            this.#flush();
        }
    }

    #create(): number {
        this.#remove();
        // A link that is there by now is refused by O_EXCL already; a system without O_NOFOLLOW has that one alone.
        const flags = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0);
        return this.#attempt(() => openSync(this.path, flags, 0o600));
    }

    #flush(): void {
        const at = (this.#pages - this.#buffered) * PAGE_BYTES;
        this.#writeAt(this.#buffer as Buffer, this.#buffered * PAGE_BYTES, at);
        this.#buffered = 0;
    }

    #writeAt(bytes: Buffer, length: number, position: number): void {
        this.#attempt(() => {
            for (let written = 0; written < length; ) {
                written += writeSync(this.#file as number, bytes, written, length - written, position + written);
            }
        });
    }

    #attempt<T>(work: () => T): T {
        try {
            return work();
        } catch (error) {
            throw partFileError(error, this.path);
        }
    }

    /** The pages above the leaves, then page 1 with the schema. */
    #finish(tables: readonly PartTable[]): void {
        const schema = packRecords(
            tables.map(({ name, sql, leaves }) => ['table', name, name, writeRoot(leaves, this.#write), sql]),
        );
        const first = singleLeaf(schema, FILE_HEADER_BYTES, this.#write) ?? this.#interiorSchema(schema);
        if (this.#buffered > 0) {
            this.#flush();
        }
        writeFileHeader(first, this.#pages);
        this.#writeAt(first, PAGE_BYTES, 0);
        closeSync(this.#file as number);
        this.#file = undefined;
    }

    /** A thousand tables do not fit one page. */
    #interiorSchema(schema: PackedRows): Buffer {
        const leaves = writeLeaves(schema, 0, schema.rowids.length, this.#write);
        return interiorPage(leaves, 0, FILE_HEADER_BYTES)[0];
    }

    #remove(): void {
        try {
            unlinkSync(this.path);
            this.#isMade = false;
        } catch {
            // Some systems cannot unlink open files: it is removed on release, or overwritten by the next part.
        }
    }
}

/** Source: https://www.sqlite.org/fileformat2.html#the_database_header */
function writeFileHeader(page: Buffer, pages: number): void {
    page.write('SQLite format 3\0', 0, 'latin1');
    // 1 stands for 65,536 bytes a page; then the versions of the format, and no bytes reserved.
    page.writeUInt16BE(1, 16);
    page.set([1, 1, 0, 64, 32, 32], 18);
    // The change counter, and the size that is valid for it.
    page.writeUInt32BE(1, 24);
    page.writeUInt32BE(pages, 28);
    page.writeUInt32BE(1, 92);
    // The schema's version and format, and UTF-8.
    page.writeUInt32BE(1, 40);
    page.writeUInt32BE(4, 44);
    page.writeUInt32BE(1, 56);
    page.writeUInt32BE(3_040_000, 96);
}
