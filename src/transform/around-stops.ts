import type { EltError } from '../core/errors.ts';
import { saveModelStops } from '../ledger/model-stops.ts';
import type { Database } from '../sqlite/database.ts';
import { sqliteCode } from '../sqlite/database-error.ts';
import { RefusedStatement } from '../sqlite/run-statement.ts';
import { type StoppedFold, stoppedFold } from './current/stopped-file.ts';
import type { PlannedModel } from './plan/decide.ts';
import type { StoppedFolds } from './plan/plan-transform.ts';

/**
 * One current table that cannot follow its relation holds back only what reads it. Its fold says so in the middle of a
 * run, when other models may have been emptied because of it: the run is taken back as a whole, and begins again
 * without it.
 */

/** Thrown where a fold stops; the run is to be taken back. */
class FoldStopped extends Error {
    readonly model: string;
    readonly fold: StoppedFold;

    constructor(model: string, fold: StoppedFold) {
        super(fold.error.message);
        this.model = model;
        this.fold = fold;
    }
}

/** Runs, and runs again without each model that stops. `run` is one transaction, or is taken back by its caller. */
export function aroundStops<Answer>(run: (stopped: StoppedFolds) => Answer): Answer {
    const stopped = new Map<string, StoppedFold>();
    while (true) {
        try {
            return run(stopped);
        } catch (error) {
            if (!(error instanceof FoldStopped) || stopped.has(error.model)) {
                throw error;
            }
            stopped.set(error.model, error.fold);
        }
    }
}

/** What to throw for an error of a model: a stop if the fold of a current table said that it cannot continue. */
export function asStop(database: Database, { followed }: PlannedModel, error: unknown): unknown {
    const { model, relation, spec } = followed;
    if (relation === null || !(error instanceof RefusedStatement)) {
        return error;
    }
    const { lower } = error;
    if (!sqliteCode(lower).startsWith('SQLITE_CONSTRAINT')) {
        return error;
    }
    const message = lower instanceof Error ? lower.message : String(lower);
    const fold = stoppedFold(database, model, relation, spec, message);
    if (fold !== undefined) {
        return new FoldStopped(model.name, fold);
    }
    // A person's file fails as any other; a generated one fails because of what the stream holds.
    return spec !== null ? new FoldStopped(model.name, { stop: null, error: ofData(error, model.name) }) : error;
}

function ofData(error: EltError, model: string): EltError {
    return error.withNew({ state: `"${model}" and what reads it stay as they were; everything else is up to date` });
}

/** Records the stops of a run, and forgets those of models that continue. */
export function recordStops(database: Database, planned: readonly PlannedModel[]): void {
    const stopped = planned.filter(({ action }) => action === 'stopped');
    saveModelStops(
        database,
        stopped.flatMap(({ followed }) => followed.stop?.stop ?? []),
    );
}
