import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CommandContext } from '../commands/command.ts';
import { loadAll } from '../commands/load.ts';
import { applyPending, withDatabase } from '../commands/open.ts';
import { EltError } from '../core/errors.ts';
import { listenForInterrupt } from '../process/interrupt.ts';
import { makeOutput } from '../report/output.ts';
import type { Database } from '../sqlite/database.ts';
import type { LoadResult } from './load-source.ts';

/** Lands sources in a database of their own, for as long as `work` looks at it. */
export async function withSample<T>(
    context: CommandContext,
    sources: readonly string[],
    work: (database: Database, loads: readonly LoadResult[]) => Promise<T>,
): Promise<T> {
    const folder = mkdtempSync(join(tmpdir(), 'elt-'));
    const settings = { ...context.settings, db: join(folder, 'sample.db') };
    const output = makeOutput({ json: true, quiet: true });
    const interrupt = listenForInterrupt();
    try {
        return await withDatabase(settings, { create: true }, async (database) => {
            await applyPending(database, settings);
            return await work(database, await loadAll(database, sources, { settings, output, options: {} }, interrupt));
        });
    } catch (error) {
        // What a load says of its database would be said of one that is gone by then.
        throw error instanceof EltError ? error.withNew({ state: 'nothing was changed' }) : error;
    } finally {
        interrupt.dispose();
        rmSync(folder, { recursive: true, force: true });
    }
}
