import { EltError } from '../../core/errors.ts';
import { watched } from '../../process/statement-watch.ts';
import type { ModelFile } from '../../project/model-files.ts';
import { quoteName } from '../../sql/quote.ts';
import { createdObject, type SchemaType } from '../../sql/schema-object.ts';
import type { SqlStatement } from '../../sql/statements.ts';
import { nameOf, significantTokens } from '../../sql/tokens.ts';
import type { Database } from '../../sqlite/database.ts';
import { placeOf, statementError } from '../../sqlite/run-statement.ts';
import { dropObject } from '../../sqlite/schema-kind.ts';
import { openScratch, tablesTouched } from '../../sqlite/tables-touched.ts';
import { refuseHiddenWrites, refuseOverreach } from './refuse-overreach.ts';
import { refuseUnfilled } from './refuse-unfilled.ts';

/** A model's place in the run, from what its file reads and writes. */
export interface OrderedModel {
    readonly model: string;
    /** `ModelFile.hash`, stored here so that it is computed once per text. */
    readonly textHash: string;
    readonly reads: readonly string[];
    readonly writes: readonly string[];
    /** Tables that the file creates: a rebuild drops them. */
    readonly creates: readonly string[];
    /** Models that must run before it. */
    readonly upstream: readonly string[];
    /** The staging table that this model or one upstream needs and that has not landed yet; null: it can run. */
    readonly waitsFor: string | null;
}

/** Models that cannot run yet although their staging tables exist, with what they wait for. */
export type Waits = ReadonlyMap<string, string>;

interface Tried {
    readonly model: ModelFile;
    readonly reads: ReadonlySet<string>;
    readonly writes: ReadonlySet<string>;
}

/** Tries the files on an empty copy of the schema, repeatedly, until no further file finds everything that it needs. */
export function workOutOrder(database: Database, models: readonly ModelFile[], waits: Waits): readonly OrderedModel[] {
    refuseOverreach(models);
    const scratch = openScratch(database);
    try {
        dropWhatFilesCreate(scratch, models);
        const tried = new Map<string, Tried>();
        const missing = new Map<string, MissingTable>();
        const untried = () => models.filter(({ name }) => !tried.has(name) && !waits.has(name));
        for (let found = true; found; ) {
            found = false;
            for (const model of untried()) {
                const result = tryWhole(scratch, model);
                if ('table' in result) {
                    missing.set(model.name, result);
                } else {
                    tried.set(model.name, result);
                    found = true;
                }
            }
        }
        // After the trial: a statement that SQLite refuses says more about such a file.
        refuseUnfilled(models);
        const waiting = waitingModels(scratch, models, tried, missing, waits);
        return sortByDependence(models, tried, waiting);
    } finally {
        scratch.close();
    }
}

/** The files are tried on a schema without their own tables, which an older text may have created. */
function dropWhatFilesCreate(scratch: Database, models: readonly ModelFile[]): void {
    for (const statement of models.flatMap((model) => model.statements)) {
        for (const what of ['view', 'table'] as const) {
            const name = createdName(statement, what);
            if (name !== undefined) {
                scratch.exec(dropObject(scratch, name));
            }
        }
    }
}

interface MissingTable {
    readonly table: string;
    readonly statement: SqlStatement;
    readonly error: unknown;
}

/** Rolls back a file that lacks something: what it created before must not look as if it existed. */
function tryWhole(scratch: Database, model: ModelFile): Tried | MissingTable {
    scratch.exec('savepoint file');
    const result = tryFile(scratch, model);
    scratch.exec('table' in result ? 'rollback to file; release file' : 'release file');
    return result;
}

function tryFile(scratch: Database, model: ModelFile): Tried | MissingTable {
    const reads = new Set<string>();
    const writes = new Set<string>();
    for (const statement of model.statements) {
        try {
            if (isSchemaStatement(statement)) {
                // `create table … as select` runs its query here too.
                watched(placeOf(model, statement), () => scratch.exec(statement.sql));
                const view = createdName(statement, 'view');
                // SQLite creates a view over a missing table without an error.
                if (view !== undefined && !isTriggered(model, view)) {
                    addAll(reads, tablesTouched(scratch, `select * from ${quoteName(view)}`).reads);
                }
            } else {
                const touched = tablesTouched(scratch, statement.sql);
                refuseHiddenWrites(model, statement, touched.writes);
                addAll(reads, touched.reads);
                addAll(writes, touched.writes);
            }
        } catch (error) {
            if (error instanceof EltError) {
                throw error;
            }
            const table = /no such table: (?:main\.)?(.+)$/.exec(error instanceof Error ? error.message : '')?.[1];
            if (table === undefined) {
                throw statementError(scratch, model, statement, error);
            }
            return { table, statement, error };
        }
    }
    return { model, reads, writes };
}

