import { didYouMean, didYouMeanOrList } from '../../core/nearest-name.ts';
import { caseError, type MartCase } from '../../project/case-files.ts';
import { sqlLiteral } from '../../sql/literal.ts';
import { quoteName } from '../../sql/quote.ts';
import { statementTargets } from '../../sql/statement-targets.ts';
import type { SqlStatement } from '../../sql/statements.ts';
import { nameOf, significantTokens, wordOf } from '../../sql/tokens.ts';
import type { Database } from '../../sqlite/database.ts';
import { openInMemory } from '../../sqlite/in-memory.ts';
import { runStatement } from '../../sqlite/run-statement.ts';
import { type CaseChain, chainOf, martOf, readByChain } from './case-chain.ts';
import { CASE_STATE, type CaseGround } from './case-ground.ts';
import { type CaseTable, expectedSql, sheetSql } from './case-table.ts';

/** Rows of tables, in their order, each with a value for each column. */
export type Content = ReadonlyMap<CaseTable, readonly (readonly unknown[])[]>;

/** A row that the mart must have, as far as the case says it. */
export interface ExpectedRow {
    readonly columns: readonly string[];
    readonly values: readonly unknown[];
}

/** A case whose rows have been read. */
export interface ReadCase {
    readonly source: MartCase;
    readonly chain: CaseChain;
    readonly table: CaseTable;
    /** The mart's key, as far as it is known. */
    readonly key: readonly string[];
    readonly given: Content;
    readonly expected: readonly ExpectedRow[];
}

/** Reads the rows of a case by running its inserts on empty tables of the same columns. */
export function readCase(one: MartCase, ground: CaseGround): ReadCase {
    const mart = martOf(one, ground);
    const inserts = one.statements.map((statement) => ({ statement, table: targetOf(one, statement, ground) }));
    const table = ground.tables.get(mart.ordered.model.toLowerCase());
    const given = [...new Set(inserts.map((insert) => insert.table))].filter((other) => other !== table);
    const names = given.map(({ name }) => name);
    const chain = chainOf(mart, names, ground);
    refuseUnread(one, inserts, table, readByChain(chain, ground));
    const isExpecting = inserts.some((insert) => insert.table === table);
    if (table === undefined || isExpecting === one.expectsNoRows) {
        throw withoutExpectation(one, table?.name ?? one.mart, isExpecting);
    }
    const sheet = openInMemory();
    try {
        const expected: ExpectedRow[] = [];
        sheet.exec(expectedSql(table));
        for (const other of given) {
            sheet.exec(sheetSql(other));
        }
        for (const insert of inserts) {
            const before = lastRow(sheet, insert.table);
            runStatement(sheet, { file: one.file, text: one.text, state: CASE_STATE }, insert.statement);
            if (insert.table === table) {
                expected.push(...expectedRows(sheet, table, insert.statement, before));
            } else {
                numberStaged(sheet, insert.table, given);
                refuseRepeated(one, sheet, insert.table, insert.statement);
            }
        }
        const key = mart.followed.model.definition?.key ?? table.keys[0] ?? [];
        refuseRepeatedExpected(one, table, key, expected);
        return {
            source: one,
            chain,
            table,
            key,
            given: new Map(given.map((other) => [other, rowsOf(sheet, other, 0n)])),
            expected,
        };
    } finally {
        sheet.close();
    }
}

/** The table of an insert. @throws EltError CASE_WRONG for another statement, and for a table that is not there */
function targetOf(one: MartCase, statement: SqlStatement, { tables }: CaseGround): CaseTable {
    const [target] = statementTargets(statement.sql);
    if (statement.kind !== 'insert' || target === undefined) {
        throw caseError(one, statement.line, {
            message: `case "${one.name}" holds a statement that inserts no rows`,
            found: statement.sql.split('\n', 1)[0],
            next: 'give rows with "insert into <table> (<columns>) values …", and expect them with an insert into the mart',
        });
    }
    const table = tables.get(target.name.toLowerCase());
    if (table === undefined) {
        const names = [...tables.values()].map(({ name }) => name);
        throw caseError(one, statement.line, {
            message: `case "${one.name}" gives rows of "${target.name}", which is no table of the pipeline`,
            found: didYouMeanOrList(target.name, names, 'tables'),
            next: 'correct the name',
        });
    }
    return table;
}

/** Rows that nothing reads would make a case pass that shows nothing. */
function refuseUnread(
    one: MartCase,
    inserts: readonly { readonly statement: SqlStatement; readonly table: CaseTable }[],
    mart: CaseTable | undefined,
    read: readonly string[],
): void {
    for (const { statement, table } of inserts) {
        if (table !== mart && !read.includes(table.name)) {
            throw caseError(one, statement.line, {
                message: `case "${one.name}" gives rows of "${table.name}", which "${one.mart}" does not read`,
                found: didYouMean(table.name, read) ?? `it reads ${read.join(', ')}`,
                next: 'give rows of a table that it reads',
            });
        }
    }
}

