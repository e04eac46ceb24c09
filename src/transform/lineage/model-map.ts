import { readCatalogue } from '../../ledger/catalogue.ts';
import { type ModelState, readModelStates } from '../../ledger/model-state.ts';
import type { MartCase } from '../../project/case-files.ts';
import { headerValue, parseHeader } from '../../project/file-head.ts';
import { MODEL_KEYS, type ModelFile, type ProjectFiles } from '../../project/model-files.ts';
import { parseSelect } from '../../sql/grammar/parse-select.ts';
import { parseNames } from '../../sql/relation-name.ts';
import type { Database } from '../../sqlite/database.ts';
import { runStatement } from '../../sqlite/run-statement.ts';
import { openScratch, schemaSql, tablesTouched } from '../../sqlite/tables-touched.ts';
import { BUILT_IN, testsOf } from '../built-in-tests.ts';
import { readSchema } from '../marts/read-schema.ts';
import { CANNOT_RUN, type PlannedModel } from '../plan/decide.ts';
import { planTransform } from '../plan/plan-transform.ts';
import { type ColumnOrigin, columnOrigins } from './column-sources.ts';

/** The models of a pipeline, and what they are made from, down to the staging tables. */
export interface ModelMap {
    readonly pipeline: string;
    /** In the order of a run, staging tables first, questions and figures last. */
    readonly entries: readonly MapEntry[];
}

export interface MapEntry {
    readonly name: string;
    readonly kind: 'staging' | 'current' | 'view' | 'mart' | 'question' | 'figure';
    /** As it is shown, `sql/payments/marts/metrics.sql`; null: a staging table. */
    readonly file: string | null;
    readonly text: string | null;
    /** What its head says. */
    readonly row: string | null;
    readonly why: string | null;
    readonly key: readonly string[];
    readonly columns: readonly MapColumn[];
    readonly tests: readonly {
        readonly name: string;
        readonly scope: string;
        readonly from: string;
        readonly why: string | null;
    }[];
    readonly cases: readonly { readonly name: string; readonly file: string; readonly line: number }[];
    readonly lastRun: ModelState | null;
    /** What the next run does with it, and why; null: it is no model. */
    readonly next: string | null;
    /** How its upkeep follows changes, in words. */
    readonly how: string | null;
    /** Names of the entries whose tables it reads, as SQLite says. */
    readonly upstream: readonly string[];
}

export interface MapColumn extends ColumnOrigin {
    readonly name: string;
    /** As the table declares it; empty: not known. */
    readonly type: string;
}

/** A SELECT outside of models that reads their tables: a question or a figure. */
export interface Reader {
    readonly name: string;
    readonly kind: 'question' | 'figure';
    readonly file: string;
    readonly text: string;
    readonly row: string | null;
    readonly why: string | null;
    readonly sql: string;
    readonly parameters: readonly string[];
}

interface MapRequest {
    readonly pipeline: string;
    readonly files: ProjectFiles;
    readonly cases: readonly MartCase[];
    readonly readers: readonly Reader[];
}

/** Reads the map from the files and the schema; `database` may be empty. To be called inside `withGenerator`. */
export function modelMap(database: Database, { pipeline, files, cases, readers }: MapRequest): ModelMap {
    const { planned } = planTransform(database, files, { select: [], rebuild: false });
    const scratch = madeSchema(database, planned);
    try {
        const states = readModelStates(database);
        const tests = testsOf(files, planned);
        const owners = new Map(planned.flatMap((one) => ownTables(one).map((table) => [table, one.ordered.model])));
        const schema = readSchema(scratch, new Map());
        const models = planned.map((one): MapEntry => {
            const { model } = one.followed;
            const { name } = model;
            const { definition } = model;
            const head =
                definition === undefined ? model.head : parseHeader(definition.text, definition.file, MODEL_KEYS);
            return {
                name,
                kind: model.kind,
                file: model.definition?.file ?? model.file,
                text: model.definition?.text ?? model.text,
                row: headerValue(head, 'row') ?? null,
                why: headerValue(head, 'why') ?? null,
                key: model.definition?.key ?? parseNames(headerValue(head, 'key') ?? '', ',') ?? [],
                columns: columnsOf(scratch, one, schema),
                tests: tests
                    .filter((test) => test.model === name)
                    .map(({ name: test, scope, file, text }) => ({
                        name: test,
                        scope,
                        from: file === BUILT_IN ? BUILT_IN : file,
                        why:
                            /^-- why: ([^\n]*(?:\n-- {3,}[^\n]*)*)/m.exec(text)?.[1]?.replaceAll(/\n-- +/g, ' ') ??
                            null,
                    })),
                cases: cases
                    .filter(({ mart }) => mart === name)
                    .map(({ name: shows, file, line }) => ({ name: shows, file, line })),
                lastRun: states.get(name) ?? null,
                next: nextOf(one),
                how: one.upkeep?.how.text ?? null,
                upstream: [...new Set([...readsOf(one, owners), ...one.ordered.upstream])].filter(
                    (other) => other !== name,
                ),
            };
        });
        const staging = stagingEntries(database, models);
        const others = readers.map((reader) => readerEntry(scratch, reader, owners));
        const known = new Set([...staging, ...models].map(({ name }) => name));
        const isKnown = (entry: MapEntry): MapEntry => ({
            ...entry,
            upstream: entry.upstream.filter((name) => known.has(name)),
        });
        return { pipeline, entries: [...staging, ...models, ...others].map(isKnown) };
    } finally {
        scratch.close();
    }
}

