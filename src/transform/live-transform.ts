import { EltError } from '../core/errors.ts';
import type { ProjectFiles } from '../project/model-files.ts';
import type { Database } from '../sqlite/database.ts';
import { keepStatements } from '../sqlite/kept-statements.ts';
import { beginTemporary, OutgrowsMemory } from '../sqlite/temporary-store.ts';
import { aroundStops } from './around-stops.ts';
import { loadGenerator } from './marts/with-generator.ts';
import type { PlannedModel } from './plan/decide.ts';
import { KeptPlan } from './plan/kept-plan.ts';
import type { StoppedFolds } from './plan/plan-transform.ts';
import { isSmallRun, runModels, type TransformResult, transform } from './transform.ts';

/** What a run did: its result; why nothing of it was published; `apart`: it is too large for the caller's transaction. */
export type LiveRun = { readonly result: TransformResult } | { readonly error: EltError } | 'apart';

const EVERYTHING = { select: [], rebuild: false } as const;
/** A run that failed is tried again after so long. */
const RETRY_MS_MIN = 1_000;
const RETRY_MS_MAX = 30_000;

/**
 * Brings the models up to date again and again: what a few changes reach in the transaction that lands them, the rest in
 * one of its own after that. What fails is undone alone: the changes stay, readers keep the state before, and a later run
 * tries again.
 */
export class LiveTransform {
    readonly #database: Database;
    readonly #readFiles: () => ProjectFiles;
    readonly #plan = new KeptPlan();
    #error: EltError | null = null;
    #retryAt = 0;
    #retryMs = RETRY_MS_MIN;

    /** Loads what writes the upkeep of marts too: a file may be edited at any time, and a transaction does not wait. */
    static async open(database: Database, readFiles: () => ProjectFiles): Promise<LiveTransform> {
        await loadGenerator();
        return new LiveTransform(database, readFiles);
    }

    private constructor(database: Database, readFiles: () => ProjectFiles) {
        this.#database = database;
        this.#readFiles = readFiles;
        beginTemporary(database, 'MEMORY');
        keepStatements(database);
    }

    /** In the caller's transaction. */
    run(): LiveRun {
        return this.#attempt(() => aroundStops((stopped) => this.#tryWithout(stopped)));
    }

    /** In a transaction of its own, where none is open. */
    runApart(): LiveRun {
        return this.#attempt(() => {
            try {
                return { result: transform(this.#database, this.#readFiles(), EVERYTHING) };
            } finally {
                beginTemporary(this.#database, 'MEMORY');
            }
        });
    }

    #attempt(work: () => LiveRun): LiveRun {
        if (this.#error !== null && performance.now() < this.#retryAt) {
            return { error: this.#error };
        }
        try {
            const run = work();
            if (run !== 'apart') {
                this.#error = null;
                this.#retryMs = RETRY_MS_MIN;
            }
            return run;
        } catch (error) {
            if (!(error instanceof EltError) || error.exitStatus !== 6) {
                throw error;
            }
            this.#error = error;
            this.#retryAt = performance.now() + this.#retryMs;
            this.#retryMs = Math.min(RETRY_MS_MAX, 2 * this.#retryMs);
            return { error };
        }
    }

    /** One try, undone alone if it fails. */
    #tryWithout(stopped: StoppedFolds): LiveRun {
        const database = this.#database;
        database.exec('savepoint live_transform');
        try {
            const refuseLarge = (running: readonly PlannedModel[]): void => {
                if (!running.every(isSmallRun)) {
                    throw new OutgrowsMemory();
                }
            };
            const result = runModels(database, this.#readFiles(), EVERYTHING, stopped, refuseLarge, this.#plan);
            return { result };
        } catch (error) {
            database.exec('rollback to live_transform');
            this.#plan.forget();
            if (error instanceof OutgrowsMemory) {
                // Where it is kept must be said before a transaction begins.
                return 'apart';
            }
            throw error;
        } finally {
            database.exec('release live_transform');
        }
    }
}
