import { describe, expect, onTestFinished, test } from 'vitest';
import { lsnNumber } from '../../src/core/lsn.ts';
import type { SqlValue } from '../../src/core/stream-event.ts';
import { SeenTransactions } from '../../src/land/seen-transactions.ts';
import { countRows } from '../../src/land/staged-checksum.ts';
import { oldKeyJson, oldPair } from '../../src/land/staging/old-key.ts';
import { addColumn, copyStatements, createStaging, type StagingColumn } from '../../src/land/staging/staging-ddl.ts';
import { foldedName, stagingColumn, stagingTail } from '../../src/land/staging/staging-names.ts';
import { addStoredValues } from '../../src/land/write-values.ts';
import { labelPath } from '../../src/sql/quote.ts';
import { SqliteRowWriter } from '../../src/sqlite/pages/sqlite-row-writer.ts';
import { close, migratedDatabase, rowsOf } from '../support/bench-database.ts';

async function database() {
    const made = await migratedDatabase('none');
    onTestFinished(() => close(made));
    return made;
}

describe('names', () => {
    const taken = (...names: readonly string[]) => {
        const folded = new Set(names.map(foldedName));
        return (name: string) => folded.has(foldedName(name));
    };
    test.each([
        ['public', 'orders', [], 'orders'],
        ['sales', 'orders', [], 'sales__orders'],
        ['public', 'Orders', ['orders'], 'Orders_2'],
        ['public', 'ORDERS', ['orders', 'Orders_2'], 'ORDERS_3'],
        ['a', 'b', ['a__b'], 'a__b_2'],
        ['Public', 'orders', [], 'Public__orders'],
        ['public', 'ÄB', ['äb'], 'ÄB'],
        ['public', 'a\0b', [], 'a%00b'],
    ])('%s.%s with %j taken is %s', (schema, table, names, expected) => {
        expect(stagingTail(schema, table, taken(...names))).toBe(expected);
    });

    test.each([
        ['id', [], 'id'],
        ['_seq', [], 'col_seq'],
        ['_seq', ['col_seq'], 'col_seq_2'],
        ['Id', ['id'], 'Id_2'],
        ['rowid', [], 'col_rowid'],
        ['OID', [], 'col_OID'],
        ['oid', ['col_OID'], 'col_oid_2'],
        ['oids', [], 'oids'],
        ['_', [], 'col_'],
    ])('column %s with %j taken is %s', (name, names, expected) => {
        expect(stagingColumn(name, taken(...names))).toBe(expected);
    });
});

describe('DDL', () => {
    const columns: readonly StagingColumn[] = [
        { name: 'id', type: 'INTEGER' },
        { name: 'order', type: 'TEXT' },
        { name: 'a "b"', type: 'REAL' },
    ];

    test('a table holds what each type may hold, and refuses the rest', async () => {
        const db = await database();
        db.exec(createStaging('stg_t', columns));
        const insert = (id: unknown, order: unknown, real: unknown) =>
            db
                .prepare('insert into stg_t (_op, _load, id, "order", "a ""b""") values (\'insert\', 1, ?, ?, ?)')
                .run(id, order, real);
        insert(5n, '007', 1.5);
        expect(() => insert('x', 'y', 1.5)).toThrow(/cannot store TEXT value in INTEGER column/);
        expect(() => insert(1n, 'y', 'x')).toThrow(/cannot store TEXT value in REAL column/);
        expect(rowsOf(db, 'select id, "order", "a ""b""" from stg_t')).toEqual([
            '[{"integer":"5"},"007",{"real":"1.5"}]',
        ]);
    });

    test('a column is added; a copy as ANY keeps every value, the order and the name', async () => {
        const db = await database();
        db.exec(createStaging('stg_t', columns));
        db.exec(addColumn('stg_t', { name: 'new', type: 'TEXT' }));
        db.exec(
            `insert into stg_t (_op, _load, id, "order", "a ""b""", new) values ('insert', 1, 7, '007', 5.0, 'x'), ('insert', 1, 8, null, 0.1, '')`,
        );
        const before = rowsOf(db, 'select * from stg_t order by _seq');
        for (const statement of copyStatements('stg_t', [
            { name: 'id', type: 'ANY' },
            { name: 'order', type: 'ANY' },
            { name: 'a "b"', type: 'ANY' },
            { name: 'new', type: 'TEXT' },
        ])) {
            db.exec(statement);
        }
        expect(rowsOf(db, 'select * from stg_t order by _seq')).toEqual(before);
        db.prepare("insert into stg_t (_op, _load, id) values ('insert', 1, ?)").run('007');
        expect(rowsOf(db, 'select id from stg_t')).toEqual(['[{"integer":"7"}]', '[{"integer":"8"}]', '["007"]']);
    });
});

