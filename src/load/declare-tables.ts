import type { Shape } from '../core/stream-event.ts';
import type { DriftPolicy } from '../land/staging/drift-policy.ts';
import { StagingTables } from '../land/staging/staging-tables.ts';
import { readCatalogue } from '../ledger/catalogue.ts';
import { readStream } from '../ledger/loads.ts';
import { type Database, inTransaction } from '../sqlite/database.ts';

/** The load number of what a declaration creates before anything has landed; no load of the ledger has it. */
const NO_LOAD = 0;

/**
 * Creates the staging tables of declared sources before their first load, so that a model that reads several of them
 * need not wait for a file of each.
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
