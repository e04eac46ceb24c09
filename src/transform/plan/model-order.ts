import { EltError } from '../../core/errors.ts';
import type { ModelFile } from '../../project/model-files.ts';
import { relationsNamed } from '../../sql/relations-named.ts';
import type { Database } from '../../sqlite/database.ts';
import { statementError } from '../../sqlite/run-statement.ts';
import { dropObject } from '../../sqlite/schema-kind.ts';
import { openScratch } from '../../sqlite/tables-touched.ts';
import type { MartUpkeep } from '../marts/mart-upkeep.ts';
import { loadedGenerator } from '../marts/with-generator.ts';
import { createdName, type FileFacts, fileFacts } from './file-facts.ts';
import { refuseOverreach } from './refuse-overreach.ts';
import { refuseUnfilled } from './refuse-unfilled.ts';
import { type MissingTable, type Tried, tryWhole } from './try-file.ts';
import { MartTrials, tablesOf } from './try-mart.ts';

/** A model's place in the run, from what its file reads and writes. */
export interface OrderedModel extends FileFacts {
    readonly model: string;
    /** Of what decides over the model's rows: `ModelFile.hash`; of a mart of one SELECT `MartUpkeep.rowsHash`. */
    readonly textHash: string;
    /** Of the text that is run, where that may change while the rows stay: of a mart of one SELECT. */
    readonly sqlHash: string | null;
    readonly reads: readonly string[];
    readonly writes: readonly string[];
    /** Models that must run before it. */
    readonly upstream: readonly string[];
    /** The staging table that this model or one upstream needs and that has not landed yet; null: it can run. */
    readonly waitsFor: string | null;
}

/** Models that cannot run yet although their staging tables exist, with what they wait for. */
export type Waits = ReadonlyMap<string, string>;

/** The order of the models, and the upkeep of the marts of one SELECT, by their names. */
export interface ModelPlan {
    readonly order: readonly OrderedModel[];
    readonly upkeeps: Readonly<Record<string, MartUpkeep>>;
}

/** What a plan needs to know of a project besides its files. */
export interface PlanFacts {
    /** Models that cannot run yet. */
    readonly waits: Waits;
    readonly migratedTables: () => ReadonlySet<string>;
}

/**
 * Tries the files on an empty copy of the database's schema, repeatedly, until no further file finds everything that it needs. The
 * upkeep of a mart of one SELECT is generated once its tables are there.
 */
export function workOutOrder(schema: readonly string[], models: readonly ModelFile[], facts: PlanFacts): ModelPlan {
    if (models.some(({ definition }) => definition !== undefined)) {
        // Where it is missing, all that follows would be done twice.
        loadedGenerator();
    }
    refuseOverreach(models);
    const scratch = openScratch(schema);
    try {
        const marts = new MartTrials(scratch, models, facts.migratedTables);
        dropWhatFilesCreate(scratch, models);
        marts.dropOld();
        const tried = new Map<string, Tried>();
        const missing = new Map<string, MissingTable>();
        const untried = () => models.filter(({ name }) => !tried.has(name) && !facts.waits.has(name));
        for (let found = true; found; ) {
            found = false;
            for (const model of untried()) {
                const result =
                    model.definition === undefined ? tryWhole(scratch, model) : marts.try(model, tried, untried());
                if ('table' in result) {
                    missing.set(model.name, result);
                } else {
                    tried.set(model.name, result);
                    found = true;
                }
            }
        }
        // After the trial: a statement that SQLite refuses says more about such a file.
        refuseUnfilled(models.filter(({ definition }) => definition === undefined));
        const waiting = waitingModels(scratch, models, tried, missing, facts.waits);
        const runnable = models.map((model) => tried.get(model.name)?.model ?? model);
        refuseOverreach(runnable);
        return {
            order: sortByDependence(runnable, tried, waiting, marts.upkeeps),
            upkeeps: Object.fromEntries(marts.upkeeps),
        };
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
            const creator = left.find((other) => other !== model && providesTable(other, table));
            const waitsFor = table.startsWith('stg_') ? table : creator && waiting.get(creator.name);
            if (waitsFor !== undefined) {
                waiting.set(model.name, waitsFor);
                found = true;
            }
        }
    }
    const wrong = left.filter((candidate) => !waiting.has(candidate.name));
    for (const model of wrong) {
        const { table, where, statement, error } = missing.get(model.name) as MissingTable;
        if (!left.some((other) => other !== model && providesTable(other, table))) {
            throw statementError(scratch, where, statement, error);
        }
    }
    if (wrong.length > 0) {
        throw cycle(wrong);
    }
    return waiting;
}

function sortByDependence(
    models: readonly ModelFile[],
    tried: ReadonlyMap<string, Tried>,
    waiting: ReadonlyMap<string, string>,
    upkeeps: ReadonlyMap<string, MartUpkeep>,
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
        textHash: upkeeps.get(model.name)?.rowsHash ?? model.hash,
        sqlHash: upkeeps.has(model.name) ? model.hash : null,
        reads: [...(tried.get(model.name)?.reads ?? [])],
        writes: [...(tried.get(model.name)?.writes ?? [])],
        ...fileFacts(model),
        upstream: upstream.get(model.name) ?? [],
        waitsFor: waitsFor.get(model.name) ?? null,
    }));
}

const KIND_ORDER = { current: 0, view: 1, mart: 2 } as const;

/** Models that create or fill what the file reads. Reads of a view show as its tables, so its name in the text counts. */
function upstreamOf(model: ModelFile, models: readonly ModelFile[], tried: ReadonlyMap<string, Tried>): string[] {
    const mentioned = relationsNamed(model.text);
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
    if (model.definition !== undefined && model.name.toLowerCase() === name.toLowerCase()) {
        return true;
    }
    return model.statements.some((statement) =>
        [createdName(statement, 'table'), createdName(statement, 'view')].some(
            (created) => created?.toLowerCase() === name.toLowerCase(),
        ),
    );
}

function providesTable(model: ModelFile, name: string): boolean {
    return createsObject(model, name) || tablesOf(model).some((table) => table.toLowerCase() === name.toLowerCase());
}

function isIn(models: readonly ModelFile[], name: string): boolean {
    return models.some((model) => model.name === name);
}
