import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { begin, commit, type Database, openDatabase, rollback } from '../../src/sqlite/database.ts';
import { PartFile } from '../../src/sqlite/pages/part-file.ts';
import { RowRefused, SqliteRowWriter } from '../../src/sqlite/pages/sqlite-row-writer.ts';
import { interiorPage, PAGE_BYTES, varintLength, writeRoot, writeVarint } from '../../src/sqlite/pages/table-pages.ts';
import { workFolder } from '../support/elt.ts';
import { propertyRuns } from '../support/properties.ts';

/** What SQLite reads out of the files that we write for it. */

type Value = null | bigint | number | string;

const DDL = (name: string) => `create table "${name}" (_seq integer primary key, a any, b any, c any, d any) strict`;

function openFile(): Database {
    const database = openDatabase(join(workFolder(), 'rows.db'), { create: true });
    database.pragma('synchronous = OFF');
    onTestFinished(() => {
        database.close();
    });
    return database;
}

/** Puts rows into tables by way of a part file, `together` rows at a time; `_seq` counts from `first`. */
function put(database: Database, tables: ReadonlyMap<string, readonly Value[][]>, together = 100, first = 1): void {
    const part = new PartFile(database);
    begin(database);
    const written = [...tables].map(([name, rows]) => {
        const writer = new SqliteRowWriter();
        for (const [at, row] of rows.entries()) {
            writer.begin();
            writer.addNull();
            for (const value of row) {
                if (value === null) {
                    writer.addNull();
                } else if (typeof value === 'string') {
                    writer.addText(value);
                } else if (typeof value === 'bigint') {
                    writer.addInteger(value);
                } else {
                    writer.addReal(value);
                }
            }
            writer.end(first + at);
        }
        const leaves = [];
        for (let from = 0; from < rows.length; from += together) {
            leaves.push(...part.append(writer, from, Math.min(from + together, rows.length)));
        }
        return { name, sql: DDL(name), leaves };
    });
    part.take(written);
    commit(database);
    part.release();
    expect(existsSync(part.path)).toBe(false);
}

test.each([2, 3, 5, 9, 17])('the page in which SQLite locks bytes holds nothing, be it the %d-th', (lockBytePage) => {
    const database = openFile();
    database.exec(DDL('t'));
    const part = new PartFile(database, lockBytePage);
    const writer = new SqliteRowWriter();
    const rows = 3_000;
    for (let row = 1; row <= rows; row++) {
        writer.begin();
        writer.addNull();
        writer.addText(`${row} `.repeat(row % 200 === 0 ? 40_000 : 60));
        writer.end(row);
    }
    begin(database);
    const leaves = part.append(writer, 0, rows);
    const place = (lockBytePage - 1) * PAGE_BYTES;
    const page = readFileSync(part.path).subarray(place, place + PAGE_BYTES);
    expect(page.length > 0 && page.every((byte) => byte === 0)).toBe(true);
    part.take([{ name: 't', sql: DDL('t'), leaves }]);
    commit(database);
    part.release();
    expect(
        database.prepare(`select count(*), sum(a = replace(a, 'x', '') and a like _seq || ' %') from t`).raw().get(),
    ).toEqual([rows, rows]);
});

function rowsOf(database: Database, table: string): Value[][] {
    return database.prepare(`select a, b, c, d from "${table}" order by _seq`).raw().safeIntegers().all() as Value[][];
}

function expectStored(rows: readonly Value[][], together?: number): void {
    const database = openFile();
    database.exec(DDL('t'));
    put(database, new Map([['t', rows]]), together);
    expect(database.pragma('integrity_check', { simple: true })).toBe('ok');
    const full = rows.map((row) => [...row, null, null, null, null].slice(0, 4));
    expect(rowsOf(database, 't')).toEqual(full);
    expect(database.prepare('select max(_seq) from t').pluck().get() ?? 0).toBe(rows.length);
}

const LIMITS = [0, 1, 7, 8, 15, 16, 23, 24, 31, 32, 47, 48, 62, 63].flatMap((bits) =>
    [2n ** BigInt(bits) - 1n, 2n ** BigInt(bits), -(2n ** BigInt(bits)), -(2n ** BigInt(bits)) - 1n].filter(
        (value) => value >= -(2n ** 63n) && value < 2n ** 63n,
    ),
);

const value = fc.oneof(
    fc.constant(null),
    fc.constantFrom(...LIMITS),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.double({ noNaN: true }).map((real) => (real === 0 ? 0 : real)),
    fc.string({ unit: 'grapheme', maxLength: 80 }),
    fc.string({ unit: 'binary', maxLength: 80 }),
    fc.nat({ max: 200_000 }).map((length) => 'é'.repeat(length)),
);

