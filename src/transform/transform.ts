import type { EltError } from '../core/errors.ts';
import { changesBehind, clockTick, isAnyFilled, saveModelState } from '../ledger/model-state.ts';
import type { ProjectFiles } from '../project/model-files.ts';
import { quoteName } from '../sql/quote.ts';
import { CacheKib, type Database, inTransaction, useCache, useRollbackJournal } from '../sqlite/database.ts';
import { tableExists } from '../sqlite/read-tables.ts';
import { refuseMuchInMemory, withTemporaryStore } from '../sqlite/temporary-store.ts';
import { whileIndexing } from '../sqlite/while-indexing.ts';
import { aroundStops, asStop, recordStops } from './around-stops.ts';
import { type TestResult, testError } from './data-tests.ts';
import { indexesAside } from './indexes-aside.ts';
import { asKeyError } from './marts/key-error.ts';
import type { PlannedModel, RunRequest } from './plan/decide.ts';
import type { KeptPlan } from './plan/kept-plan.ts';
import { planTransform, type StoppedFolds } from './plan/plan-transform.ts';
import { countRows, NO_ROWS, type RowCounts, tableRows } from './row-counts.ts';
import { runModelStatement } from './run-model-statement.ts';
import { emptyModel, forgetTakenChanges, runningModels } from './run-steps.ts';
import { testRun } from './run-tests.ts';
import { isOfSchema, isUnchangedSchema } from './unchanged-schema.ts';

/** What a run did with one model. */
export interface ModelResult extends RowCounts {
    readonly model: string;
    readonly file: string;
    readonly action: PlannedModel['action'];
    readonly reason: PlannedModel['reason'];
    readonly waitsFor: string | null;
    readonly warning: string | null;
    /** Staged changes it took in. */
    readonly changes: number;
    readonly milliseconds: number;
    readonly statements: readonly StatementResult[];
}

interface StatementResult {
    readonly line: number;
    readonly kind: string;
    /** Rows that the statement itself inserted, updated or deleted. */
    readonly rows: number;
    readonly milliseconds: number;
}

export interface TransformResult {
    readonly models: readonly ModelResult[];
    readonly tests: readonly TestResult[];
    /** Why models stopped; the others are published. */
    readonly stops: readonly EltError[];
}

/**
 * Brings every model up to date in one SQLite transaction: the models, their watermarks and the data tests. If anything
 * fails, nothing is published, and readers keep the state before. `decided` is called with what the run will do, before
 * anything runs.
 */
export function transform(
    database: Database,
    files: ProjectFiles,
    request: RunRequest,
    decided: (planned: readonly PlannedModel[]) => void = () => undefined,
): TransformResult {
    const behind = changesBehind(database);
    if (behind >= LARGE_FILL_MIN && !isAnyFilled(database)) {
        useRollbackJournal(database);
    }
    let isDecided = false;
    return withTemporaryStore(database, behind <= SMALL_CHANGES_MAX, () =>
        aroundStops((stopped) =>
            inTransaction(database, () =>
                runModels(database, files, request, stopped, (running, planned) => {
                    if (!running.every(isSmallRun)) {
                        refuseMuchInMemory(database);
                    }
                    if (!isDecided) {
                        decided(planned);
                        isDecided = true;
                    }
                }),
            ),
        ),
    );
}

/** A statement that takes in 1,000 changes spills 15 to 30 MB, mostly pages of indexes on random keys. */
const SMALL_CHANGES_MAX = 2_000;

/** From here on two changes of the journal mode, 10 ms, cost less than they save. */
const LARGE_FILL_MIN = 5_000;

/** Its work is bounded by its few changes. Files run by hand since its last run may have left any amount of work. */
export function isSmallRun({ action, reason, lag }: PlannedModel): boolean {
    return action === 'incremental' && reason === 'new changes' && lag <= SMALL_CHANGES_MAX;
}

/**
 * The same inside the caller's transaction. `kept`: of a process that runs the models repeatedly, which need not know how
 * many rows each has changed.
 */
export function runModels(
    database: Database,
    files: ProjectFiles,
    request: RunRequest,
    stopped: StoppedFolds,
    prepare: (running: readonly PlannedModel[], planned: readonly PlannedModel[]) => void = () => undefined,
    kept: KeptPlan | null = null,
): TransformResult {
    const { keep, test, models, stops } = runUntested(database, files, request, stopped, prepare, kept);
    const tests = test();
    const failure = testError(tests, 'nothing was published: readers see what they saw before');
    if (failure !== undefined) {
        throw failure;
    }
    keep();
    return { models, tests, stops };
}

/** What a run did, before its data tests: `test` runs them, `keep` stores the order of the models. */
interface UntestedRun extends Omit<TransformResult, 'tests'> {
    readonly test: () => readonly TestResult[];
    readonly keep: () => void;
}

