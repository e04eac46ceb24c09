import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkLake } from '../../src/lake/check-lake.ts';
import type { JsonRead } from '../../src/lake/marts-json.ts';
import { removeUnnamed } from '../../src/lake/remove-unnamed.ts';
import { tableFacts } from '../../src/lake/table-facts.ts';
import type { Database } from '../../src/sqlite/database.ts';
import { load, memorySource, projectFiles } from '../support/bench-database.ts';
import { historyLines, historyPlan } from '../support/history.ts';
import { propertyRuns } from '../support/properties.ts';
import { SHOP_TABLES } from '../support/shop-project.ts';
import { expectSameRows } from './expect-same-rows.ts';
import {
    change,
    comparable,
    ID,
    item,
    lakeRows,
    manifestOf,
    pushed,
    SMALL,
    stagedRows,
    tableOf,
    transaction,
    withLake,
} from './pushed.ts';

/** The lake holds what staging holds, and says of it what a scan says. */
async function expectSame(database: Database, lake: string): Promise<void> {
    const manifest = manifestOf(lake);
    const relations = database
        .prepare('select staging_table from elt_relations where first_seq <= (select whole_seq from elt_stream)')
        .pluck()
        .all() as string[];
    expect(manifest.tables.map(({ staging }) => staging).sort()).toEqual(relations.sort());
    expect(await checkLake(lake, 'shop', async () => undefined)).toMatchObject({ damaged: [], unnamed: [] });
    for (const { staging, key, oldKey, ...facts } of manifest.tables) {
        const rows = stagedRows(database, staging);
        const names = Object.keys(rows[0] ?? {});
        const found = await lakeRows(lake, staging);
        expect(comparable(found, names)).toEqual(comparable(rows, names));
        const was = (name: string): string => `coalesce(_old_key ->> '$.${name}', "${name}")`;
        const moved = oldKey.map(({ column }) => `${was(column)} is not "${column}"`).join(' or ') || '0';
        const scanned = database
            .prepare(
                `select max(_seq) filter (where _op = 'truncate') as lastTruncate,
                    max(_seq) filter (where _op not in ('delete', 'truncate') and (${moved})) as lastMove,
                    max(_seq) filter (where _op not in ('delete', 'truncate') and _absent is not null) as lastPatch,
                    max(_seq) filter (
                        where _op not in ('delete', 'truncate') and (${moved}) and _absent is not null
                    ) as lastDraggingMove,
                    max(_seq) filter (where _op = 'delete' and _old_key is not null) as lastOldKeyDelete
                from ${staging} where _seq <= (select whole_seq from elt_stream)`,
            )
            .get();
        expect(facts).toMatchObject(scanned as object);
        const old = database
            .prepare(
                `select ${[`(${moved}) as moved`, ...oldKey.map(({ column }) => `${was(column)} as "_old_${column}"`)].join(', ')}
                from ${staging} where _seq <= (select whole_seq from elt_stream) order by _seq`,
            )
            .safeIntegers()
            .all() as Record<string, unknown>[];
        for (const [index, row] of old.entries()) {
            const isMoved = row.moved === 1n;
            expect(found[index]?._has_old_key).toBe(row.moved);
            for (const { name } of oldKey) {
                expect(found[index]?.[name] ?? null).toEqual(isMoved ? row[name] : null);
            }
        }
        expect(key.every((name) => oldKey.some(({ column }) => column === name))).toBe(true);
    }
}

test('the lake holds what has landed whole, whatever came between two pushes', async () => {
    await fc.assert(
        fc.asyncProperty(historyPlan(false), (plan) =>
            withLake(async (database, lake) => {
                const { lines } = historyLines(SHOP_TABLES, plan);
                let sent = 0;
                for (const step of [...plan.steps, { kind: 'land' as const, lines: lines.length }]) {
                    if (step.kind === 'land') {
                        const piece = lines.slice(sent, sent + step.lines);
                        sent += piece.length;
                        await load(database, memorySource(`${piece.join('\n')}\n`));
                    } else {
                        await pushed(database, lake);
                        await expectSame(database, lake);
                    }
                }
                await pushed(database, lake);
                await expectSame(database, lake);
                expect((await pushed(database, lake)).isNew).toBe(false);
            }),
        ),
        propertyRuns(15),
    );
});

const text = (name: string, value: unknown) => ({ name, type: 'text', value });

