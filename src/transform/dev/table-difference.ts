import { headerValue } from '../../project/file-head.ts';
import type { ModelFile } from '../../project/model-files.ts';
import { sqlLiteral } from '../../sql/literal.ts';
import { quoteName } from '../../sql/quote.ts';
import { parseNames } from '../../sql/relation-name.ts';
import type { Database } from '../../sqlite/database.ts';
import { rowCount, tableExists } from '../../sqlite/read-tables.ts';

/** How a model's table would differ from what it is. */
export interface TableDifference {
    readonly inserted: number;
    readonly updated: number;
    readonly deleted: number;
    readonly columnsAdded: readonly string[];
    readonly columnsRemoved: readonly string[];
    /** The first differing rows of each kind. */
    readonly samples: readonly RowSample[];
    /** Why rows were not compared one by one; null: all were. */
    readonly limit: string | null;
}

/** A row that would differ; values as SQL. */
export interface RowSample {
    readonly kind: 'inserted' | 'updated' | 'deleted';
    /** `event_id = 'a'` */
    readonly row: string;
    /** Of an updated row what differs, else the whole row without nulls. */
    readonly columns: readonly { readonly name: string; readonly old: string | null; readonly now: string | null }[];
}

const SAMPLES_MAX = 3;

/** Tables with more rows are only counted: comparing them takes longer than a person waits. */
const ROWS_COMPARED_MAX = 2_000_000;

/** A table as it was before it is filled anew, kept in the transaction that will be taken back. */
export interface KeptTable {
    readonly columns: readonly string[];
    readonly rows: number;
    /** Where its rows are; null: nowhere, because there are none or too many. */
    readonly table: string | null;
}

/** To be called before the model runs; `number` tells the tables apart that are kept. Undefined: there is no table. */
export function keepTable(database: Database, model: string, number: number): KeptTable | undefined {
    const columns = columnsOf(database, model);
    if (columns.length === 0) {
        return undefined;
    }
    const rows = rowCount(database, model);
    const isKept = rows > 0 && rows <= ROWS_COMPARED_MAX;
    const table = `elt_was_${number}`;
    if (isKept) {
        database.exec(`create table ${table} as select * from ${quoteName(model)}`);
    }
    return { columns, rows, table: isKept ? table : null };
}

/** Compares the table of a model that was filled anew with what it was. Null: it is no table, and was none. */
export function tableDifference(
    database: Database,
    model: ModelFile,
    was: KeptTable | undefined,
): TableDifference | null {
    const now = columnsOf(database, model.name);
    const old = was?.columns ?? [];
    if (now.length === 0 && was === undefined) {
        return null;
    }
    const counts = { now: now.length === 0 ? 0 : rowCount(database, model.name), old: was?.rows ?? 0 };
    const shape = {
        columnsAdded: old.length === 0 ? [] : now.filter((name) => !old.includes(name)),
        columnsRemoved: now.length === 0 ? [] : old.filter((name) => !now.includes(name)),
    };
    const common = now.filter((name) => old.includes(name));
    const wanted = keyOf(model);
    const keyIn = (columns: readonly string[]): readonly string[] =>
        wanted.flatMap((name) => columns.find((one) => one.toLowerCase() === name.toLowerCase()) ?? []);
    if (counts.old === 0) {
        const samples = counts.now === 0 ? [] : wholeRows(database, quoteName(model.name), keyIn(now), now, 'inserted');
        return { ...shape, inserted: counts.now, updated: 0, deleted: 0, samples, limit: null };
    }
    if (counts.now === 0) {
        const samples = was?.table == null ? [] : wholeRows(database, was.table, keyIn(old), old, 'deleted');
        return { ...shape, inserted: 0, updated: 0, deleted: counts.old, samples, limit: null };
    }
    const key = keyIn(common);
    if (was?.table == null || key.length === 0 || key.length < wanted.length) {
        const [inserted, deleted] = [Math.max(0, counts.now - counts.old), Math.max(0, counts.old - counts.now)];
        const limit =
            was?.table == null
                ? `it had ${counts.old} rows: only their number is compared, not the rows`
                : 'no key by which its rows can be compared: only their number is';
        return { ...shape, inserted, updated: 0, deleted, samples: [], limit };
    }
    return { ...shape, ...compared(database, model.name, was.table, key, common, counts), limit: null };
}