/** The schema in memory, with the tables of models that have not run yet. */
function madeSchema(database: Database, planned: readonly PlannedModel[]): Database {
    const scratch = openScratch(schemaSql(database));
    for (const { followed, action } of planned) {
        for (const statement of CANNOT_RUN.has(action) ? [] : followed.model.statements) {
            try {
                runStatement(scratch, followed.model, statement);
            } catch {
                // A table or view that is not there yet; its columns are left out.
            }
        }
    }
    return scratch;
}

/** Tables that belong to a model, in lower case: those it creates, and the one named like it. */
function ownTables({ ordered }: PlannedModel): readonly string[] {
    return [ordered.model, ...ordered.creates].map((name) => name.toLowerCase());
}

/** Entries whose tables a model reads; images and dirty keys are their owners'. */
function readsOf({ ordered }: PlannedModel, owners: ReadonlyMap<string, string>): readonly string[] {
    return ordered.reads.flatMap((table) => {
        const name = table.toLowerCase();
        return owners.get(name) ?? (name.startsWith('stg_') ? table : []);
    });
}

function nextOf({ action, reason, ordered }: PlannedModel): string {
    switch (action) {
        case 'waiting':
            return `waits: ${ordered.waitsFor} has not landed`;
        case 'idle':
            return 'up to date';
        case 'full':
            return `is filled anew: ${reason}`;
        case 'incremental':
            return `takes in changes: ${reason}`;
        default:
            return `${action}: ${reason}`;
    }
}

function columnsOf(
    scratch: Database,
    { followed }: PlannedModel,
    schema: ReturnType<typeof readSchema>,
): readonly MapColumn[] {
    const { model } = followed;
    const declared = scratch.prepare('select name, lower(type) as type from pragma_table_xinfo(?)').all(model.name) as {
        name: string;
        type: string;
    }[];
    if (model.kind === 'current') {
        const staging = `stg_${model.name.slice('current_'.length)}`;
        return declared.map(({ name, type }) => ({
            name,
            type,
            sources: [{ table: staging, column: name }],
            isCopy: true,
        }));
    }
    const parsed = model.definition === undefined ? schema.view(model.name) : parseSelect(model.definition.select);
    const origins = parsed === undefined ? [] : columnOrigins(parsed, schema);
    const names = resultNames(scratch, model);
    return declared.map(({ name, type }) => {
        const place = names.findIndex((one) => one.toLowerCase() === name.toLowerCase());
        return { name, type, ...(origins[place] ?? { sources: [], isCopy: false }) };
    });
}

/** The SELECT's columns in its order: the table of a migration may have another one. */
function resultNames(scratch: Database, { name, definition }: ModelFile): readonly string[] {
    try {
        const from = definition === undefined ? name : `${name}_now`;
        return scratch
            .prepare(`select * from "${from.replaceAll('"', '""')}"`)
            .columns()
            .map((column) => column.name);
    } catch {
        return [];
    }
}

function stagingEntries(database: Database, models: readonly MapEntry[]): readonly MapEntry[] {
    const read = new Set(models.flatMap(({ upstream }) => upstream));
    return readCatalogue(database)
        .filter(({ stagingTable }) => read.has(stagingTable))
        .map(({ stagingTable, schema, table, columns, primaryKey }) => ({
            ...NO_FILE,
            name: stagingTable,
            kind: 'staging',
            row: `a change of ${schema}.${table}, as the source gave it`,
            key: primaryKey ?? [],
            columns: columns.map(({ columnName, pgType, sqliteType }) => ({
                name: columnName,
                type: pgType ?? sqliteType.toLowerCase(),
                sources: [],
                isCopy: false,
            })),
        }));
}

function readerEntry(scratch: Database, reader: Reader, owners: ReadonlyMap<string, string>): MapEntry {
    let upstream: readonly string[] = [];
    try {
        const values = Object.fromEntries(reader.parameters.map((name) => [name, null]));
        const { reads } = tablesTouched(scratch, reader.sql.replace(/;\s*$/, ''), values);
        upstream = [...new Set(reads.flatMap((table) => owners.get(table.toLowerCase()) ?? []))];
    } catch {
        // It reads a table that is not there: `elt query` says so.
    }
    const { name, kind, file, text, row, why } = reader;
    return { ...NO_FILE, name, kind, file, text, row, why, upstream };
}

const NO_FILE = {
    file: null,
    text: null,
    row: null,
    why: null,
    key: [],
    columns: [],
    tests: [],
    cases: [],
    lastRun: null,
    next: null,
    how: null,
    upstream: [],
} as const;
