import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SAMPLES } from '../../../src/sample/samples.ts';
import { closeDatabase, type Database } from '../../../src/sqlite/database.ts';
import { load, migratedDatabase, projectFiles, runTransform } from '../../support/bench-database.ts';

/** Models whose staging tables have not landed wait, and so does everything downstream: nothing fails. */

const records = JSON.parse([...SAMPLES.payments.generate({ records: 100 })].join('')) as {
    readonly change: readonly { readonly table: string }[];
}[];

let database: Database;
beforeEach(async () => {
    database = await migratedDatabase('payments');
});
afterEach(() => closeDatabase(database));

describe('models wait', () => {
    test.each([
        ['where nothing has landed', [], 5],
        ['where one of four tables has landed', ['event_v2_data'], 4],
        ['where three of four have', ['event_v2_data', 'transaction', 'payment_instrument_token_data'], 2],
        ['no longer where all have', null, 0],
    ])('%s', async (_, tables, waiting) => {
        const landed = records.filter(({ change }) => tables?.includes(change[0]?.table ?? '') ?? true);
        await load(database, JSON.stringify(landed));
        const { models } = await runTransform(database, projectFiles('payments'));
        const names = models.filter(({ action }) => action === 'waiting').map(({ model }) => model);
        expect(names).toHaveLength(waiting);
        expect(names.includes('metrics')).toBe(waiting > 0);
    });
});
