import { EltError } from '../core/errors.ts';
import {
    closeDatabase,
    type Database,
    isMigrated,
    type OpenOptions,
    openDatabase,
    useSqliteWal,
} from '../sqlite/database.ts';
import { databaseError } from '../sqlite/database-error.ts';
import type { MigrationFile } from '../sqlite/migrations/migration-file.ts';
import { pendingMigrations, refuseOtherElt } from '../sqlite/migrations/migration-state.ts';
import type { Migrator } from '../sqlite/migrations/migrator.ts';
import { readControlMigrations, readMigrationFiles } from './read-migration-files.ts';
import { migrationFolders, type Settings } from './settings.ts';

/**
 * Opens the database for `work` and always closes it; errors of SQLite become `EltError`s. Every command opens its file
 * here, so that each refuses one of another elt.
 */
export async function withDatabase<T>(
    settings: Settings,
    options: OpenOptions,
    work: (database: Database) => Promise<T>,
): Promise<T> {
    const database = openDatabase(settings.db, options);
    try {
        refuseOtherElt(database, readControlMigrations(migrationFolders(settings).control));
        if (options.readonly !== true) {
            // A first load that was interrupted left the rollback-journal mode, in which readers can block a commit.
            useSqliteWal(database);
        }
        const result = await work(database);
        if (options.readonly !== true) {
            useSqliteWal(database);
        }
        return result;
    } catch (error) {
        throw databaseError(error, settings.db, options.busyTimeoutMs);
    } finally {
        closeDatabase(database);
    }
}

/** For what opens the file elsewhere, again and again: a file that is missing or locked now may be there later. */
export async function refuseFileOfOtherElt(settings: Settings): Promise<void> {
    try {
        await withDatabase(settings, { readonly: true, busyTimeoutMs: 0 }, async () => undefined);
    } catch (error) {
        if (
            error instanceof EltError &&
            ['DATABASE_NEWER', 'MIGRATION_EDITED', 'MIGRATION_ORDER'].includes(error.code)
        ) {
            throw error;
        }
    }
}

/** `withDatabase` for a database that must have its control tables. */
export async function withMigrated<T>(
    settings: Settings,
    options: Omit<OpenOptions, 'create'>,
    work: (database: Database) => Promise<T>,
): Promise<T> {
    return await withDatabase(settings, options, async (database) => {
        if (!isMigrated(database)) {
            throw new EltError({
                code: 'DATABASE_NOT_MIGRATED',
                message: `"${settings.db}" has no control tables yet`,
                state: 'nothing was changed',
                next: 'run "elt migrate", or "elt run", which migrates first',
            });
        }
        try {
            return await work(database);
        } catch (error) {
            refuseOtherTables(error, database, settings);
            throw error;
        }
    });
}

/** Where the database lacks what this elt reads, its migrations tell why: one was edited, or is yet to be applied. */
function refuseOtherTables(error: unknown, database: Database, settings: Settings): void {
    if (!(error instanceof Error) || !/^no such (?:column|table): /.test(error.message)) {
        return;
    }
    const pending = pendingMigrations(database, migrationsOf(settings));
    if (pending.length > 0) {
        throw new EltError({
            code: 'DATABASE_NOT_MIGRATED',
            message: `"${settings.db}" was made by an older elt, or for fewer migrations`,
            found: `${error.message}; not applied: ${pending.join(', ')}`,
            state: 'nothing was changed',
            next: 'run "elt migrate"',
        });
    }
}

/** Applies the pending migrations; returns their names. The migrator is loaded only if there are any. */
export async function applyPending(database: Database, settings: Settings): Promise<readonly string[]> {
    const isPending = pendingMigrations(database, migrationsOf(settings)).length > 0;
    return isPending ? await (await migratorOf(database, settings)).up() : [];
}

export async function migratorOf(database: Database, settings: Settings): Promise<Migrator> {
    const { Migrator } = await import('../sqlite/migrations/migrator.ts');
    return new Migrator(database, migrationsOf(settings));
}

export function migrationsOf(settings: Settings): readonly MigrationFile[] {
    return readMigrationFiles(migrationFolders(settings), settings.pipeline);
}