function withoutExpectation(one: MartCase, mart: string, isExpecting: boolean) {
    return caseError(one, one.line, {
        message: isExpecting
            ? `case "${one.name}" expects rows, and says that it expects none`
            : `case "${one.name}" does not say which rows "${mart}" then has`,
        found: isExpecting ? '"-- expect: no rows" beside an insert into the mart' : `no insert into "${mart}"`,
        next: isExpecting
            ? 'leave one of them out'
            : `add "insert into ${quoteName(mart)} (<columns>) values …", or the line "-- expect: no rows"`,
    });
}

function lastRow(sheet: Database, { name }: CaseTable): bigint {
    return sheet
        .prepare(`select coalesce(max(_rowid_), 0) from ${quoteName(name)}`)
        .pluck()
        .safeIntegers()
        .get() as bigint;
}

function rowsOf(sheet: Database, { name, columns }: CaseTable, after: bigint): readonly (readonly unknown[])[] {
    const list = columns.map((column) => quoteName(column.name)).join(', ');
    const order = name.startsWith('stg_') ? '_seq' : '_rowid_';
    return sheet
        .prepare(`select ${list} from ${quoteName(name)} where _rowid_ > ? order by ${order}`)
        .raw()
        .safeIntegers()
        .all(after) as unknown[][];
}

/** The rows that an insert into the mart has added, with the columns that it names. */
function expectedRows(
    sheet: Database,
    table: CaseTable,
    statement: SqlStatement,
    after: bigint,
): readonly ExpectedRow[] {
    const named = namedColumns(statement.sql);
    const isNamed = table.columns.map(({ name }) => named === undefined || named.has(name.toLowerCase()));
    const columns = table.columns.filter((_, index) => isNamed[index]).map(({ name }) => name);
    return rowsOf(sheet, table, after).map((row) => ({ columns, values: row.filter((_, index) => isNamed[index]) }));
}

/** `insert into t (a, b)`: the names in lower case; undefined where none are given. */
function namedColumns(sql: string): ReadonlySet<string> | undefined {
    const tokens = significantTokens(sql);
    const into = tokens.findIndex((token, index) => wordOf(token) === 'into' && wordOf(tokens[index - 1]) === 'insert');
    const isQualified = tokens[into + 2]?.text === '.';
    const open = into + (isQualified ? 4 : 2);
    const start = wordOf(tokens[open]) === 'as' ? open + 2 : open;
    if (tokens[start]?.text !== '(') {
        return undefined;
    }
    const end = tokens.findIndex((token, index) => index > start && token.text === ')');
    return new Set(tokens.slice(start + 1, end).flatMap((token) => nameOf(token)?.toLowerCase() ?? []));
}

/** Staged rows without a `_seq` land in the order in which they are given: one sequence over all staging tables. */
function numberStaged(sheet: Database, { name }: CaseTable, given: readonly CaseTable[]): void {
    if (!name.startsWith('stg_')) {
        return;
    }
    const staged = given.filter((table) => table.name.startsWith('stg_'));
    const last = staged.map((table) => `select max(_seq) as last from ${quoteName(table.name)}`).join(' union all ');
    sheet.exec(`update ${quoteName(name)}
        set _seq = numbered.last + numbered.place
        from (
            select
                _rowid_ as row,
                row_number() over (order by _rowid_) as place,
                (select coalesce(max(last), 0) from (${last})) as last
            from ${quoteName(name)}
            where _seq is null
        ) as numbered
        where numbered.row = ${quoteName(name)}._rowid_`);
}

function refuseRepeated(one: MartCase, sheet: Database, table: CaseTable, statement: SqlStatement): void {
    for (const key of table.keys) {
        const list = key.map(quoteName).join(', ');
        const isWhole = key.map((column) => `${quoteName(column)} is not null`).join(' and ');
        const found = sheet
            .prepare(
                `select ${list} from ${quoteName(table.name)} where ${isWhole} group by ${list} having count(*) > 1`,
            )
            .raw()
            .safeIntegers()
            .get() as unknown[] | undefined;
        if (found !== undefined) {
            throw repeatedKey(one, statement.line, `gives two rows of "${table.name}" with the same key`, key, found);
        }
    }
}

function refuseRepeatedExpected(
    one: MartCase,
    { name }: CaseTable,
    key: readonly string[],
    expected: readonly ExpectedRow[],
): void {
    const seen = new Set<string>();
    for (const { columns, values } of key.length === 0 ? [] : expected) {
        const places = key.map((column) => columns.findIndex((other) => other.toLowerCase() === column.toLowerCase()));
        const found = places.map((place) => values[place]);
        const text = found.map(sqlLiteral).join();
        if (!places.includes(-1) && seen.has(text)) {
            throw repeatedKey(one, one.line, `expects two rows of "${name}" with the same key`, key, found);
        }
        seen.add(places.includes(-1) ? '' : text);
    }
}

function repeatedKey(one: MartCase, line: number, what: string, key: readonly string[], values: readonly unknown[]) {
    return caseError(one, line, {
        message: `case "${one.name}" ${what}`,
        found: key.map((column, index) => `${column} = ${sqlLiteral(values[index])}`).join(', '),
        next: 'give each row a key of its own',
    });
}
