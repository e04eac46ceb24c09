import { describe, expect, onTestFinished, test } from 'vitest';
import { readCatalogue } from '../../../src/ledger/catalogue.ts';
import { namesText, parseNames, parseRelation, relationText } from '../../../src/sql/relation-name.ts';
import { relationOf, specOf } from '../../../src/transform/current/current-file.ts';
import type { CurrentSpec } from '../../../src/transform/current/current-spec.ts';
import { currentSql, isUnedited } from '../../../src/transform/current/current-sql.ts';
import { close, load, migratedDatabase, projectFiles } from '../../support/bench-database.ts';
import { elt } from '../../support/elt.ts';
import { historyLines } from '../../support/history.ts';
import { PAYMENTS_TABLES } from '../../support/payments-model.ts';

/** Every table of a pipeline, landed once. */
async function source(pipeline: string): Promise<string> {
    return pipeline === 'payments'
        ? (await elt(['sample', 'payments', '--records', '100'])).stdout
        : historyLines(PAYMENTS_TABLES, { transactions: [], steps: [] }).lines.join('\n');
}

describe.each(['payments', 'payments_v1'])('the files of %s', (pipeline) => {
    test('are what elt scaffold writes', async () => {
        const database = await migratedDatabase(pipeline);
        onTestFinished(() => close(database));
        await load(database, await source(pipeline));
        const catalogue = readCatalogue(database);
        const models = projectFiles(pipeline).models.filter(({ kind }) => kind === 'current');
        expect(models).toHaveLength(4);
        for (const model of models) {
            const relation = relationOf(model, catalogue);
            expect([model.name, relation === undefined]).toEqual([model.name, false]);
            const spec =
                relation && specOf(model, relation, { stale: [], presumed: [], firstThatLacks: () => undefined });
            expect(model.text).toBe(spec === undefined ? undefined : currentSql(spec));
            expect(isUnedited(model.text)).toBe(true);
        }
    });
});

describe('a scaffolded file', () => {
    const spec: CurrentSpec = {
        tail: 'Odd "one"',
        schema: 'sales',
        table: 'Odd "one"',
        key: ['a', 'order'],
        columns: [
            { name: 'a', type: 'INTEGER' },
            { name: 'order', type: 'TEXT' },
            { name: "it's", type: 'ANY' },
        ],
    };

    test('knows whether it was edited', () => {
        const text = currentSql(spec);
        expect(isUnedited(text)).toBe(true);
        expect(isUnedited(`${text}-- a thought\n`)).toBe(false);
        expect(isUnedited(text.replace('integer', 'text'))).toBe(false);
        expect(isUnedited(text.replace(/^-- scaffold: .*$/m, ''))).toBe(false);
    });

    test('is the same for the same table, and differs for another', () => {
        expect(currentSql(spec)).toBe(currentSql({ ...spec }));
        expect(currentSql({ ...spec, key: ['a'] })).not.toBe(currentSql(spec));
    });
});

describe('names in the head of a file', () => {
    test.each([
        [['a'], 'a'],
        [['a', 'b_1'], 'a, b_1'],
        [['A', 'b c'], '"A", "b c"'],
        [['odd "x", y', '.'], '"odd ""x"", y", "."'],
        [['ü'], '"ü"'],
    ])('%j is written and read as %s', (names, text) => {
        expect(namesText(names)).toBe(text);
        expect(parseNames(text, ',')).toEqual(names);
    });

    test.each(['', 'a,', ',a', 'a b', '"a', 'a,,b', '"a"b'])('%j is no list', (text) => {
        expect(parseNames(text, ',')).toBeUndefined();
    });

    test.each([
        ['public', 'orders'],
        ['Sales', 'a.b'],
        ['a"b', 'c,d'],
    ])('relation %s %s', (schema, table) => {
        expect(parseRelation(relationText(schema, table))).toEqual({ schema, table });
    });

    test.each(['orders', 'a.b.c', 'a."b', ''])('%j is no relation', (text) => {
        expect(parseRelation(text)).toBeUndefined();
    });
});
