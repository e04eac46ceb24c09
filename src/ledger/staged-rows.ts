import { quoteName } from '../sql/quote.ts';
import type { Database } from '../sqlite/database.ts';
import type { CatalogueRelation } from './catalogue.ts';

/** A staged row as stored, integers as bigint. */
type StagedRow = readonly (null | number | bigint | string)[];

/** Every row of a staging table in order of `_seq`: `_load`, then `columns`. */
export function stagedRows(
    database: Database,
    relation: CatalogueRelation,
    columns: readonly string[],
): IterableIterator<StagedRow> {
    const names = ['_load', ...columns].map(quoteName).join(', ');
    return database
        .prepare(`select ${names} from ${quoteName(relation.stagingTable)} order by _seq`)
        .raw()
        .safeIntegers()
        .iterate() as IterableIterator<StagedRow>;
}

/** What each load put into each staging table, by the ledger. */
export function ledgerOfTables(
    database: Database,
): readonly { load_id: number; staging_table: string; staged_rows: number; checksum: number }[] {
    return database.prepare('select * from elt_load_tables order by load_id, staging_table').all() as {
        load_id: number;
        staging_table: string;
        staged_rows: number;
        checksum: number;
    }[];
}
