import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { lsnOf } from '../../src/core/lsn.ts';
import { PendingRows } from '../../src/land/pending-rows.ts';
import { begin, commit, type Database, openDatabase, rollback } from '../../src/sqlite/database.ts';
import { kept } from '../../src/sqlite/kept-statements.ts';
import { INSERTED_ROWS_MAX, insertRows, partFileRows } from '../../src/sqlite/pages/insert-rows.ts';
import { PartFile } from '../../src/sqlite/pages/part-file.ts';
import { SqliteRowWriter } from '../../src/sqlite/pages/sqlite-row-writer.ts';
import { workFolder } from '../support/elt.ts';
import { propertyRuns } from '../support/properties.ts';

/** Few rows are inserted, many come by a part file: nobody can tell by which way a row came. */

type Value = null | bigint | number | string;

const TYPES = ['ANY', 'TEXT', 'INTEGER', 'REAL'] as const;
/** In a row that is read: after `_seq` come type, value and bytes of each column. */
const INTEGER_AT = 1 + 3 * TYPES.indexOf('INTEGER') + 1;
const DDL = `create table t (_seq integer primary key, ${TYPES.map((type) => `c_${type} ${type}`).join(', ')}) strict`;

function openFile(name = 'rows.db'): Database {
    const database = openDatabase(join(workFolder(), name), { create: true });
    database.exec(DDL);
    onTestFinished(() => {
        database.close();
    });
    return database;
}

function write(writer: SqliteRowWriter, row: readonly Value[], rowid: number): void {
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
    writer.end(rowid);
}

const text = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.string({ unit: 'binary' }).map((one) => one.replaceAll(/\p{Surrogate}/gu, '')),
    fc.constantFrom('', '007', '1e5', ' 7 ', '\0', 'a\0b', 'é'.repeat(70), 'x'.repeat(70_000)),
);
const integer = fc.oneof(
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.bigInt({ min: -300n, max: 300n }),
    // Both sides of each length in which SQLite stores them.
    fc
        .tuple(fc.integer({ min: 0, max: 63 }), fc.bigInt({ min: -2n, max: 1n }), fc.boolean())
        .map(([bits, more, isNegative]) => (isNegative ? -1n : 1n) * 2n ** BigInt(bits) + more)
        .filter((value) => BigInt.asIntN(64, value) === value),
);
const real = fc.oneof(fc.double({ noNaN: true }), fc.constantFrom(0, -0, 5, 1e300, Number.POSITIVE_INFINITY));
const orNull = <T extends Value>(values: fc.Arbitrary<T>): fc.Arbitrary<Value> => fc.option<Value>(values, { freq: 4 });
const row = fc.tuple(orNull(fc.oneof(text, integer)), orNull(text), orNull(integer), orNull(real));

test('the same rows, in the same storage, as by way of a part file', () => {
    const database = openFile();
    const stored = (): unknown[] =>
        database
            .prepare(
                `select _seq, ${TYPES.map((type) => `typeof(c_${type}), c_${type}, hex(c_${type})`).join(', ')} from t order by _seq`,
            )
            .raw()
            .safeIntegers()
            .all();
    fc.assert(
        fc.property(
            fc.array(row, { minLength: 1, maxLength: 20 }),
            fc.integer({ min: 1, max: 2 ** 50 }),
            (rows, first) => {
                const writer = new SqliteRowWriter();
                for (const [index, one] of rows.entries()) {
                    write(writer, one, first + index);
                }
                begin(database);
                insertRows(database, 't', writer);
                const inserted = stored();
                rollback(database);
                const part = new PartFile(database);
                const leaves = part.append(writer, 0, rows.length);
                begin(database);
                part.take([{ name: 't', sql: DDL, leaves }]);
                const copied = stored();
                rollback(database);
                part.release();
                expect(inserted).toEqual(copied);
                const integers = (inserted as unknown[][]).map((one) => one[INTEGER_AT]);
                expect(integers).toEqual(rows.map(([, , whole]) => whole));
            },
        ),
        propertyRuns(200),
    );
});

