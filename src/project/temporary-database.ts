import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EltError } from '../core/errors.ts';
import type { Database } from '../sqlite/database.ts';
import { applyPending, withDatabase } from './open-database.ts';
import type { Settings } from './settings.ts';

/** A migrated database, which exists only while `work` runs; `settings` are those of its pipeline, with its file. */
export async function withTemporaryDatabase<T>(
    settings: Settings,
    work: (database: Database, settings: Settings) => Promise<T>,
): Promise<T> {
    const folder = mkdtempSync(join(tmpdir(), 'elt-'));
    const temporary = { ...settings, db: join(folder, 'sample.db') };
    try {
        return await withDatabase(temporary, { create: true }, async (database) => {
            await applyPending(database, temporary);
            return await work(database, temporary);
        });
    } catch (error) {
        // An error's own `state` would describe a database that no longer exists.
        throw error instanceof EltError ? error.withNew({ state: 'nothing was changed' }) : error;
    } finally {
        rmSync(folder, { recursive: true, force: true });
    }
}