describe('SQLite reads what was written', () => {
    test('rows of any values, in any pieces', () => {
        fc.assert(
            fc.property(
                fc.array(fc.array(value, { maxLength: 4 }), { maxLength: 40 }),
                fc.integer({ min: 1, max: 41 }),
                (rows, together) => expectStored(rows, together),
            ),
            propertyRuns(60),
        );
    });

    test.each([
        ['no row', []],
        ['whole numbers at each limit of bytes', LIMITS.map((limit) => [limit])],
        [
            'reals',
            [
                [0.1, -0.5, 1e300, 5],
                [Number.MAX_VALUE, Number.MIN_VALUE, -1e-300, 2 ** 53],
            ],
        ],
        [
            'texts around the length at which the header grows',
            [56, 57, 58, 8184, 8185, 8186].map((n) => ['x'.repeat(n)]),
        ],
        [
            'rows around the length at which they leave their page',
            Array.from({ length: 24 }, (_, at) => ['y'.repeat(PAGE_BYTES - 60 + 3 * at), at % 2 === 0 ? 1.5 : null]),
        ],
        [
            'rows of whole overflow pages, one byte more and one less',
            [1, 2, 3].flatMap((pages) =>
                [-1, 0, 1].map((more) => ['z'.repeat(pages * (PAGE_BYTES - 4) + 8_000 + more)]),
            ),
        ],
        ['a row of 5 MB', [['first'], ['ß'.repeat(2_500_000)], ['last']]],
        ['100,000 short rows', Array.from({ length: 100_000 }, (_, at) => [BigInt(at), `row ${at}`])],
    ] as const)('%s', (_, rows) => {
        expectStored(rows.map((row) => [...row]) as Value[][]);
    });

    test('a header longer than one byte says', () => {
        const columns = 300;
        const names = Array.from({ length: columns }, (_, at) => `c${at}`);
        const sql = `create table wide (_seq integer primary key, ${names.map((name) => `${name} text`)}) strict`;
        const database = openFile();
        database.exec(sql);
        const writer = new SqliteRowWriter();
        const lengths = [0, 130, 60, 0, 299, 1];
        for (const [at, length] of lengths.entries()) {
            writer.begin();
            writer.addNull();
            for (let column = 0; column < length; column++) {
                writer.addText(`${at}.${column}`);
            }
            writer.end(at);
        }
        const part = new PartFile(database);
        begin(database);
        part.take([{ name: 'wide', sql, leaves: part.append(writer, 0, lengths.length) }]);
        commit(database);
        part.release();
        const rows = database.prepare('select * from wide order by _seq').raw().all() as (number | string | null)[][];
        expect(rows.map((row) => row.filter((one) => one !== null).length - 1)).toEqual(lengths);
        expect(rows[4]?.[299]).toBe('4.298');
    });

    test('more tables than their schema has room for on one page, and rows behind those that are there', () => {
        const database = openFile();
        const tables = new Map(
            Array.from({ length: 500 }, (_, at) => [`t "${at}" ${'n'.repeat(120)}`, [[`of ${at}`]]]),
        );
        for (const name of tables.keys()) {
            database.exec(DDL(name.replaceAll('"', '""')));
        }
        const quoted = new Map([...tables].map(([name, rows]) => [name.replaceAll('"', '""'), rows]));
        // A name is quoted where it is used; the part's own DDL holds it quoted already.
        const part = new PartFile(database);
        for (const first of [1, 2]) {
            begin(database);
            part.take(
                [...tables].map(([name, rows]) => {
                    const writer = new SqliteRowWriter();
                    writer.begin();
                    writer.addNull();
                    writer.addText(String(rows[0]));
                    writer.end(first);
                    return { name, sql: DDL(name.replaceAll('"', '""')), leaves: part.append(writer, 0, 1) };
                }),
            );
            commit(database);
            part.release();
        }
        expect(database.pragma('integrity_check', { simple: true })).toBe('ok');
        for (const [name, [row]] of quoted) {
            expect(rowsOf(database, name).map(([first]) => first)).toEqual([row?.[0], row?.[0]]);
        }
    });
});

