import { Umzug } from 'umzug';
import { EltError } from '../../core/errors.ts';
import { didYouMean } from '../../core/nearest-name.ts';
import { refuseForbidden } from '../../sql/refuse-forbidden.ts';
import { splitStatements } from '../../sql/statements.ts';
import { begin, commit, type Database, inSavepoint, inTransaction } from '../database.ts';
import type { MigrationFile } from './migration-file.ts';
import {
    appliedMigrations,
    type MigrationStatus,
    migrationStatus,
    pendingMigrations,
    recordMigration,
} from './migration-state.ts';
import { runMigration } from './run-migration.ts';

const TAKEN_BACK = 'this migration was rolled back; those before it are applied';

/**
 * Migrations of one database, on umzug. umzug itself has no checksums and no check of the order, and applies a migration
 * and its record in two steps; here both are in one SQLite transaction, so that no crash can separate them.
 *
 * Owns the table `elt_migrations`. Invariant: it has a row exactly for each migration in effect.
 */
export class Migrator {
    readonly #database: Database;
    readonly #files: readonly MigrationFile[];

    constructor(database: Database, files: readonly MigrationFile[]) {
        this.#database = database;
        this.#files = files;
    }

    /** Applies the pending migrations; returns their names in order. */
    async up(): Promise<string[]> {
        if (this.pending().length === 0) {
            return [];
        }
        const done: string[] = [];
        const umzug = this.#umzug(done);
        await this.#upOurs(umzug);
        await unwrapped(umzug.up());
        return done;
    }

    /**
     * Our own migrations are small, so they share a commit: each commit waits for the disk. Each has a savepoint, with its
     * record; those before one that fails stay applied.
     */
    async #upOurs(umzug: Umzug<object>): Promise<void> {
        begin(this.#database);
        try {
            const last = this.pending().findLast((name) => name.startsWith('control/'));
            if (last !== undefined) {
                await unwrapped(umzug.up({ to: last }));
            }
        } finally {
            // On a full or failing disk SQLite has rolled back everything itself.
            if (this.#database.inTransaction) {
                commit(this.#database);
            }
        }
    }

    /** Undoes the last migration, or all down to and including `to`; returns the names in order. */
    async down(to?: string): Promise<string[]> {
        const applied = this.status()
            .filter((migration) => migration.state === 'applied')
            .map((migration) => migration.name);
        const name = to === undefined ? undefined : this.#findApplied(to, applied);
        const undone = name === undefined ? applied.slice(-1) : applied.slice(applied.indexOf(name));
        for (const one of undone) {
            this.#refuseWithoutDown(one);
        }
        if (undone.length === 0) {
            return [];
        }
        const done: string[] = [];
        const umzug = this.#umzug(done);
        await unwrapped(umzug.down(name === undefined ? {} : { to: name }));
        return done;
    }

    status(): readonly MigrationStatus[] {
        return migrationStatus(this.#database, this.#files);
    }

    /** Names of the migrations that `up` would apply. */
    pending(): readonly string[] {
        return pendingMigrations(this.#database, this.#files);
    }

    /** Adds names to `done` as they are applied or undone. */
    #umzug(done: string[]): Umzug<object> {
        return new Umzug({
            migrations: this.#files.map((file) => ({
                name: file.name,
                up: async () => {
                    if (this.#apply(file)) {
                        done.push(file.name);
                    }
                },
                down: async () => {
                    if (this.#undo(file)) {
                        done.push(file.name);
                    }
                },
            })),
            storage: {
                // The record was written together with the effect.
                logMigration: async () => undefined,
                unlogMigration: async () => undefined,
                executed: async () => appliedMigrations(this.#database).map((migration) => migration.name),
            },
            logger: undefined,
        });
    }

    #apply(file: MigrationFile): boolean {
        return this.#inOneTransaction(file.file, file.sql, 'pending', file.name, () => {
            recordMigration(this.#database, file);
        });
    }

    #undo(file: MigrationFile): boolean {
        if (file.down === undefined) {
            return false;
        }
        return this.#inOneTransaction(file.down.file, file.down.sql, 'applied', file.name, () => {
            this.#database.prepare('delete from elt_migrations where name = ?').run(file.name);
        });
    }

    /**
     * Another process may have applied this migration since we looked, so the state is read and checked again under the
     * lock. False: nothing was left to do.
     */
    #inOneTransaction(
        file: string,
        text: string,
        from: MigrationStatus['state'],
        name: string,
        record: () => void,
    ): boolean {
        const statements = splitStatements(text, file);
        refuseForbidden(statements, file);
        const alone = this.#database.inTransaction ? inSavepoint : inTransaction;
        return alone(this.#database, () => {
            if (this.status().find((migration) => migration.name === name)?.state !== from) {
                return false;
            }
            runMigration(this.#database, { file, text, state: TAKEN_BACK }, statements, record);
            return true;
        });
    }

    #findApplied(wanted: string, applied: readonly string[]): string {
        const found = applied.find((name) => name === wanted || name.split('/')[1] === wanted);
        if (found === undefined) {
            const names = applied.flatMap((name) => [name, name.split('/')[1] ?? name]);
            throw new EltError({
                code: 'MODEL_UNKNOWN',
                message: `"${wanted}" is not an applied migration`,
                found: didYouMean(wanted, names) ?? `applied: ${applied.join(', ') || 'none'}`,
                next: 'see "elt migrate status"',
            });
        }
        return found;
    }

    #refuseWithoutDown(name: string): void {
        const file = this.#files.find((candidate) => candidate.name === name);
        if (file?.down === undefined) {
            throw new EltError({
                code: 'MIGRATION_NO_DOWN',
                message: `migration "${name}" cannot be undone`,
                found: `no file migrations/${name}.down.sql`,
                state: 'nothing was changed',
                next: name.startsWith('control/')
                    ? 'to start over, delete the database file and load the sources again'
                    : 'write that file, or a new migration that does what you want',
            });
        }
    }
}

/** umzug wraps an error of a migration in one of its own. */
async function unwrapped<T>(work: Promise<T>): Promise<T> {
    try {
        return await work;
    } catch (error) {
        const cause = error instanceof Error ? error.cause : undefined;
        throw cause instanceof EltError ? failed(cause) : error;
    }
}

function failed(error: EltError): EltError {
    if (error.code !== 'SQL_STATEMENT') {
        return error;
    }
    return error.withNew({ code: 'MIGRATION_FAILED', state: TAKEN_BACK });
}