test('a place of a log is stored as its text is', () => {
    const half = fc.oneof(fc.integer({ min: 0, max: 0xffff_ffff }), fc.constantFrom(0, 9, 0xa, 0xf, 0x10, 0x8000_0000));
    fc.assert(
        fc.property(half, half, fc.string({ maxLength: 200 }), (high, low, text) => {
            const [quick, plain] = [new SqliteRowWriter(), new SqliteRowWriter()];
            quick.begin();
            quick.addLsn(high, low);
            quick.addText(text);
            quick.end(1);
            plain.begin();
            plain.addText(lsnOf(high, low));
            plain.addText(text);
            plain.end(1);
            expect(quick.bytes.subarray(0, quick.length)).toEqual(plain.bytes.subarray(0, plain.length));
        }),
        propertyRuns(300),
    );
});

test('a place in a topic is stored as its text is', () => {
    const edge = fc.constantFrom(
        0,
        9,
        10,
        99,
        100,
        999_999_999_999_999,
        1_000_000_000_000_000,
        Number.MAX_SAFE_INTEGER,
    );
    const offset = fc.oneof(fc.maxSafeNat(), fc.nat({ max: 2_000 }), edge);
    fc.assert(
        fc.property(
            fc.stringMatching(/^[\w.-]{1,249}$/),
            offset,
            fc.string({ maxLength: 200 }),
            (before, number, text) => {
                const [quick, plain] = [new SqliteRowWriter(), new SqliteRowWriter()];
                quick.begin();
                quick.addTopicPlace({ before, offset: number });
                quick.addText(text);
                quick.end(1);
                plain.begin();
                plain.addText(before + number);
                plain.addText(text);
                plain.end(1);
                expect(quick.bytes.subarray(0, quick.length)).toEqual(plain.bytes.subarray(0, plain.length));
            },
        ),
        propertyRuns(500),
    );
});

test('a column that is added later has no part in it', () => {
    const database = openFile();
    const insert = (value: string, rowid: number): void => {
        const writer = new SqliteRowWriter();
        write(writer, [value], rowid);
        begin(database);
        insertRows(database, 't', writer);
        commit(database);
    };
    insert('before', 1);
    database.exec('alter table t add column later text');
    insert('after', 2);
    expect(database.prepare('select c_ANY, later from t').raw().all()).toEqual([
        ['before', null],
        ['after', null],
    ]);
});

/** Lands that many rows; false: by way of a part file, which cannot be created here. */
function isInserted(database: Database, rows: number, first: number): boolean {
    const pending = new PendingRows(database, new Map());
    const table = pending.table('t');
    for (let at = 0; at < rows; at++) {
        pending.touch(table);
        write(table.writer, [BigInt(at)], first + at);
        pending.added(4);
    }
    begin(database);
    try {
        const [counted] = pending.insert(() => DDL).values();
        expect(counted?.rows).toBe(rows);
        commit(database);
        return true;
    } catch (error) {
        expect(String(error)).toMatch(/rows\.db-part/);
        return false;
    } finally {
        rollback(database);
        pending.release();
        pending.close();
    }
}

test('few rows need no part file, which every statement would be compiled anew for', () => {
    const database = openFile();
    // Where it would be created.
    mkdirSync(`${database.name}-part`);
    for (let number = 0; number < 100; number++) {
        kept(database, `select ${number}`);
    }
    expect(isInserted(database, INSERTED_ROWS_MAX - 1, 1)).toBe(true);
    expect(isInserted(database, INSERTED_ROWS_MAX, INSERTED_ROWS_MAX)).toBe(false);
    expect(database.prepare('select count(*) from t').pluck().get()).toBe(INSERTED_ROWS_MAX - 1);
});

test('where few statements are kept, fewer rows are worth a part file', () => {
    const database = openFile();
    mkdirSync(`${database.name}-part`);
    expect(isInserted(database, 1, 1)).toBe(true);
    const few = partFileRows(database);
    expect(few).toBeLessThan(500);
    expect(isInserted(database, few, 2)).toBe(false);
    for (let number = 0; number < 30; number++) {
        kept(database, `select ${number}`);
    }
    expect(isInserted(database, few, 2)).toBe(true);
});
