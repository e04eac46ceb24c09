import { existsSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkLake } from '../../src/lake/check-lake.ts';
import { readManifests } from '../../src/lake/manifest.ts';
import type { JsonRead } from '../../src/lake/marts-json.ts';
import { removeUnnamed } from '../../src/lake/remove-unnamed.ts';
import { sharedKeys } from '../../src/lake/shared-keys.ts';
import { tableFacts } from '../../src/lake/table-facts.ts';
import { insertSource } from '../../src/ledger/sources.ts';
import { closeDatabase, type Database, openDatabase } from '../../src/sqlite/database.ts';
import { load, memorySource, projectFiles } from '../support/bench-database.ts';
import { workFolder } from '../support/elt.ts';
import { historyLines, historyPlan } from '../support/history.ts';
import { propertyRuns } from '../support/properties.ts';
import { SHOP_TABLES } from '../support/shop-project.ts';
import {
    change,
    comparable,
    lakeRows,
    manifestOf,
    pushed,
    SMALL,
    stagedRows,
    tableOf,
    transaction,
    withLake,
} from './pushed.ts';

const SOURCE = {
    name: 'db/shop',
    plugin: 'pgoutput',
    slot: 'elt',
    publications: ['elt'],
    owns_publications: true,
    system_id: '7',
    database_oid: '5',
    timeline: 1,
} as const;

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

const ID = { name: 'id', type: 'bigint' };
const item = (id: number, ...more: readonly { name: string; type: string; value: unknown }[]): string =>
    change('I', [{ ...ID, value: id }, ...more]);
const text = (name: string, value: unknown) => ({ name, type: 'text', value });

async function expectSameRows(database: Database, lake: string): Promise<void> {
    const rows = stagedRows(database, 'stg_item');
    const names = Object.keys(rows[0] ?? {});
    expect(comparable(await lakeRows(lake, 'stg_item'), names)).toEqual(comparable(rows, names));
}

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

describe('who may push', () => {
    const refused = (code: string, found: string) =>
        expect.objectContaining({ facts: expect.objectContaining({ code, found: expect.stringContaining(found) }) });

    test('not two databases to one source', async () => {
        await withLake(async (one, lake) => {
            await load(one, transaction(item(1)));
            await pushed(one, lake);
            await withLake(async (other) => {
                await load(other, transaction(item(2)));
                await expect(pushed(other, lake)).rejects.toEqual(refused('LAKE_FOREIGN', 'another database'));
                await pushed(other, lake, { source: 'two' });
                expect(readManifests(lake, 'shop').map(({ source }) => source)).toEqual(['one', 'two']);
            });
            await expectSameRows(one, lake);
        });
    });

    test('not one database to two sources', async () => {
        await withLake(async (database, lake) => {
            await load(database, transaction(item(1)));
            await pushed(database, lake);
            await expect(pushed(database, lake, { source: 'two' })).rejects.toEqual(refused('LAKE_FOREIGN', '"one"'));
        });
    });

    test('not two databases that follow the same table', async () => {
        await withLake(async (one, lake) => {
            await withLake(async (other) => {
                for (const [database, tables] of [
                    [one, ['item', 'ban']],
                    [other, ['orders', 'ban']],
                ] as const) {
                    insertSource(database, SOURCE);
                    for (const table of tables) {
                        database
                            .prepare(
                                `insert into elt_source_tables values (1, 'public', ?, 1, 'streaming', null, 0, null)`,
                            )
                            .run(table);
                    }
                    await load(database, transaction(item(1)), { asNew: true });
                }
                await pushed(one, lake);
                await expect(pushed(other, lake, { source: 'two' })).rejects.toEqual(
                    refused('LAKE_FOREIGN', 'public.ban'),
                );
            });
        });
    });

    test('not a copy of the file after the other one, nor a backup that was restored; --anew says which goes on', async () => {
        await withLake(async (database, lake) => {
            await load(database, transaction(item(1)));
            await pushed(database, lake);
            const backup = join(workFolder(), 'backup.db');
            await database.backup(backup);
            await load(database, transaction(item(2)));
            await pushed(database, lake);
            const restored = openDatabase(backup);
            try {
                await load(restored, transaction(item(3)));
                await expect(pushed(restored, lake)).rejects.toEqual(refused('LAKE_FOREIGN', 'backup'));
                await pushed(restored, lake, { isAnew: true });
                await expectSameRows(restored, lake);
                await expect(pushed(database, lake)).rejects.toEqual(refused('LAKE_FOREIGN', 'copy'));
            } finally {
                closeDatabase(restored);
            }
        });
    });

    test('nobody, where what was pushed is gone: an object store that is not mounted looks so', async () => {
        await withLake(async (database, lake) => {
            await load(database, transaction(item(1)));
            await pushed(database, lake);
            rmSync(lake, { recursive: true });
            await expect(pushed(database, lake)).rejects.toEqual(refused('LAKE_MISSING', '_seq 1'));
            expect(existsSync(lake)).toBe(false);
            await pushed(database, lake, { isAnew: true });
            await expectSameRows(database, lake);
        });
    });
});

