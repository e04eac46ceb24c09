import { EltError } from '../core/errors.ts';
import type { ProjectFiles } from '../project/model-files.ts';
import type { Database } from '../sqlite/database.ts';
import { sortOnDisk } from '../sqlite/temporary-store.ts';
import { isSmallRun, runModels, type TransformResult } from './transform.ts';

/** What a run of a follower did: its result, or why nothing of it was published. */
export type LiveRun = { readonly result: TransformResult } | { readonly error: EltError };

const EVERYTHING = { select: [], rebuild: false } as const;
/** A run that failed is tried again after so long, or when the files have changed. */
const RETRY_MS_MIN = 1_000;
const RETRY_MS_MAX = 30_000;

/**
 * Brings the models up to date again and again, each time in the transaction of what has just landed. What fails is
 * undone alone: the changes stay, readers keep the state before, and the next run tries again.
 */
export class LiveTransform {
    readonly #database: Database;
    readonly #readFiles: () => ProjectFiles;
    #error: EltError | null = null;
    #retryAt = 0;
    #retryMs = RETRY_MS_MIN;

    constructor(database: Database, readFiles: () => ProjectFiles) {
        this.#database = database;
        this.#readFiles = readFiles;
    }

    /** In the caller's transaction. */
    run(): LiveRun {
        if (this.#error !== null && performance.now() < this.#retryAt) {
            return { error: this.#error };
        }
        const database = this.#database;
        database.exec('savepoint live_transform');
        try {
            const result = runModels(database, this.#readFiles(), EVERYTHING, (running) => {
                if (!running.every(isSmallRun)) {
                    sortOnDisk(database);
                }
            });
            database.exec('release live_transform');
            this.#error = null;
            this.#retryMs = RETRY_MS_MIN;
            return { result };
        } catch (error) {
            if (!(error instanceof EltError) || error.exitStatus !== 6) {
                throw error;
            }
            database.exec('rollback to live_transform');
            database.exec('release live_transform');
            this.#error = error;
            this.#retryAt = performance.now() + this.#retryMs;
            this.#retryMs = Math.min(RETRY_MS_MAX, 2 * this.#retryMs);
            return { error };
        }
    }
}
