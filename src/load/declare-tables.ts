import type { Shape } from '../core/stream-event.ts';
import { type DriftPolicy, StagingTables } from '../land/staging/staging-tables.ts';
import { readCatalogue } from '../ledger/catalogue.ts';
import { readStream } from '../ledger/loads.ts';
import { type Database, inTransaction } from '../sqlite/database.ts';

/** The load that no ledger knows: what a declaration made, before anything landed. */
const NO_LOAD = 0;

/**
 * Makes the staging tables of declared sources that nothing has landed in yet: a model that reads several of them need
 * not wait for the last one's first file.
 */
export function declareTables(database: Database, shapes: readonly Shape[], policy: DriftPolicy): void {
    const known = readCatalogue(database);
    const missing = shapes.filter(
        (shape) => !known.some(({ schema, table }) => schema === shape.schema && table === shape.table),
    );
    if (missing.length === 0) {
        return;
    }
    inTransaction(database, () => {
        const tables = new StagingTables(database, NO_LOAD, policy);
        for (const shape of missing) {
            tables.makePlan(shape, readStream(database).last_seq + 1, []);
        }
    });
}