test('a part that was changed, cut off or removed is found', async () => {
    await withLake(async (database, lake) => {
        await load(database, transaction(...Array.from({ length: 15 }, (_, index) => item(index))));
        await pushed(database, lake);
        const folder = join(lake, 'shop/sources/one/stg_item');
        const [first, second, third] = tableOf(lake, 'stg_item').parts.map(({ file }) => join(folder, file));
        const bytes = readFileSync(first as string);
        bytes[40] = (bytes[40] as number) ^ 1;
        writeFileSync(first as string, bytes);
        truncateSync(second as string, 50);
        rmSync(third as string);
        writeFileSync(join(folder, 'part-9-9-left.parquet'), '');
        const { damaged, unnamed } = await checkLake(lake, 'shop', async () => undefined);
        expect(damaged.map(({ found }) => found.replace(/\d+/g, 'n'))).toEqual([
            'other bytes than were written: its SHA-n differs',
            'n bytes; expected n',
            'it is not there',
        ]);
        expect(unnamed).toEqual(['shop/sources/one/stg_item/part-9-9-left.parquet']);
    });
});

describe('a key in two sources', () => {
    const REGION = { name: 'region', type: 'text' };
    const row = (action: 'I' | 'U' | 'D', id: number, region: string, was?: number): string => {
        const key = (value: number) => [
            { ...ID, value },
            { ...REGION, value: region },
        ];
        const old = action === 'D' ? key(id) : was === undefined ? [] : key(was);
        return change(action, key(id), old);
    };
    const cases: readonly (readonly [
        what: string,
        one: readonly string[],
        two: readonly string[],
        shared: readonly string[],
    ])[] = [
        ['none', [row('I', 1, 'north')], [row('I', 2, 'north'), row('I', 1, 'south')], []],
        ['a row that both have', [row('I', 1, 'north')], [row('I', 1, 'north')], ['["1","north"]']],
        ['one that was deleted', [row('I', 1, 'n'), row('D', 1, 'n')], [row('I', 1, 'n')], ['["1","n"]']],
        ['one that had another key before', [row('I', 3, 'n')], [row('U', 4, 'n', 3)], ['["3","n"]']],
    ];
    test.each([...cases])('%s', async (_, one, two, shared) => {
        await withLake(async (database, lake) => {
            const options = { factsOf: () => ({ key: ['id', 'region'], json: [] }) };
            await load(database, transaction(...one));
            await pushed(database, lake, options);
            await withLake(async (other) => {
                await load(other, transaction(...two));
                await pushed(other, lake, { ...options, source: 'two' });
            });
            const found = await sharedKeys(lake, 'shop', async () => undefined);
            expect(found.first.map(({ key }) => key)).toEqual(shared);
            expect(found).toMatchObject({ count: shared.length });
            expect(found.first.map(({ sources }) => sources)).toEqual(shared.map(() => ['one', 'two']));
        });
    });
});