describe('the old key', () => {
    const cases: readonly {
        readonly name: string;
        readonly type: StagingColumn['type'];
        readonly old: SqlValue;
        readonly shown: string | null;
    }[] = [
        { name: 'id', type: 'INTEGER', old: 5, shown: '{"id":5}' },
        { name: 'id', type: 'INTEGER', old: 9223372036854775807n, shown: '{"id":9223372036854775807}' },
        { name: 'id', type: 'REAL', old: 5, shown: '{"id":5.0}' },
        { name: 'id', type: 'REAL', old: 0.1, shown: '{"id":0.1}' },
        { name: 'id', type: 'TEXT', old: '007', shown: '{"id":"007"}' },
        { name: 'id', type: 'TEXT', old: '"\\\u2028', shown: '{"id":"\\"\\\\\u2028"}' },
        { name: 'id', type: 'TEXT', old: null, shown: '{"id":null}' },
        { name: 'a,"b"', type: 'TEXT', old: 'x', shown: '{"a%2C%22b%22":"x"}' },
        { name: 'id', type: 'TEXT', old: 'new', shown: null },
    ];
    test.each(cases)('$type $old of column $name is $shown', async ({ name, type, old, shown }) => {
        const json = oldKeyJson([oldPair(name, type, 0, 0)], { values: ['new'], old: [old], scanned: null });
        expect(json).toBe(shown);
        if (json !== null) {
            // What SQLite reads out of it is what the column would hold.
            const db = await database();
            const read = rowsOf(db, `select '${json.replaceAll("'", "''")}' ->> ${labelPath(name)}`);
            db.exec(createStaging('stg_t', [{ name: 'value', type }]));
            db.prepare("insert into stg_t (_op, _load, value) values ('insert', 1, ?)").run(
                type === 'INTEGER' && old !== null ? BigInt(old) : old,
            );
            expect(read).toEqual(rowsOf(db, 'select value from stg_t'));
        }
    });

    test('names only what differs', () => {
        const pairs = [oldPair('a', 'TEXT', 0, 0), oldPair('b', 'TEXT', 1, 2)];
        expect(oldKeyJson(pairs, { values: ['x', 'not part of it', 'new'], old: ['x', 'old'], scanned: null })).toBe(
            '{"b":"old"}',
        );
        expect(oldKeyJson(pairs, { values: ['x', null, 'old'], old: ['x', 'old'], scanned: null })).toBeNull();
    });
});

describe('checksums', () => {
    const sum = (rows: readonly (readonly SqlValue[])[], before = 0) => {
        const writer = new SqliteRowWriter();
        for (const [at, row] of rows.entries()) {
            writer.begin();
            addStoredValues(writer, row);
            writer.end(at);
        }
        const count = { rows: 0, checksum: before };
        countRows(count, writer, 0, rows.length);
        expect(count.rows).toBe(rows.length);
        return count.checksum;
    };

    test('tell values, columns, classes and order apart', () => {
        const rows: SqlValue[][] = [['a', null, 'b'], ['ab'], ['b', null, 'a'], [null, null, 'ab'], [5], [5n], ['5']];
        const sums = rows.map((row) => sum([row]));
        expect(new Set(sums).size).toBe(rows.length);
        expect(sum([['a'], ['b']])).not.toBe(sum([['b'], ['a']]));
    });

    test('do not see columns that came later, nor how rows are gathered', () => {
        expect(sum([['a', null, 'b', null, null]])).toBe(sum([['a', null, 'b']]));
        const rows = Array.from({ length: 9 }, (_, at) => ['é'.repeat(1_000 * at), 1.5, BigInt(at), '😀']);
        expect(sum(rows.slice(4), sum(rows.slice(0, 4)))).toBe(sum(rows));
    });
});

describe('positions', () => {
    test.each([
        ['0/0', 0n],
        ['0/10', 16n],
        ['16/B374D848', 0x16b374d848n],
        ['7FFFFFFF/FFFFFFFF', 2n ** 63n - 1n],
        ['80000000/0', null],
        ['ff/0', 0xff00000000n],
        ['', null],
        ['1', null],
        ['g/1', null],
        ['123456789/0', null],
        [null, null],
    ])('%s is %s', (text, expected) => {
        expect(lsnNumber(text)).toBe(expected);
    });

    test('a transaction is known by its position and xid; an unknown older one is an error', async () => {
        const seen = new SeenTransactions(await database(), 1);
        const at = (position: string | null, xid: string | null = '1') => ({ position, xid, committedAt: null });
        expect(seen.has(at('0/20'))).toBe(false);
        seen.add(at('0/20'));
        seen.add(at('1/0', '2'));
        expect(seen.has(at('0/20'))).toBe(true);
        expect(seen.has(at('1/0', '2'))).toBe(true);
        expect(seen.has(at('1/1', '1'))).toBe(false);
        expect(seen.has(at(null))).toBe(false);
        // As numbers, not as texts: 0/9 is before 0/20.
        expect(() => seen.has(at('0/9', '7'))).toThrow(expect.objectContaining({ code: 'SOURCE_OLDER' }));
        expect(() => seen.has(at('0/20', '9'))).toThrow(expect.objectContaining({ code: 'SOURCE_OLDER' }));
    });
});
