import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { EltError } from '../../src/core/errors.ts';
import { readPipelineSettings } from '../../src/project/pipeline-settings.ts';
import type { Database } from '../../src/sqlite/database.ts';
import { close, load, migratedDatabase } from '../support/bench-database.ts';

/** What a pipeline says in `pipeline.sql`: how drift is met, and which columns are kept as text. */

let folder: string;
let database: Database;

beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'elt-policy-'));
    mkdirSync(join(folder, 'shop'));
    database = await migratedDatabase('shop');
});

afterEach(() => {
    close(database);
    rmSync(folder, { recursive: true });
});

function settings(head: string) {
    writeFileSync(join(folder, 'shop', 'pipeline.sql'), head);
    return readPipelineSettings(folder, 'shop');
}

const insert = (...columns: readonly (readonly [string, string, unknown])[]): string => {
    const all = columns.map(([name, type, value]) => ({ name, type, value }));
    return `${JSON.stringify({ action: 'I', schema: 'public', table: 'orders', columns: all })}\n`;
};
const staged = (column: string): unknown[] =>
    database.prepare(`select ${column} from stg_orders order by _seq`).pluck().all();

describe('drift: freeze', () => {
    test.each([
        ['a column is added', insert(['id', 'integer', 2], ['note', 'text', 'x'])],
        ['a column is gone', insert(['note', 'text', 'x'])],
        ['a column has another type', insert(['id', 'text', '2'])],
    ])('%s: status 5, and nothing of the source is landed', async (_, drifted) => {
        const frozen = settings('-- drift: freeze\n');
        await load(database, insert(['id', 'integer', 1]), { settings: frozen });
        const more = Array.from({ length: 1_500 }, (_unused, index) => insert(['id', 'integer', 10 + index])).join('');
        const error = await load(database, more + drifted, { settings: frozen }).catch((thrown: unknown) => thrown);
        expect(error).toBeInstanceOf(EltError);
        expect((error as EltError).code).toBe('DRIFT_FROZEN');
        expect((error as EltError).exitStatus).toBe(5);
        expect((error as EltError).facts.next).toBeTruthy();
        expect(staged('id')).toEqual([1]);
        expect(database.prepare('select count(*) from elt_drift').pluck().get()).toBe(0);
        // The decision is made: the same source lands.
        await load(database, more + drifted, { settings: settings('-- drift: evolve\n') });
        expect(staged('_seq')).toHaveLength(1_502);
    });
});

test('text: a column keeps the scale that a number would lose', async () => {
    const kept = settings('-- text: public.orders.amount\n');
    await load(
        database,
        insert(['id', 'integer', 1], ['amount', 'numeric(10,2)', 5]).replace('"value":5}', '"value":5.00}'),
        {
            settings: kept,
        },
    );
    expect(staged('amount')).toEqual(['5.00']);
});

test.each([
    ['-- drift: sometimes\n', /freeze/],
    ['-- text: amount\n', /schema\.table\.column/],
    ['-- drft: freeze\n', /drift/],
])('%j is named with its line', (head, found) => {
    expect(() => settings(head)).toThrow(
        expect.objectContaining({
            code: 'SQL_HEADER',
            facts: expect.objectContaining({ where: expect.stringContaining(':1') }),
        }),
    );
    try {
        settings(head);
    } catch (error) {
        const { message, found: text, next } = (error as EltError).facts;
        expect(`${message} ${text} ${next}`).toMatch(found);
    }
});