/** A model waits if it needs a staging table that has not landed, or what a waiting model creates; else it is wrong. */
function waitingModels(
    scratch: Database,
    models: readonly ModelFile[],
    tried: ReadonlyMap<string, Tried>,
    missing: ReadonlyMap<string, MissingTable>,
    waits: Waits,
): ReadonlyMap<string, string> {
    const waiting = new Map(waits);
    const left = models.filter((model) => !tried.has(model.name));
    for (let found = true; found; ) {
        found = false;
        for (const model of left.filter((candidate) => !waiting.has(candidate.name))) {
            const table = missing.get(model.name)?.table ?? '';
            const creator = left.find((other) => other !== model && createsObject(other, table));
            const waitsFor = table.startsWith('stg_') ? table : creator && waiting.get(creator.name);
            if (waitsFor !== undefined) {
                waiting.set(model.name, waitsFor);
                found = true;
            }
        }
    }
    for (const model of left.filter((candidate) => !waiting.has(candidate.name))) {
        const { table, statement, error } = missing.get(model.name) as MissingTable;
        const creator = left.find((other) => other !== model && createsObject(other, table));
        throw creator === undefined ? statementError(scratch, model, statement, error) : cycle([model, creator]);
    }
    return waiting;
}

function sortByDependence(
    models: readonly ModelFile[],
    tried: ReadonlyMap<string, Tried>,
    waiting: ReadonlyMap<string, string>,
): readonly OrderedModel[] {
    const upstream = new Map(models.map((model) => [model.name, upstreamOf(model, models, tried)]));
    const sorted: ModelFile[] = [];
    const rest = [...models].sort((left, right) => KIND_ORDER[left.kind] - KIND_ORDER[right.kind]);
    while (rest.length > 0) {
        const next = rest.findIndex((model) => upstream.get(model.name)?.every((name) => isIn(sorted, name)));
        if (next < 0) {
            throw cycle(rest);
        }
        sorted.push(...rest.splice(next, 1));
    }
    // A waiting file may have created its empty tables on the scratch schema: models that read them wait too.
    const waitsFor = new Map(waiting);
    for (const model of sorted) {
        const before = upstream.get(model.name)?.find((name) => waitsFor.has(name));
        if (before !== undefined && !waitsFor.has(model.name)) {
            waitsFor.set(model.name, waitsFor.get(before) as string);
        }
    }
    return sorted.map((model) => ({
        model: model.name,
        textHash: model.hash,
        reads: [...(tried.get(model.name)?.reads ?? [])],
        writes: [...(tried.get(model.name)?.writes ?? [])],
        creates: model.statements.flatMap((statement) => createdName(statement, 'table') ?? []),
        upstream: upstream.get(model.name) ?? [],
        waitsFor: waitsFor.get(model.name) ?? null,
    }));
}

const KIND_ORDER = { current: 0, view: 1, mart: 2 } as const;

/** Models that create or fill what the file reads. Reads of a view show as its tables, so its name in the text counts. */
function upstreamOf(model: ModelFile, models: readonly ModelFile[], tried: ReadonlyMap<string, Tried>): string[] {
    const mentioned = new Set(significantTokens(model.text).map((token) => nameOf(token)?.toLowerCase()));
    const reads = tried.get(model.name)?.reads ?? new Set();
    const isReadFrom = (other: ModelFile): boolean => {
        const tables = other.statements.flatMap((statement) => createdName(statement, 'table') ?? []);
        const filled = [...(tried.get(other.name)?.writes ?? [])].filter((table) => !createsObject(model, table));
        const views = other.statements.flatMap((statement) => createdName(statement, 'view') ?? []);
        return (
            [...tables, ...filled].some((table) => reads.has(table) && !table.startsWith('elt_')) ||
            [...tables, ...views].some((name) => mentioned.has(name.toLowerCase()))
        );
    };
    return models.filter((other) => other !== model && isReadFrom(other)).map((other) => other.name);
}

function cycle(models: readonly ModelFile[]): EltError {
    return new EltError({
        code: 'SQL_CYCLE',
        message: `models depend on each other in a cycle: ${models.map((model) => `"${model.name}"`).join(', ')}`,
        where: models.map((model) => model.file).join(', '),
        state: 'nothing was published',
        next: 'move what both need into a model of its own',
    });
}

function createsObject(model: ModelFile, name: string): boolean {
    return model.statements.some((statement) =>
        [createdName(statement, 'table'), createdName(statement, 'view')].some(
            (created) => created?.toLowerCase() === name.toLowerCase(),
        ),
    );
}

/** A view with triggers is written to, not read. */
function isTriggered(model: ModelFile, view: string): boolean {
    return model.statements.some(
        (statement) => createdName(statement, 'trigger') !== undefined && statement.sql.includes(view),
    );
}

/** The name of the object of that type that a statement creates. */
export function createdName(statement: SqlStatement, type: SchemaType): string | undefined {
    const created = statement.kind === 'create' ? createdObject(statement.sql) : undefined;
    return created?.type === type ? created.name : undefined;
}

function isSchemaStatement(statement: SqlStatement): boolean {
    return ['create', 'drop', 'alter', 'reindex', 'analyze', 'pragma'].includes(statement.kind);
}

function isIn(models: readonly ModelFile[], name: string): boolean {
    return models.some((model) => model.name === name);
}

function addAll(set: Set<string>, items: Iterable<string>): void {
    for (const item of items) {
        set.add(item);
    }
}
