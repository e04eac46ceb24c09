import type { Psql } from '../support/psql.ts';
import type { Difference } from './difference.ts';
import { type PostgresTable, postgresRows } from './postgres-rows.ts';
import type { Replay, ReplayedTable, StreamValue } from './replay.ts';

const WHAT = 'stream against PostgreSQL';
type Cells = ReadonlyMap<string, StreamValue>;

/**
 * Proves that generator, capture and replay are right: what the stream says equals what PostgreSQL has, except for the
 * rows and columns of which the stream is known to be silent (notes of the workload, see `Note`).
 */
export async function compareReplay(
    session: Psql,
    tables: readonly PostgresTable[],
    replay: Replay,
): Promise<Difference[]> {
    const differences: Difference[] = [];
    for (const table of tables) {
        const replayed = replay.table(table.schema, table.name);
        if (replayed.untold) {
            continue;
        }
        const rows = await postgresRows(session, table);
        differences.push(
            ...(table.key.length > 0 ? compareKeyed(table, replayed, rows) : compareUnkeyed(table, replayed, rows)),
        );
    }
    return differences;
}

function compareKeyed(table: PostgresTable, replayed: ReplayedTable, rows: readonly Cells[]): Difference[] {
    const differences: Difference[] = [];
    const byKey = new Map(replayed.rows.map((row) => [keyText(row.cells, table.key), row]));
    const place = tableText(table);
    if (byKey.size !== replayed.rows.length) {
        differences.push({
            what: WHAT,
            table: place,
            expected: 'one row a key',
            got: `${replayed.rows.length} rows, ${byKey.size} keys`,
        });
    }
    for (const row of rows) {
        const key = keyText(row, table.key);
        const match = byKey.get(key);
        byKey.delete(key);
        if (match === undefined) {
            if (!replayed.historyLost) {
                differences.push({ what: WHAT, table: place, key, expected: Object.fromEntries(row), got: undefined });
            }
            continue;
        }
        for (const [column, expected] of row) {
            const got = match.cells.get(column) ?? null;
            const silent = match.stale.has(column) || (match.partial && !match.cells.has(column));
            if (got !== expected && !silent) {
                differences.push({ what: WHAT, table: place, key, column, expected, got });
            }
        }
    }
    for (const [key, row] of byKey) {
        differences.push({ what: WHAT, table: place, key, expected: undefined, got: Object.fromEntries(row.cells) });
    }
    return differences;
}

/** Rows that nothing names are compared as a heap: each must be there as often. */
function compareUnkeyed(table: PostgresTable, replayed: ReplayedTable, rows: readonly Cells[]): Difference[] {
    if (replayed.historyLost || replayed.rows.some((row) => row.stale.size > 0)) {
        return [];
    }
    const names = table.columns.map((column) => column.name);
    const expected = rows.map((row) => keyText(row, names)).sort();
    const got = replayed.rows.map((row) => keyText(row.cells, names)).sort();
    const index = Math.max(
        expected.findIndex((row, at) => row !== got[at]),
        expected.length === got.length ? -1 : 0,
    );
    return index < 0
        ? []
        : [
              {
                  what: WHAT,
                  table: tableText(table),
                  key: `row ${index} of ${expected.length} and ${got.length}`,
                  expected: expected[index],
                  got: got[index],
              },
          ];
}

export function keyText(cells: Cells, key: readonly string[]): string {
    return JSON.stringify(key.map((name) => cells.get(name) ?? null));
}

export function tableText(table: { readonly schema: string; readonly name: string }): string {
    return JSON.stringify(`${table.schema}.${table.name}`);
}
