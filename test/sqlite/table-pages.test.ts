import { describe, expect, test } from 'vitest';
import { RowRefused, SqliteRowWriter } from '../../src/sqlite/pages/sqlite-row-writer.ts';
import { interiorPage, varintLength, writeRoot, writeVarint } from '../../src/sqlite/pages/table-pages.ts';

/** Rows and pages before they are in a file. */

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
