import { EltError } from '../core/errors.ts';
import { didYouMeanOrList } from '../core/nearest-name.ts';
import { readPulls, savePull } from '../ledger/lakes.ts';
import { RESET_WATERMARK, readModelStates, readWatermarks } from '../ledger/model-state.ts';
import { ParquetFileReader } from '../parquet/parquet-file-reader.ts';
import type { ParquetField } from '../parquet/parquet-type.ts';
import { quoteName, quoteText } from '../sql/quote.ts';
import { begin, commit, type Database, rollback } from '../sqlite/database.ts';
import { databaseError } from '../sqlite/database-error.ts';
import { schemaKind } from '../sqlite/schema-kind.ts';
import { type PublishedRun, type PublishedTable, publishedFile, readCurrent } from './published-runs.ts';
import { type DeclaredType, declaredFor, toPulled } from './pulled-value.ts';

export interface PullRequest {
    readonly lake: string;
    readonly pipeline: string;
    readonly mart: string;
    /** Give up the rows that this file keeps up to date itself. */
    readonly isReplaced: boolean;
    readonly breathe: (rows: number) => Promise<void>;
}

export interface Pulled {
    readonly mart: string;
    readonly run: string;
    readonly rows: number;
    /** false: this run's rows were here already. */
    readonly isNew: boolean;
}

/**
 * Brings the rows of a published table into the file, into a table by its name, in one transaction: readers see the rows
 * from before, or these.
 * @throws EltError LAKE_MISSING, MODEL_UNKNOWN, PULL_REFUSED
 */
export async function pullMart(database: Database, request: PullRequest): Promise<Pulled> {
    const { lake, pipeline, mart, isReplaced } = request;
    const published = currentOf(lake, pipeline);
    const table = publishedTable(published, mart, lake);
    const before = readPulls(database).find((one) => one.mart === mart);
    const kind = schemaKind(database, mart);
    const isKept = isKeptHere(database, mart);
    if (before?.run === published.run && kind === 'table' && !isKept) {
        return { mart, run: published.run, rows: table.rows, isNew: false };
    }
    if (kind === 'view' || (isKept && !isReplaced)) {
        throw keptHere(mart, kind);
    }
    begin(database);
    try {
        if (isKept) {
            database.exec(`${RESET_WATERMARK} ${quoteText(mart)}`);
            database.prepare('delete from elt_models where model = ?').run(mart);
        }
        const rows = await fill(database, published, table, request);
        const wholeSeq = JSON.stringify(published.wholeSeq);
        const at = new Date().toISOString();
        savePull(database, { mart, lake, run: published.run, whole_seq: wholeSeq, rows, pulled_at: at });
        commit(database);
        return { mart, run: published.run, rows, isNew: true };
    } catch (error) {
        rollback(database);
        throw databaseError(error, database.name);
    }
}

/** The tables of the run that is published; of marts those that a person means by "all". */
export function publishedMarts(lake: string, pipeline: string): readonly string[] {
    return currentOf(lake, pipeline).tables.flatMap(({ table, kind }) => (kind === 'mart' ? [table] : []));
}

function currentOf(lake: string, pipeline: string): PublishedRun {
    const published = readCurrent(lake, pipeline);
    if (published === undefined) {
        throw new EltError({
            code: 'LAKE_MISSING',
            message: `nothing of the pipeline "${pipeline}" is published in "${lake}"`,
            found: 'no current.json: no run of an engine has come to its end',
            state: 'nothing was changed',
            next: 'run it there first, or name another folder with --from',
        });
    }
    return published;
}

function publishedTable({ tables, run }: PublishedRun, mart: string, lake: string): PublishedTable {
    const table = tables.find((one) => one.table === mart);
    if (table === undefined) {
        throw new EltError({
            code: 'MODEL_UNKNOWN',
            message: `the run ${run} in "${lake}" has published no "${mart}"`,
            found: didYouMeanOrList(
                mart,
                tables.map((one) => one.table),
                'tables',
            ),
            next: 'name one of these',
        });
    }
    return table;
}

/** Whether runs in this file keep the table up to date. */
function isKeptHere(database: Database, mart: string): boolean {
    return (readWatermarks(database).get(mart)?.watermark ?? 0) > 0 || readModelStates(database).has(mart);
}