describe('what changes in the columns', () => {
    test('a column that is added is null in the parts from before, which stay', async () => {
        await withLake(async (database, lake) => {
            await load(database, transaction(item(1), item(2)));
            await pushed(database, lake);
            const [before] = tableOf(lake, 'stg_item').parts;
            await load(database, transaction(item(3, text('note', 'new'))));
            expect((await pushed(database, lake)).tables).toMatchObject([{ rows: 1, isAnew: false }]);
            expect(tableOf(lake, 'stg_item').parts[0]).toEqual(before);
            expect(tableOf(lake, 'stg_item').columns.map(({ name }) => name)).toEqual(['id', 'note']);
            await expectSameRows(database, lake);
        });
    });

    test('a column that is retyped is read as its new type in parts that are written anew; the old ones stay a day', async () => {
        await withLake(async (database, lake) => {
            await load(database, transaction(item(1, { name: 'code', type: 'integer', value: 7 })));
            await pushed(database, lake);
            const [before] = tableOf(lake, 'stg_item').parts;
            await load(database, transaction(item(2, text('code', '007'))));
            expect((await pushed(database, lake)).tables).toMatchObject([{ rows: 2, isAnew: true }]);
            const { columns, revision } = tableOf(lake, 'stg_item');
            expect([revision, columns[1]]).toMatchObject([2, { name: 'code', sqliteType: 'ANY', type: 'text' }]);
            await expectSameRows(database, lake);
            const file = join(lake, 'shop/sources/one/stg_item', before?.file ?? '');
            expect([existsSync(file), manifestOf(lake).superseded.map((one) => one.file)]).toEqual([
                true,
                [`stg_item/${before?.file}`],
            ]);
            const tomorrow = Date.now() + 25 * 3_600_000;
            removeUnnamed(lake, manifestOf(lake), tomorrow);
            expect([existsSync(file), manifestOf(lake).superseded]).toEqual([false, []]);
            await expectSameRows(database, lake);
        });
    });

    test('a key that is known only later: old keys of parts from before are in them, if they have any', async () => {
        const row = (id: number, code: string) => [{ ...ID, value: id }, text('code', code)];
        const keyed = (key: readonly string[]) => ({ factsOf: () => ({ key, json: [] }) });
        await withLake(async (database, lake) => {
            await load(database, transaction(change('I', row(1, 'a'))));
            await pushed(database, lake);
            await load(database, transaction(change('U', row(1, 'b'), row(1, 'a'))));
            // Whole old rows come, and no part from before has an old key.
            expect((await pushed(database, lake, keyed(['id']))).tables).toMatchObject([{ isAnew: false, rows: 1 }]);
            expect((await pushed(database, lake, keyed(['code']))).tables).toMatchObject([{ isAnew: true, rows: 2 }]);
            const rows = await lakeRows(lake, 'stg_item');
            expect(rows.map((one) => [one._has_old_key, one._old_code])).toEqual([
                [0n, null],
                [1n, 'a'],
            ]);
        });
    });

    test('values out of documents are read by SQLite, and a mart that reads one more makes the parts anew', async () => {
        const read = (path: string): JsonRead => ({ names: new Set(['current_item']), column: 'doc', path });
        const documents = [
            ['{"a": 0.10, "b": {"c": "x"}}', '0.10', 'x'],
            ['{"a": 1e3}', '1e3', null],
            ['{"a": 12345678901234567890123, "b": {"c": null}}', '12345678901234567890123', null],
            ['{"a": true, "b": {"c": [1, 2.0]}}', 'true', '[1,2.0]'],
            ['no document', null, null],
            [null, null, null],
        ] as const;
        await withLake(async (database, lake) => {
            await load(database, transaction(...documents.map(([doc], index) => item(index, text('doc', doc)))));
            await pushed(database, lake, { factsOf: () => ({ key: ['id'], json: [read('$.a')] }) });
            expect((await lakeRows(lake, 'stg_item')).map((row) => row._json_doc_a)).toEqual(
                documents.map(([, a]) => a),
            );
            const more = { key: ['id'], json: [read('$.a'), read('$.b.c'), { ...read('$.x'), column: 'other' }] };
            expect((await pushed(database, lake, { factsOf: () => more })).tables).toMatchObject([{ isAnew: true }]);
            const rows = await lakeRows(lake, 'stg_item');
            expect(rows.map((row) => [row._json_doc_a, row._json_doc_b_c])).toEqual(
                documents.map(([, a, c]) => [a, c]),
            );
            expect(tableOf(lake, 'stg_item').json.map(({ name, path }) => [name, path])).toEqual([
                ['_json_doc_a', '$.a'],
                ['_json_doc_b_c', '$.b.c'],
            ]);
        });
    });

    test('the marts of payments read these paths', () => {
        const factsOf = tableFacts(projectFiles('payments'));
        const { key, json } = factsOf('stg_transaction_request');
        expect(key).toEqual(['transaction_request_id']);
        expect(json.map(({ column, path }) => `${column} ${path}`).sort()).toEqual([
            'error_details $.decline_reason',
            'error_details $.decline_type',
            'vault_data $.customer_id',
            'vault_options $.payment_method',
        ]);
    });
});

test('small parts are put together before there are too many', async () => {
    await withLake(async (database, lake) => {
        const counts: number[] = [];
        for (let round = 0; round < 40; round++) {
            await load(database, transaction(item(round), item(-round)));
            await pushed(database, lake, {
                limits: { ...SMALL, firstPartRows: 100, partRowsMax: 100, groupRowsMax: 20 },
            });
            counts.push(tableOf(lake, 'stg_item').parts.length);
        }
        expect(Math.max(...counts)).toBeLessThan(20);
        await expectSameRows(database, lake);
        expect(await checkLake(lake, 'shop', async () => undefined)).toMatchObject({ damaged: [], unnamed: [] });
    });
});
