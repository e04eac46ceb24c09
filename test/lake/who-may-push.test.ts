import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readManifests } from '../../src/lake/manifest.ts';
import { insertSource } from '../../src/ledger/sources.ts';
import { closeDatabase, openDatabase } from '../../src/sqlite/database.ts';
import { load } from '../support/bench-database.ts';
import { workFolder } from '../support/elt.ts';
import { expectSameRows } from './expect-same-rows.ts';
import { item, pushed, transaction, withLake } from './pushed.ts';

/** A lake has one writer for each source, and no other. */

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
                                `insert into elt_source_tables values (1, 'public', ?, 1, 'streaming', null, 0, null, null)`,
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

    test('not a copy of the file after the other one, nor a backup that was restored; --anew says which continues', async () => {
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
