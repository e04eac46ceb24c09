import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { closeDatabase, type Database } from '../../src/store/database.ts';
import { load, migratedDatabase, projectFiles, runTransform } from '../support/bench-database.ts';

/** Models whose staging tables have not landed wait, and so does everything behind them: nothing fails. */

const EVENT = record('event_v2_data', ['event_id', 'flow_id', 'transaction_id'], ['e1', 'f1', 't1']);

let database: Database;
beforeEach(async () => {
    database = await migratedDatabase('payments');
});
afterEach(() => closeDatabase(database));

describe('models wait', () => {
    test.each([
        ['where nothing has landed', '', [true, true, true, true, true]],
        ['where one of four tables has landed', EVENT, [false, true, true, true, true]],
    ])('%s', async (_, source, expected) => {
        await load(database, source);
        const { models } = await runTransform(database, projectFiles('payments'));
        expect(models.map(({ action }) => action === 'waiting')).toEqual(expected);
    });
});

function record(table: string, columnnames: readonly string[], columnvalues: readonly string[]): string {
    const columntypes = columnnames.map(() => 'uuid');
    return JSON.stringify({
        change: [{ kind: 'insert', schema: 'public', table, columnnames, columntypes, columnvalues }],
    });
}
