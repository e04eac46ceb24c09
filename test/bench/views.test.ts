import { describe, expect, test } from 'vitest';
import { verdictOf } from '../../bench/views/compare-rows.ts';
import { CUSTOMER, PURCHASE, ShopRows } from '../../bench/views/shop-rows.ts';
import { tursoVersion } from '../../bench/views/turso-process.ts';
import { NODE, runProgram, workFolder } from '../support/elt.ts';
import { shopDatabase } from '../transform/marts/rules-case.ts';

describe('the benchmark of views', () => {
    test.each([
        ['the same bag in another order', [[1], [2], [2]], [[2], [1], [2]], 'right'],
        ['a real number of the same value', [[1, 2.0]], [[1, 2]], 'right'],
        ['a row that is not there', [[1]], [[1], [2]], 'wrong: of 2 rows 1 are missing, 0 are others'],
        ['a row that is there twice', [[1], [1]], [[1]], 'wrong: of 1 rows 0 are missing, 1 are others'],
        ['null is no value', [[1, 0]], [[1, null]], 'wrong: of 1 rows 1 are missing, 1 are others'],
    ])('%s', (_, found, expected, verdict) => {
        expect(verdictOf(found, expected)).toBe(verdict);
    });

    test('each change of the shop changes one row, and all kinds come', () => {
        const [shop, database] = [new ShopRows(500), shopDatabase()];
        for (const [sql, rows] of [
            [CUSTOMER, shop.customers],
            [PURCHASE, shop.purchases],
        ] as const) {
            for (const row of rows) {
                database.prepare(sql).run(...row);
            }
        }
        const changes = shop.changes(2_000);
        expect(changes.filter(([sql, values]) => database.prepare(sql).run(...values).changes !== 1)).toEqual([]);
        expect(new Set(changes.map(([sql]) => sql)).size).toBe(5);
        database.close();
    });

    const hasTurso = tursoVersion() !== undefined;

    test(`elt comes to the rows of every SELECT${hasTurso ? '' : ' (Turso is left out: no pyturso here)'}`, {
        timeout: 120_000,
    }, async () => {
        const words = ['--rows', '100', '--rounds', '2', '--no-write'];
        const { status, stdout, stderr } = await runProgram(NODE, ['bench/turso.ts', ...words], {
            env: { ELT_BENCH: workFolder() },
        });
        expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
        const cells = stdout.split('\n').map((line) => line.split('|').map((cell) => cell.trim()));
        const measured = cells.filter(([, , rows]) => rows === '100');
        const own = measured.filter((line) => line[4] === 'elt');
        expect(own.map((line) => line[9])).toEqual(Array.from({ length: 6 }, () => 'right'));
        expect(measured).toHaveLength(hasTurso ? 12 : 6);
        const shapes = cells.filter((line) => line[2]?.startsWith('`select') || line[2]?.startsWith('`with spent'));
        expect(shapes).toHaveLength(13);
        expect(shapes.filter((line) => !line[3]?.startsWith('right; '))).toEqual([]);
        expect(shapes.filter((line) => (line[4] === '') === hasTurso)).toEqual([]);
    });
});