function keptHere(mart: string, kind: 'table' | 'view' | undefined): EltError {
    return new EltError({
        code: 'PULL_REFUSED',
        message: `"${mart}" cannot be pulled into this file`,
        found: kind === 'view' ? 'it is a view here' : 'runs in this file keep it up to date themselves',
        state: 'nothing was changed',
        next:
            kind === 'view'
                ? 'pull it into another file with --db'
                : 'pull it into another file with --db; or give up the rows that are here with --replace: the next local run fills it from scratch',
    });
}

/** Replaces the rows of the table, which is created where there is none; returns their number. */
async function fill(
    database: Database,
    published: PublishedRun,
    table: PublishedTable,
    { lake, mart, breathe }: PullRequest,
): Promise<number> {
    let rows = 0;
    if (schemaKind(database, mart) === 'table') {
        database.exec(`delete from ${quoteName(mart)}`);
    }
    if (table.files.length === 0) {
        createIfMissing(
            database,
            table,
            table.columns.map(({ name }) => ({ name, type: undefined })),
        );
    }
    for (const name of table.files) {
        const reader = await ParquetFileReader.open(publishedFile(lake, published, name));
        try {
            createIfMissing(database, table, reader.fields);
            // Engines write files without rows, and some of them without columns.
            for await (const group of reader.rows === 0 ? [] : groupsFor(database, mart, reader)) {
                for (let row = 0; row < group.rows; row++) {
                    group.insert(row);
                }
                rows += group.rows;
                await breathe(rows);
            }
        } finally {
            reader.close();
        }
    }
    return rows;
}

/** The row groups of a file, with what inserts a row of them. */
async function* groupsFor(
    database: Database,
    mart: string,
    reader: ParquetFileReader,
): AsyncGenerator<{ readonly rows: number; readonly insert: (row: number) => void }> {
    const target = declaredOf(database, mart);
    const convert = conversions(mart, target, reader.fields);
    const names = [...target.keys()];
    const list = names.map(quoteName).join(', ');
    const marks = names.map(() => '?').join(', ');
    const statement = database.prepare(`insert into ${quoteName(mart)} (${list}) values (${marks})`);
    for await (const { rows, columns } of reader.groups(names)) {
        const values = columns.map((column, at) => column.map(convert[at] as (value: unknown) => unknown));
        yield { rows, insert: (row) => statement.run(values.map((column) => column[row])) };
    }
}

type Declared = ReadonlyMap<string, DeclaredType>;

function createIfMissing(
    database: Database,
    { table, columns }: PublishedTable,
    fields: ParquetFileReader['fields'],
): void {
    const known = new Map(columns.map(({ name, sqliteType }) => [name, sqliteType.toLowerCase()]));
    const declared = fields.map(({ name, type }) => [name, known.get(name) ?? declaredFor(type ?? 'text')] as const);
    if (declared.length > 0 && schemaKind(database, table) === undefined) {
        const lines = declared.map(([name, type]) => `    ${quoteName(name)} ${type}`);
        database.exec(`create table ${quoteName(table)} (\n${lines.join(',\n')}\n) strict`);
    }
}

function declaredOf(database: Database, table: string): Declared {
    const columns = database.prepare('select name, lower(type) as type from pragma_table_info(?)').all(table) as {
        readonly name: string;
        readonly type: string;
    }[];
    return new Map(
        columns.map(({ name, type }) => [
            name,
            (type === 'int' ? 'integer' : type === '' ? 'any' : type) as DeclaredType,
        ]),
    );
}

/** How each column of the table gets its values. */
function conversions(
    mart: string,
    target: Declared,
    fields: readonly (ParquetField | { readonly name: string; readonly type: undefined })[],
): readonly ((value: unknown) => unknown)[] {
    const there = new Map(fields.map(({ name, type }) => [name, type]));
    const surplus = fields.filter(({ name }) => !target.has(name)).map(({ name }) => `${name} is not a column here`);
    const found = [...target].map(([name, declared]) => {
        const type = there.get(name);
        const convert = type === undefined ? undefined : toPulled(type, declared);
        return convert ?? `${name} is ${declared} here and ${type ?? (there.has(name) ? 'nested' : 'missing')} there`;
    });
    const wrong = [...found.filter((one) => typeof one === 'string'), ...surplus];
    if (wrong.length > 0) {
        throw new EltError({
            code: 'PULL_REFUSED',
            message: `"${mart}" has other columns in the lake than in this file`,
            found: wrong.join('\n'),
            state: 'nothing was changed',
            next: 'bring the files of the pipeline and its migrations into step with those of the run',
        });
    }
    return found as ((value: unknown) => unknown)[];
}
