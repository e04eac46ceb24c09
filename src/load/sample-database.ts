import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EltError } from '../core/errors.ts';
import { listenForInterrupt } from '../process/interrupt.ts';
import { applyPending, withDatabase } from '../project/open-database.ts';
import type { Settings } from '../project/settings.ts';
import type { Database } from '../sqlite/database.ts';
import type { LoadResult } from './load-source.ts';
import { type LoadObserver, loadSources } from './load-sources.ts';

const SILENT: LoadObserver = {
    note: () => undefined,
    begins: () => ({ update: () => undefined, clear: () => undefined }),
    landed: () => undefined,
};

/** Lands sources in a temporary database, which exists only while `work` runs. */
export async function withSample<T>(
    settings: Settings,
    sources: readonly string[],
    work: (database: Database, loads: readonly LoadResult[]) => Promise<T>,
): Promise<T> {
    const folder = mkdtempSync(join(tmpdir(), 'elt-'));
    const temporary = { ...settings, db: join(folder, 'sample.db') };
    const interrupt = listenForInterrupt();
    try {
        return await withDatabase(temporary, { create: true }, async (database) => {
            await applyPending(database, temporary);
            const request = { settings: temporary, interrupt };
            return await work(database, await loadSources(database, sources, request, SILENT));
        });
    } catch (error) {
        // The load's own `state` would describe a database that no longer exists.
        throw error instanceof EltError ? error.withNew({ state: 'nothing was changed' }) : error;
    } finally {
        interrupt.dispose();
        rmSync(folder, { recursive: true, force: true });
    }
}