function compared(
    database: Database,
    model: string,
    was: string,
    key: readonly string[],
    columns: readonly string[],
    counts: { readonly now: number; readonly old: number },
) {
    const others = columns.filter((column) => !key.includes(column));
    const on = key.map((column) => `now.${quoteName(column)} = old.${quoteName(column)}`).join(' and ');
    const differs = others.length === 0 ? 'false' : `${tuple('now', others)} is distinct from ${tuple('old', others)}`;
    // The new table has an index on its key, the old one has none.
    const joined = `from ${was} as old cross join ${quoteName(model)} as now on ${on}`;
    const found = database
        .prepare(`select count(*) as matched, coalesce(sum(${differs}), 0) as updated ${joined}`)
        .get() as { matched: number; updated: number };
    const inserted = counts.now - found.matched;
    const deleted = counts.old - found.matched;
    const onlyIn = (here: string, there: string, which: 'now' | 'old', kind: 'inserted' | 'deleted') => {
        const other = which === 'now' ? 'old' : 'now';
        const from = `${here} as ${which} left join ${there} as ${other} on ${on}`;
        const where = `where ${other}.${quoteName(key[0] ?? '')} is null`;
        return wholeRows(database, `${from} ${where}`, key, columns, kind, `${which}.`);
    };
    const samples = [
        ...(found.updated > 0 ? updatedRows(database, key, columns, `${joined} where ${differs}`) : []),
        ...(inserted > 0 ? onlyIn(quoteName(model), was, 'now', 'inserted') : []),
        ...(deleted > 0 ? onlyIn(was, quoteName(model), 'old', 'deleted') : []),
    ];
    return { inserted, updated: found.updated, deleted, samples };
}

function updatedRows(
    database: Database,
    key: readonly string[],
    columns: readonly string[],
    from: string,
): readonly RowSample[] {
    const list = (side: string): string => columns.map((column) => `${side}.${quoteName(column)}`).join(', ');
    const rows = literals(database, `select ${list('old')}, ${list('now')} ${from} limit ${SAMPLES_MAX}`);
    return rows.map((row) => {
        const [old, now] = [row.slice(0, columns.length), row.slice(columns.length)];
        const differing = columns.map((name, index) => ({ name, old: old[index] ?? null, now: now[index] ?? null }));
        return {
            kind: 'updated',
            row: nameOfRow(key, columns, now),
            columns: differing.filter((one) => one.old !== one.now),
        };
    });
}

function wholeRows(
    database: Database,
    from: string,
    key: readonly string[],
    columns: readonly string[],
    kind: 'inserted' | 'deleted',
    prefix = '',
): readonly RowSample[] {
    const list = columns.map((column) => `${prefix}${quoteName(column)}`).join(', ');
    return literals(database, `select ${list} from ${from} limit ${SAMPLES_MAX}`).map((row) => ({
        kind,
        row: nameOfRow(key, columns, row),
        columns: columns.flatMap((name, index) => {
            const value = row[index] ?? 'null';
            const [old, now] = kind === 'inserted' ? [null, value] : [value, null];
            return key.includes(name) || value === 'null' ? [] : [{ name, old, now }];
        }),
    }));
}

function literals(database: Database, sql: string): readonly (readonly string[])[] {
    const rows = database.prepare(sql).raw().safeIntegers().all() as unknown[][];
    return rows.map((row) => row.map(sqlLiteral));
}

function nameOfRow(key: readonly string[], columns: readonly string[], row: readonly string[]): string {
    return key.map((name) => `${name} = ${row[columns.indexOf(name)]}`).join(', ');
}

function tuple(side: string, columns: readonly string[]): string {
    const list = columns.map((column) => `${side}.${quoteName(column)}`).join(', ');
    return columns.length === 1 ? list : `(${list})`;
}

/** Empty: there is no such table. */
function columnsOf(database: Database, table: string): readonly string[] {
    return tableExists(database, table)
        ? (database.prepare('select name from pragma_table_info(?)').pluck().all(table) as string[])
        : [];
}

/** The columns that name a row, as the head of the file says. */
function keyOf({ definition, head }: ModelFile): readonly string[] {
    return definition?.key ?? parseNames(headerValue(head, 'key') ?? '', ',') ?? [];
}
