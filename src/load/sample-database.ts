import { listenForInterrupt } from '../process/interrupt.ts';
import type { Settings } from '../project/settings.ts';
import { withTemporaryDatabase } from '../project/temporary-database.ts';
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
    const interrupt = listenForInterrupt();
    try {
        return await withTemporaryDatabase(settings, async (database, temporary) => {
            const request = { settings: temporary, interrupt };
            return await work(database, await loadSources(database, sources, request, SILENT));
        });
    } finally {
        interrupt.dispose();
    }
}
