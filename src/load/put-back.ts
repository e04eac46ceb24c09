import { quoteName } from '../sql/quote.ts';
import { type Database, inTransaction } from '../sqlite/database.ts';
import type { LoadRow } from '../ledger/loads.ts';

/** How many rows of a staging table were put back as they had landed. */
export interface PutBack {
    readonly stagingTable: string;
    /** Rows that were missing, or other ones. */
    readonly rows: number;
}

/**
 * Replaces a load's rows in `tables` by those of the database file `scratch`, under the same `_seq`s, and has every
 * model filled from scratch by its next run, in one transaction. `check` looks at the result before it is committed.
 */
export function putBack(
    database: Database,
    load: LoadRow,
    tables: readonly string[],
    scratch: string,
    check: () => void,
): readonly PutBack[] {
    database.prepare('attach ? as again').run(scratch);
    try {
        return inTransaction(database, () => {
            const result = tables.map((table) => replaceRows(database, load, table));
            check();
            database.exec('update elt_watermarks set watermark = 0 where watermark > 0');
            return result;
        });
    } finally {
        database.exec('detach again');
    }
}

function replaceRows(database: Database, load: LoadRow, stagingTable: string): PutBack {
    const table = quoteName(stagingTable);
    const columns = database
        .prepare("select name from pragma_table_info(?, 'again')")
        .pluck()
        .all(stagingTable) as string[];
    const names = columns.map(quoteName).join(', ');
    const isOfLoad = '_load = :load or _seq between :first and :last';
    const place = { load: load.load_id, first: load.first_seq, last: load.last_seq };
    const rows = database
        .prepare(`select count(*) from (select ${names} from again.${table} except select ${names} from main.${table})`)
        .pluck()
        .get() as number;
    database.prepare(`delete from main.${table} where ${isOfLoad}`).run(place);
    database.exec(`insert into main.${table} (${names}) select ${names} from again.${table} order by _seq`);
    return { stagingTable, rows };
}
