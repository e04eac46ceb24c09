import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { begin, commit } from '../../src/sqlite/database.ts';
import { PartFile } from '../../src/sqlite/pages/part-file.ts';
import { SqliteRowWriter } from '../../src/sqlite/pages/sqlite-row-writer.ts';
import { PAGE_BYTES } from '../../src/sqlite/pages/table-pages.ts';
import { propertyRuns } from '../support/properties.ts';
import { DDL, openFile, put, rowsOf, type Value } from './part-rows.ts';

/** What SQLite reads out of the files that we write for it. */

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
