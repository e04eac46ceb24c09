import Database from 'better-sqlite3';
import { readRows, tableNames } from './current-tables.ts';
import type { Difference } from './difference.ts';
import type { Elt } from './elt.ts';

/** Copies the database, rebuilds the copy from its staging tables, and compares every current table and mart. */
export async function compareRebuilt(elt: Elt, copy: string, marts: readonly string[]): Promise<Difference[]> {
    const original = new Database(elt.options.database, { readonly: true });
    try {
        await original.backup(copy);
        await elt.on(copy).run(['rebuild']);
        const rebuilt = new Database(copy, { readonly: true });
        try {
            return [...tableNames(original, 'current_*'), ...marts].flatMap((table) =>
                compareTable(table, original, rebuilt),
            );
        } finally {
            rebuilt.close();
        }
    } finally {
        original.close();
    }
}

function compareTable(table: string, original: Database.Database, rebuilt: Database.Database): Difference[] {
    const expected = sortedRows(rebuilt, table);
    const got = sortedRows(original, table);
    const count = Math.max(expected.length, got.length);
    const index = Array.from({ length: count }, (_, at) => at).find((at) => expected[at] !== got[at]);
    return index === undefined
        ? []
        : [
              {
                  what: 'incremental against rebuilt',
                  table,
                  key: `row ${index} of ${count}`,
                  expected: expected[index],
                  got: got[index],
              },
          ];
}

function sortedRows(database: Database.Database, table: string): string[] {
    const text = (_key: string, value: unknown): unknown => (typeof value === 'bigint' ? `${value}n` : value);
    return readRows(database, table)
        .map((row) => JSON.stringify(row, text))
        .sort();
}
