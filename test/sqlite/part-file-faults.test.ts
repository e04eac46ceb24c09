import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { begin, rollback } from '../../src/sqlite/database.ts';
import { PartFile } from '../../src/sqlite/pages/part-file.ts';
import { SqliteRowWriter } from '../../src/sqlite/pages/sqlite-row-writer.ts';
import { workFolder } from '../support/elt.ts';
import { DDL, openFile, put, rowsOf } from './part-rows.ts';

/** The file that SQLite takes pages from, where something else stands in its place. */

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