/** The same without the data tests. */
export function runUntested(
    database: Database,
    files: ProjectFiles,
    request: RunRequest,
    stopped: StoppedFolds,
    prepare: (running: readonly PlannedModel[], planned: readonly PlannedModel[]) => void = () => undefined,
    kept: KeptPlan | null = null,
): UntestedRun {
    const { planned, keep } =
        kept?.plan(database, files, request, stopped) ?? planTransform(database, files, request, stopped);
    const running = runningModels(planned);
    const stops = planned.flatMap(({ followed }) => followed.stop?.error ?? []);
    recordStops(database, planned);
    if (running.length === 0) {
        prepare(running, planned);
        return { models: planned.map(idleResult), stops, test: () => [], keep: () => undefined };
    }
    const isIncremental = running.every((model) => model.action === 'incremental');
    useCache(database, isIncremental ? CacheKib.incremental : CacheKib.usual);
    prepare(running, planned);
    for (const sql of forgetTakenChanges(database, planned)) {
        database.exec(sql);
    }
    // Emptied before any model runs, so that no change is recorded for tables that will be refilled.
    for (const model of running.filter((one) => one.action === 'full')) {
        for (const sql of emptyModel(database, model, planned)) {
            database.exec(sql);
        }
    }
    const models: ModelResult[] = [];
    for (const model of planned) {
        models.push(running.includes(model) ? runOrStop(database, model, kept) : idleResult(model));
    }
    return { models, stops, test: () => testRun(database, files, running, isIncremental), keep };
}

function runOrStop(database: Database, planned: PlannedModel, kept: KeptPlan | null): ModelResult {
    try {
        return runModel(database, planned, kept);
    } catch (error) {
        const { model } = planned.followed;
        throw asStop(database, planned, asKeyError(database, model.name, model.definition, error));
    }
}

function runModel(database: Database, planned: PlannedModel, kept: KeptPlan | null): ModelResult {
    const started = performance.now();
    const { model, alterations } = planned.followed;
    const statements: StatementResult[] = [];
    const work = (): void => {
        const isIncremental = planned.action === 'incremental';
        const aside = indexesAside(database, planned);
        for (const sql of [...(isIncremental ? alterations : []), ...aside.drop]) {
            database.exec(sql);
        }
        const asMade = (): boolean => isUnchangedSchema(database, model.statements);
        const isMade = isIncremental && (kept?.isMade(model.name, asMade) ?? asMade());
        for (const statement of model.statements) {
            const statementStarted = performance.now();
            const rows = isMade && isOfSchema(statement) ? 0 : runModelStatement(database, planned, statement);
            const milliseconds = performance.now() - statementStarted;
            statements.push({ line: statement.line, kind: statement.kind, rows, milliseconds });
        }
        whileIndexing(database, () => {
            for (const sql of aside.create) {
                database.exec(sql);
            }
        });
    };
    const counts = kept === null ? countedWork(database, planned, work) : uncounted(work);
    const milliseconds = performance.now() - started;
    saveModelState(database, {
        model: model.name,
        file: model.file,
        text_hash: planned.ordered.textHash,
        sql_hash: planned.ordered.sqlHash,
        scaffolded: planned.followed.scaffolded ? 1 : 0,
        generated_sql: planned.followed.generated ? model.text : null,
        taken_seq: planned.lastSeq,
        taken_tick: clockTick(database),
        last_run_at: new Date().toISOString(),
        milliseconds,
        ...counts,
    });
    return { ...idleResult(planned), ...counts, changes: planned.lag, milliseconds, statements };
}

function countedWork(database: Database, planned: PlannedModel, work: () => void): RowCounts {
    return planned.action === 'full' ? fill(database, planned.ordered.model, work) : update(database, planned, work);
}

function uncounted(work: () => void): RowCounts {
    work();
    return NO_ROWS;
}

function fill(database: Database, table: string, work: () => void): RowCounts {
    work();
    return { ...NO_ROWS, inserted: tableRows(database, table) };
}

function update(database: Database, planned: PlannedModel, work: () => void): RowCounts {
    const { model } = planned.ordered;
    const counts = countRows(database, model, work);
    const touched = counts.inserted + counts.updated + counts.deleted;
    const dirty = `${model}_dirty`;
    const asked = tableExists(database, dirty) ? tableRows(database, dirty) : stagedSince(database, planned);
    return { ...counts, unchanged: Math.max(0, asked - touched) };
}

/** Staged changes that an incremental fold took in. */
function stagedSince(database: Database, planned: PlannedModel): number {
    const staging = planned.ordered.reads.find((table) => table.startsWith('stg_'));
    if (planned.followed.model.kind !== 'current' || staging === undefined) {
        return 0;
    }
    return database
        .prepare(
            `select count(*) from ${quoteName(staging)}
            join elt_watermarks on model = ? and _seq > previous and _seq <= watermark`,
        )
        .pluck()
        .get(planned.ordered.model) as number;
}

function idleResult(planned: PlannedModel): ModelResult {
    return {
        ...NO_ROWS,
        model: planned.ordered.model,
        file: planned.followed.model.file,
        action: planned.action,
        reason: planned.reason,
        waitsFor: planned.ordered.waitsFor,
        warning:
            planned.followed.stop !== null || isOldNews(planned)
                ? null
                : (planned.followed.warning ?? shellWarning(planned)),
        changes: 0,
        milliseconds: 0,
        statements: [],
    };
}

/** That the upkeep of a mart is not what `elt scaffold` would write is said when it becomes so, not in every run. */
function isOldNews({ action, reason, followed: { model, generated } }: PlannedModel): boolean {
    return model.definition !== undefined && generated && action !== 'full' && reason !== 'upkeep changed';
}

/** The first construct that the sqlite3 shell of Debian 12 would refuse; reported when a file is new or was edited. */
function shellWarning({ action, ordered: { newerThanShell }, followed: { model } }: PlannedModel): string | null {
    return action === 'full' && newerThanShell !== null
        ? `${model.file}:${newerThanShell.line}: ${newerThanShell.message}`
        : null;
}
