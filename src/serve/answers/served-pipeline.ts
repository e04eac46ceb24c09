import { randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import { EltError } from '../../core/errors.ts';
import { type PushFigures, readPushFigures } from '../../ledger/pushes.ts';
import { readSourceLag } from '../../ledger/read-source-lag.ts';
import type { SourceLag } from '../../ledger/source-lag.ts';
import { closeDatabase, type Database, isMigrated, openDatabase, type Statement } from '../../sqlite/database.ts';
import { currentTurn } from './event-loop-turn.ts';
import { unfilledMarts } from './unfilled-marts.ts';

/** The state of a pipeline's database file, as far as it is known without reading rows. */
export interface DatabaseState {
    /** Changes when the file is replaced by another file. */
    readonly generation: number;
    /** Changes with every commit; null if it cannot be read now. */
    readonly version: string | null;
}

/** Makes tags of an earlier start differ: `data_version` begins at 1 in each connection. */
const START = randomBytes(6).toString('base64url');

const NONE: ReadonlySet<string> = new Set();

/**
 * A pipeline and its database file, watched through one connection that never waits for a lock and reads only control
 * tables. The file may be missing at first, and may be replaced.
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
    readonly #sqlFolder: string;
    #unfilled: { readonly version: string; readonly marts: ReadonlySet<string> } | null = null;

    /** `sqlFolder` is that of the project. */
    constructor(name: string, file: string, sqlFolder: string) {
        this.name = name;
        this.file = file;
        this.#sqlFolder = sqlFolder;
    }

    /** @throws EltError DATABASE_… if the file is missing or not a database of elt. */
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
            // A first load locks the file: a reader can wait for it, the server's own connection must not.
            return { generation: this.#generation, version: null };
        }
    }

    /** Marts that were never filled, worked out once for a state; none if that is not known. */
    unfilled(): ReadonlySet<string> {
        const { version } = this.state();
        if (version === null || this.#database === null) {
            return NONE;
        }
        if (this.#unfilled?.version !== version) {
            try {
                this.#unfilled = { version, marts: unfilledMarts(this.#database, this.#sqlFolder, this.name) };
            } catch {
                return NONE;
            }
        }
        return this.#unfilled.marts;
    }

    /** Throws the reason if the database cannot be read. */
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

    /** When the last run of the models ended, as ISO text; null: there was none. */
    lastRun(): string | null {
        try {
            this.#watch();
            const at = this.#database?.prepare('select max(last_run_at) from elt_models').pluck().get();
            return typeof at === 'string' ? at : null;
        } catch {
            return null;
        }
    }

    /** The targets to which its marts are pushed; none while the database cannot be read. */
    pushes(): readonly PushFigures[] {
        try {
            this.#watch();
            return this.#database === null ? [] : readPushFigures(this.#database);
        } catch {
            return [];
        }
    }

    /** How far it is behind the server that it follows; null: it follows none, or that cannot be read now. */
    sourceLag(): SourceLag | null {
        try {
            this.#watch();
            return this.#database === null ? null : readSourceLag(this.#database);
        } catch {
            return null;
        }
    }

    /** The connection, to prepare statements for their errors and columns; null if the file cannot be opened. */
    connection(): Database | null {
        try {
            this.#watch();
        } catch {
            // The readers report the error.
        }
        return this.#database;
    }

    close(): void {
        if (this.#database !== null) {
            closeDatabase(this.#database);
        }
        this.#database = null;
    }

    /** Opens the file if it is not open, or has been replaced. */
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
