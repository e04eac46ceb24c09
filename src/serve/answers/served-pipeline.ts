import { randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import { EltError } from '../../core/errors.ts';
import { closeDatabase, type Database, isMigrated, openDatabase, type Statement } from '../../sqlite/database.ts';
import { currentTurn } from './event-loop-turn.ts';

/** The state of a pipeline's database file, as far as anybody can tell without reading rows. */
export interface DatabaseState {
    /** Another one: the file is another file now. */
    readonly generation: number;
    /** Changes whenever somebody has committed; null where that cannot be told now. */
    readonly version: string | null;
}

/** Tags of an earlier start must not be taken for ours: SQLite counts from 1 in each connection. */
const START = randomBytes(6).toString('base64url');

/**
 * A pipeline and its database file, watched by one connection of the server, which never waits for a lock and reads no
 * rows but its own. The file may be missing at first, and may be replaced.
 */
export class ServedPipeline {
    readonly name: string;
    readonly file: string;
    #database: Database | null = null;
    #dataVersion: Statement | null = null;
    #identity = '';
    #generation = 0;
    #known: DatabaseState | null = null;
    #knownTurn = -1;

    constructor(name: string, file: string) {
        this.name = name;
        this.file = file;
    }

    /** @throws EltError DATABASE_… where the file is missing or is none of ours. */
    state(): DatabaseState {
        if (this.#known !== null && this.#knownTurn === currentTurn()) {
            return this.#known;
        }
        this.#known = null;
        this.#knownTurn = currentTurn();
        this.#known = this.#lookAtState();
        return this.#known;
    }

    #lookAtState(): DatabaseState {
        this.#watch();
        try {
            const version = this.#dataVersion?.get() as number;
            return { generation: this.#generation, version: `${START}.${this.#generation}.${version}` };
        } catch {
            // A first load has the file to itself: a reader may wait for it, the server may not.
            return { generation: this.#generation, version: null };
        }
    }

    /** Throws what keeps the database from being read. */
    check(): void {
        this.#watch();
        if (this.#database === null || !isMigrated(this.#database)) {
            throw new EltError({
                code: 'DATABASE_NOT_MIGRATED',
                message: `the database of pipeline "${this.name}" has no control tables yet`,
                next: 'run "elt migrate"',
            });
        }
    }

    /** When the last run of the models ended, as ISO text; null: none did. */
    lastRun(): string | null {
        try {
            this.#watch();
            const at = this.#database?.prepare('select max(last_run_at) from elt_models').pluck().get();
            return typeof at === 'string' ? at : null;
        } catch {
            return null;
        }
    }

    /** The connection, for what SQLite says about a statement; null where the file cannot be opened. */
    connection(): Database | null {
        try {
            this.#watch();
        } catch {
            // The readers say why.
        }
        return this.#database;
    }

    close(): void {
        if (this.#database !== null) {
            closeDatabase(this.#database);
        }
        this.#database = null;
    }

    /** Opens the file where it is not open, or is another one by now. */
    #watch(): void {
        const status = statSync(this.file, { throwIfNoEntry: false, bigint: true });
        const identity = status === undefined ? '' : `${status.dev}.${status.ino}`;
        if (this.#database !== null && identity === this.#identity) {
            return;
        }
        this.close();
        this.#generation++;
        this.#identity = identity;
        const database = openDatabase(this.file, { readonly: true, busyTimeoutMs: 0 });
        this.#dataVersion = database.prepare('pragma data_version').pluck();
        this.#database = database;
    }
}