describe('the file', () => {
    test('is never written through a link', () => {
        const database = openFile();
        database.exec(DDL('t'));
        const other = join(workFolder(), 'other');
        writeFileSync(other, 'of somebody else');
        symlinkSync(other, new PartFile(database).path);
        put(database, new Map([['t', [['here']]]]));
        expect(rowsOf(database, 't').map(([first]) => first)).toEqual(['here']);
        expect(readFileSync(other, 'utf8')).toBe('of somebody else');
    });

    test('that another program puts there when it is to be created is an error, and stays', () => {
        const database = openFile();
        const part = new PartFile(database);
        const writer = new SqliteRowWriter();
        writer.begin();
        writer.addNull();
        writer.end(1);
        // Between the removal of what a crash has left and the creation: a folder cannot be removed so.
        mkdirSync(part.path);
        expect(() => part.append(writer, 0, 1)).toThrow(expect.objectContaining({ code: 'DATABASE_REFUSED' }));
        part.release();
        expect(existsSync(part.path)).toBe(true);
    });

    test('that a crash has left is written anew', () => {
        const database = openFile();
        database.exec(DDL('t'));
        writeFileSync(new PartFile(database).path, 'left by a crash'.repeat(100_000));
        put(database, new Map([['t', [['here']]]]));
        expect(rowsOf(database, 't').map(([first]) => first)).toEqual(['here']);
    });

    test('that SQLite does not take is gone all the same', () => {
        const database = openFile();
        const part = new PartFile(database);
        const writer = new SqliteRowWriter();
        writer.begin();
        writer.addNull();
        writer.end(1);
        begin(database);
        const leaves = part.append(writer, 0, 1);
        expect(existsSync(part.path)).toBe(true);
        expect(() => part.take([{ name: 'not_there', sql: DDL('not_there'), leaves }])).toThrow('not_there');
        rollback(database);
        part.release();
        expect(existsSync(part.path)).toBe(false);
        database.exec(DDL('t'));
        put(database, new Map([['t', [['here']]]]));
        expect(rowsOf(database, 't')).toHaveLength(1);
    });

    test('that cannot be made is an error of the disk, and the database stays as it was', () => {
        const database = openFile();
        database.exec(DDL('t'));
        mkdirSync(new PartFile(database).path);
        expect(() => put(database, new Map([['t', [['here']]]]))).toThrow(
            expect.objectContaining({ code: 'DATABASE_REFUSED', exitStatus: 7 }),
        );
        rollback(database);
        expect(rowsOf(database, 't')).toEqual([]);
    });
});

test('a writer whose memory was given back begins anew', () => {
    const writer = new SqliteRowWriter();
    for (const text of ['one', 'x'.repeat(100_000), 'three']) {
        writer.begin();
        writer.addText(text);
        writer.end(1);
        const { bytes } = writer;
        writer.free();
        expect([writer.length, writer.rowids.length, bytes.length]).toEqual([0, 0, 0]);
    }
});

describe('pages', () => {
    test('above many leaves every leaf is reached once, in order', () => {
        const written: Buffer[] = [];
        const write = (page: Buffer): number => written.push(Buffer.from(page));
        const leaves = Array.from({ length: 20_000 }, (_, at) => ({ page: 1_000_000 + at, rowid: 3 * at + 5 }));
        const reached: number[] = [];
        const walk = (number: number, limit: number): void => {
            if (number >= 1_000_000) {
                reached.push(number);
                expect(limit).toBe(leaves[number - 1_000_000]?.rowid);
                return;
            }
            const page = written[number - 1] as Buffer;
            const cells = page.readUInt16BE(3);
            for (let cell = 0; cell < cells; cell++) {
                const at = page.readUInt16BE(12 + 2 * cell);
                walk(page.readUInt32BE(at), readVarint(page, at + 4));
            }
            walk(page.readUInt32BE(8), limit);
        };
        walk(writeRoot(leaves, write), leaves.at(-1)?.rowid ?? 0);
        expect(reached).toEqual(leaves.map((leaf) => leaf.page));
        expect(written.length).toBeGreaterThan(2);
        expect(interiorPage(leaves, 19_999, 100)[1]).toBe(1);
    });

    test.each([0, 127, 128, 16_383, 16_384, 2 ** 21 - 1, 2 ** 21, 2 ** 35, 2 ** 49, 2 ** 53 - 1])(
        'a varint of %d',
        (number) => {
            const bytes = Buffer.alloc(10);
            expect(writeVarint(bytes, 0, number)).toBe(varintLength(number));
            expect(readVarint(bytes, 0)).toBe(number);
        },
    );
});

test('a row that is longer than SQLite takes is refused, and the others stay', () => {
    const writer = new SqliteRowWriter(100);
    const add = (...texts: string[]): void => {
        writer.begin();
        for (const text of texts) {
            writer.addText(text);
        }
        writer.end(writer.rowids.length + 1);
    };
    add('first');
    expect(() => add('x'.repeat(50), 'y'.repeat(50))).toThrow(RowRefused);
    add('third');
    expect(writer.rowids).toEqual([1, 2]);
    expect(writer.bytes.toString('latin1', 0, writer.length)).toBe('\x02\x17first\x02\x17third');
});

function readVarint(bytes: Buffer, at: number): number {
    let number = 0;
    for (let index = at; ; index++) {
        number = number * 128 + ((bytes[index] as number) & 0x7f);
        if ((bytes[index] as number) < 0x80) {
            return number;
        }
    }
}
