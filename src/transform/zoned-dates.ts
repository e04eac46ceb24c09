import { readCatalogue } from '../ledger/catalogue.ts';
import type { Finding } from '../ledger/finding.ts';
import type { ModelFile } from '../project/model-files.ts';
import { namesIn, type SqlName } from '../sql/regions.ts';
import { nameOf, type SqlToken, significantTokens } from '../sql/tokens.ts';
import type { Database } from '../sqlite/database.ts';
import type { PlannedModel } from './plan/decide.ts';

/**
 * Calls of SQLite's date functions on a `timestamptz` as it has landed: PostgreSQL writes the offset as `+00`, SQLite
 * reads only `+00:00`, and the answer is null without an error.
 * Source: https://www.sqlite.org/lang_datefunc.html ("Time Values").
 */

/** The place of the time among a function's arguments. */
const DATE_FUNCTIONS: Readonly<Record<string, number>> = {
    date: 0,
    time: 0,
    datetime: 0,
    julianday: 0,
    unixepoch: 0,
    strftime: 1,
};

const CALL = /\b(?:date|time|datetime|julianday|unixepoch|strftime)\s*\(/i;
const ZONED = /^time(?:stamp)?(?:\(\d\))? with time zone$|^time(?:stamp)?tz\b/;
const RAW_PREFIX = /^(?:stg|current|changed)_/;

/** A line for each call whose column is certain: bare, and zoned in everything with such a column that the file names. */
export function zonedDateNotes(database: Database, planned: readonly PlannedModel[]): readonly string[] {
    return zonedDates(database, planned).map(({ subject, finding, fix }) => `${subject}: ${finding}; ${fix}`);
}

/** The same as findings of `elt check`. */
export function zonedDates(database: Database, planned: readonly PlannedModel[]): readonly Finding[] {
    const suspects = planned.map(({ followed }) => followed.model).filter(({ text }) => CALL.test(text));
    const types = suspects.length === 0 ? undefined : zonedColumns(database);
    return types === undefined ? [] : suspects.flatMap((model) => callsIn(model, types));
}

/** For each table or view, in lower case, its columns: whether each is a time with an offset, as it landed. */
type ColumnsOf = (table: string) => ReadonlyMap<string, boolean> | undefined;

function zonedColumns(database: Database): ColumnsOf | undefined {
    const raw = new Map(
        readCatalogue(database).map(({ stagingTable, columns }) => [
            stagingTable.slice('stg_'.length).toLowerCase(),
            new Map(columns.map((one) => [one.columnName.toLowerCase(), ZONED.test(one.pgType ?? '')])),
        ]),
    );
    if (![...raw.values()].some((columns) => [...columns.values()].includes(true))) {
        return undefined;
    }
    const columnsOfTable = database.prepare('select lower(name) from pragma_table_info(?)').pluck();
    return (table) => {
        const landed = RAW_PREFIX.test(table) ? raw.get(table.replace(RAW_PREFIX, '')) : undefined;
        if (landed !== undefined) {
            return landed;
        }
        const others = columnsOfTable.all(table) as string[];
        return others.length === 0 ? undefined : new Map(others.map((name) => [name, false]));
    };
}

function callsIn(model: ModelFile, columnsOf: ColumnsOf): readonly Finding[] {
    return model.statements.flatMap((statement) => {
        const tokens = significantTokens(statement.sql);
        const names = namesIn(tokens);
        const tables = names.filter(isTableName).flatMap(({ name }) => columnsOf(name.split('.').at(-1) ?? '') ?? []);
        return names.flatMap((call) => {
            const argument = timeArgument(tokens, call);
            const isFound = argument !== undefined && isZoned(argument, names, tables);
            const line = statement.line + (tokens[call.first]?.line ?? 1) - 1;
            return isFound ? [asFinding(`${model.file}:${line}`, call.name, argument)] : [];
        });
    });
}

/** A name that may be a table's; not that of the table which the statement fills. */
function isTableName({ isCall, before }: SqlName): boolean {
    return !isCall && !['into', 'table', 'exists', 'update', 'view', '.'].includes(before);
}

/** The column, where it is the whole argument: inside `substr(…)` or an expression its text may be another. */
function timeArgument(tokens: readonly SqlToken[], call: SqlName): string | undefined {
    const place = call.isCall && Object.hasOwn(DATE_FUNCTIONS, call.name) ? DATE_FUNCTIONS[call.name] : undefined;
    if (place === undefined) {
        return undefined;
    }
    // The format of `strftime` is one string.
    const from = place === 0 ? call.after + 1 : call.after + 3;
    if (place === 1 && (tokens[from - 2]?.kind !== 'string' || tokens[from - 1]?.text !== ',')) {
        return undefined;
    }
    const to = tokens.findIndex((token, index) => index >= from && (token.text === ',' || token.text === ')'));
    const isPath = tokens
        .slice(from, to)
        .every((token, index) => (index % 2 === 1 ? token.text === '.' : isName(token)));
    return to > from && isPath ? nameOf(tokens[to - 1])?.toLowerCase() : undefined;
}

function isName(token: SqlToken): boolean {
    return token.kind === 'word' || token.kind === 'identifier';
}

function isZoned(column: string, names: readonly SqlName[], tables: readonly ReadonlyMap<string, boolean>[]): boolean {
    // `substr(ordered_at, 1, 19) as ordered_at` in a common table expression: the name means something else after it.
    const isRenamed = names.some(({ name, before }) => before === 'as' && name === column);
    const having = tables.flatMap((columns) => columns.get(column) ?? []);
    return !isRenamed && having.length > 0 && having.every((isOne) => isOne);
}

function asFinding(subject: string, called: string, column: string): Finding {
    return {
        subject,
        finding: `${called}(${column}) is null where PostgreSQL's offset is written "+00"`,
        lost: 'the time: SQLite reads only "+00:00", and answers null without an error',
        fix: `substr(${column}, 1, 10) is its day, and docs/values.md has the rest ("Times with an offset")`,
    };
}
