import { quoteName } from '../../sql/quote.ts';
import type { Database } from '../../sqlite/database.ts';

/** A table as a case sees it. */
export interface CaseTable {
    readonly name: string;
    readonly columns: readonly CaseColumn[];
    readonly isStrict: boolean;
    /** The columns of each unique index. */
    readonly keys: readonly (readonly string[])[];
}

interface CaseColumn {
    readonly name: string;
    readonly type: string;
    readonly isRequired: boolean;
    /** Its default as SQL; null: none. */
    readonly defaultSql: string | null;
}

/** Every table of a schema that rows of a case may go into: those of elt, and what upkeep keeps for itself, are not. */
export function caseTables(
    database: Database,
    required: ReadonlyMap<string, ReadonlySet<string>>,
): readonly CaseTable[] {
    const tables = database
        .prepare(
            `select name, strict from pragma_table_list
            where schema = 'main' and type = 'table'
                and name not glob 'elt_*' and name not glob 'sqlite_*' and name not glob 'changed_*'
            order by name`,
        )
        .all() as { name: string; strict: number }[];
    const names = new Set(tables.map(({ name }) => name));
    // `<mart>_dirty`, `_fresh` and `_in_full` belong to the mart.
    const isWork = (name: string): boolean =>
        names.has(name.replace(/_(?:dirty|fresh|in_full)$/, '')) && /_(?:dirty|fresh|in_full)$/.test(name);
    return tables
        .filter(({ name }) => !isWork(name))
        .map(({ name, strict }) => ({
            name,
            columns: columnsOf(database, name, required.get(name.toLowerCase())),
            isStrict: strict === 1,
            keys: keysOf(database, name),
        }));
}

function columnsOf(database: Database, table: string, never: ReadonlySet<string> | undefined): readonly CaseColumn[] {
    const rows = database
        .prepare('select name, type, "notnull" as required, dflt_value as given, pk, hidden from pragma_table_xinfo(?)')
        .all(table) as {
        name: string;
        type: string;
        required: number;
        given: string | null;
        pk: number;
        hidden: number;
    }[];
    return rows
        .filter(({ hidden }) => hidden === 0)
        .map(({ name, type, required, given, pk }) => ({
            name,
            type,
            isRequired: required === 1 || pk > 0 || never?.has(name.toLowerCase()) === true,
            defaultSql: given,
        }));
}

function keysOf(database: Database, table: string): readonly (readonly string[])[] {
    const indexes = database
        .prepare(`select name from pragma_index_list(?) where "unique" = 1 and partial = 0`)
        .pluck()
        .all(table) as string[];
    const ofIndex = database.prepare('select name from pragma_index_info(?) order by seqno').pluck();
    const primary = database
        .prepare('select name from pragma_table_info(?) where pk > 0 order by pk')
        .pluck()
        .all(table) as string[];
    const keys = [primary, ...indexes.map((index) => ofIndex.all(index) as (string | null)[])];
    const whole = keys.filter((key): key is string[] => key.length > 0 && !key.includes(null));
    return [...new Map(whole.map((key) => [[...key].sort().join('\0'), key])).values()];
}

/**
 * The table of a case's sheet: the rows are written down there as the case gives them. A column that is not named is
 * null, or has its default; one that may not be null has 0 or an empty text. Keys must be named.
 */
export function sheetSql({ name, columns, isStrict, keys }: CaseTable): string {
    const isStaging = name.startsWith('stg_');
    const lines = columns.map((column) => {
        const isKey = keys.some((key) => key.includes(column.name)) && !isStaging;
        const isNumber = isStaging && column.name === '_seq';
        const required = column.isRequired && !isNumber;
        const given = isStaging ? STAGING[column.name] : column.defaultSql;
        const fallback = given ?? (required && !isKey ? zeroOf(column.type) : null);
        const rest = `${required ? ' not null' : ''}${fallback === null ? '' : ` default ${fallback}`}`;
        return `    ${quoteName(column.name)} ${column.type}${rest}`;
    });
    return `create table ${quoteName(name)} (\n${lines.join(',\n')}\n)${isStrict ? ' strict' : ''}`;
}

/** What a staged row says of itself where the case does not. */
const STAGING: Readonly<Record<string, string>> = { _op: "'insert'", _load: '0' };

function zeroOf(type: string): string {
    const word = type.toLowerCase();
    return word === 'integer' || word === 'int' ? '0' : word === 'real' ? '0.0' : word === 'blob' ? "x''" : "''";
}

/** The sheet of the mart itself, for the rows that are expected: only what is named is compared. */
export function expectedSql({ name, columns, isStrict }: CaseTable): string {
    const lines = columns.map((column) => `    ${quoteName(column.name)} ${column.type}`);
    return `create table ${quoteName(name)} (\n${lines.join(',\n')}\n)${isStrict ? ' strict' : ''}`;
}
