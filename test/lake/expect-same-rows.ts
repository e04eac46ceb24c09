import { expect } from 'vitest';
import type { Database } from '../../src/sqlite/database.ts';
import { comparable, lakeRows, stagedRows } from './pushed.ts';

/** The rows of the items in the lake are those of staging. */
export async function expectSameRows(database: Database, lake: string): Promise<void> {
    const rows = stagedRows(database, 'stg_item');
    const names = Object.keys(rows[0] ?? {});
    expect(comparable(await lakeRows(lake, 'stg_item'), names)).toEqual(comparable(rows, names));
}
