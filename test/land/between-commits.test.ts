import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { closeDatabase, type Database } from '../../src/sqlite/database.ts';
import { load, memorySource, migratedDatabase, rowsOf } from '../support/bench-database.ts';
import { workFolder } from '../support/elt.ts';

/** Between two commits of a load another process may get the write lock. */

const change = (table: string, id: number): string =>
    `{"change":[{"kind":"insert","schema":"public","table":"${table}","columnnames":["id"],"columntypes":["integer"],` +
    `"columnvalues":[${id}],"pk":{"pknames":["id"],"pktypes":["integer"]}}]}`;
const batches = (table: string, ids: readonly number[]): string =>
    `[${ids.map((id) => `[${change(table, id)}]`).join(',')}]`;

async function twoConnections(): Promise<[Database, Database]> {
    const file = join(workFolder(), 'two.db');
    const first = await migratedDatabase('payments', file);
    const second = await migratedDatabase('payments', file);
    onTestFinished(() => {
        closeDatabase(first);
        closeDatabase(second);
    });
    return [first, second];
}

test.each([
    ['a table of its own', 'u'],
    ['the same table', 't'],
])('what another load lands there, in %s, is numbered apart', async (_, table) => {
    const [first, second] = await twoConnections();
    await load(first, batches('t', [1, 2, 3]), {
        afterBatch: async (batch) => {
            if (batch === 1) {
                await load(second, batches(table, [11, 12]));
            }
        },
    });
    const all = table === 't' ? 'stg_t' : '(select _seq, id from stg_t union all select _seq, id from stg_u)';
    expect(rowsOf(first, `select _seq, id from ${all} order by _seq, id`)).toEqual(
        rowsOf(first, 'values (1, 1), (2, 11), (3, 12), (4, 2), (5, 3)'),
    );
    expect(rowsOf(first, 'select last_seq, whole_seq from elt_stream')).toEqual(rowsOf(first, 'values (5, 5)'));
    expect(rowsOf(first, 'select changes, state from elt_loads order by load_id')).toEqual(
        rowsOf(first, "values (3, 'loaded'), (2, 'loaded')"),
    );
});

test('a column that another load adds there is known', async () => {
    const [first, second] = await twoConnections();
    const wider = change('t', 9)
        .replace('["id"]', '["id","more"]')
        .replace('["integer"]', '["integer","text"]')
        .replace('[9]', '[9,"x"]');
    const last = wider.replace('[9,"x"]', '[3,"y"]');
    await load(first, `[[${change('t', 1)}],[${last}]]`, {
        afterBatch: async (batch) => {
            if (batch === 1) {
                await load(second, wider);
            }
        },
    });
    expect(rowsOf(first, 'select id, more from stg_t order by _seq')).toEqual(
        rowsOf(first, "values (1, null), (9, 'x'), (3, 'y')"),
    );
});

test('the same source, which another process continues there, lands once', async () => {
    const [first, second] = await twoConnections();
    const source = memorySource(batches('t', [1, 2, 3]), { path: 'same' });
    const loading = load(first, source, {
        afterBatch: async (batch) => {
            if (batch === 1) {
                await load(second, source);
            }
        },
    });
    await expect(loading).rejects.toMatchObject({ facts: { code: 'LOAD_TAKEN_OVER' } });
    expect(rowsOf(first, 'select id from stg_t order by _seq')).toEqual(rowsOf(first, 'values (1), (2), (3)'));
    expect(rowsOf(first, 'select changes, state from elt_loads')).toEqual(rowsOf(first, "values (3, 'loaded')"));
});
