import type Database from 'better-sqlite3';
import { keyText, tableText } from './compare-replay.ts';
import {
    type LandedRelation,
    landedRelations,
    quote,
    readRows,
    relationId,
    type Stored,
    tableNames,
} from './current-tables.ts';
import type { Difference } from './difference.ts';
import type { PostgresTable } from './postgres-rows.ts';
import type { Replay, ReplayedTable, StreamValue } from './replay.ts';
import { sameValue } from './same-value.ts';
import { tellsKey } from './scaffold-missing.ts';

const CURRENT = 'current table against PostgreSQL';
const STAGING = 'staging against the stream';

export interface CurrentOptions {
    /** False: there are current tables that nobody has asked for yet. */
    readonly scaffolded: boolean;
    /** The way of the changes keeps NaN and infinities, of which the stream says null. */
    readonly keepsNaN?: boolean;
}

const NO_NUMBERS: readonly Stored[] = ['NaN', 'Infinity', '-Infinity'];

/**
 * Every current table against what the stream said, which `compareReplay` has compared with PostgreSQL itself before.
 * Cells of which the stream is silent are passed over; so are tables whose updates and deletes it does not tell.
 */
export function compareCurrent(
    database: Database.Database,
    tables: readonly PostgresTable[],
    replay: Replay,
    options: CurrentOptions = { scaffolded: true },
): Difference[] {
    const landed = landedRelations(database);
    const present = new Set(tableNames(database, 'current_*'));
    return tables.flatMap((table) => {
        const replayed = replay.table(table.schema, table.name);
        const relation = landed.get(relationId(table.schema, table.name));
        const seen = Object.values(replayed.operations).some((count) => count > 0);
        if (!seen || replayed.untold) {
            return [];
        }
        if (relation === undefined) {
            return [{ what: CURRENT, table: tableText(table), expected: 'a staging table', got: undefined }];
        }
        if (!present.has(relation.currentTable)) {
            // Where the stream has not told the key there need not be one.
            const mayBeMissing = !options.scaffolded || !tellsKey(relation, table.key);
            return mayBeMissing
                ? []
                : [{ what: CURRENT, table: tableText(table), expected: relation.currentTable, got: undefined }];
        }
        const rows = readRows(database, relation.currentTable);
        return table.key.length > 0
            ? [
                  ...compareKeyed(table, relation, replayed, rows, options),
                  ...(replayed.historyLost ? [] : countedRowless(database, table, relation.currentTable)),
              ]
            : compareCount(table, replayed, rows);
    });
}

/** Every table is younger than its slot, so no row is missing: `elt` must not say so. */
function countedRowless(database: Database.Database, table: PostgresTable, model: string): Difference[] {
    const count = database.prepare('select rowless from elt_watermarks where model = ?').pluck().get(model) ?? 0;
    return count === 0
        ? []
        : [{ what: CURRENT, table: tableText(table), expected: 'no row that never came', got: String(count) }];
}

function compareKeyed(
    table: PostgresTable,
    relation: LandedRelation,
    replayed: ReplayedTable,
    rows: readonly Record<string, Stored>[],
    options: CurrentOptions,
): Difference[] {
    const differences: Difference[] = [];
    const place = tableText(table);
    const byKey = new Map(rows.map((row) => [storedKey(row, table, relation), row]));
    for (const expectedRow of replayed.rows) {
        const key = keyText(expectedRow.cells, table.key);
        const row = byKey.get(key);
        byKey.delete(key);
        if (row === undefined) {
            differences.push({
                what: CURRENT,
                table: place,
                key,
                expected: Object.fromEntries(expectedRow.cells),
                got: undefined,
            });
            continue;
        }
        for (const { name, type } of table.columns) {
            const column = relation.columns.get(name);
            const expected = expectedRow.cells.get(name) ?? null;
            const stored = column === undefined ? null : row[column.columnName];
            // Between deliveries a column may have been staged by a transaction that has not ended.
            const got = stored === undefined && !options.scaffolded ? null : stored;
            const keeps = options.keepsNaN === true && expected === null && NO_NUMBERS.includes(stored ?? null);
            const silent =
                keeps || expectedRow.stale.has(name) || (expectedRow.partial && !expectedRow.cells.has(name));
            if (!silent && (got === undefined || !sameValue(got, expected, type, column?.sqliteType === 'ANY'))) {
                differences.push({ what: CURRENT, table: place, key, column: name, expected, got });
            }
        }
    }
    for (const [key, row] of byKey) {
        differences.push({ what: CURRENT, table: place, key, expected: undefined, got: row });
    }
    return differences;
}

function storedKey(row: Readonly<Record<string, Stored>>, table: PostgresTable, relation: LandedRelation): string {
    const cells = table.key.map((name): [string, StreamValue] => {
        const stored = row[relation.columns.get(name)?.columnName ?? ''];
        return [name, stored === undefined || stored === null ? null : String(stored)];
    });
    return keyText(new Map(cells), table.key);
}

function compareCount(table: PostgresTable, replayed: ReplayedTable, rows: readonly unknown[]): Difference[] {
    const silent = replayed.historyLost || replayed.rows.some((row) => row.stale.size > 0);
    return silent || rows.length === replayed.rows.length
        ? []
        : [
              {
                  what: CURRENT,
                  table: tableText(table),
                  expected: `${replayed.rows.length} rows`,
                  got: `${rows.length} rows`,
              },
          ];
}

/** No change is dropped, none lands twice: the number of staged changes of each kind is that of the stream. */
export function compareStaging(
    database: Database.Database,
    replay: Pick<Replay, 'tables'>,
    truncates: boolean,
): Difference[] {
    const landed = landedRelations(database);
    return replay.tables.flatMap((table) => {
        const relation = landed.get(relationId(table.schema, table.name));
        const staged: Record<string, number> = { insert: 0, update: 0, delete: 0, truncate: 0 };
        if (relation !== undefined) {
            const counts = database
                .prepare<[], { op: string; count: number }>(
                    `select _op as op, count(*) as count from ${quote(relation.stagingTable)} group by _op`,
                )
                .all();
            for (const { op, count } of counts) {
                staged[op] = count;
            }
        }
        const expected = { ...table.operations, ...(truncates ? {} : { truncate: 0 }) };
        return Object.entries(expected)
            .filter(([op, count]) => staged[op] !== count)
            .map(([op, count]) => ({
                what: STAGING,
                table: tableText(table),
                column: `${op}s`,
                expected: count,
                got: staged[op],
            }));
    });
}
