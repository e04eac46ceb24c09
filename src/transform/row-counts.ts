import { quoteName } from '../sql/quote.ts';
import type { Database } from '../sqlite/database.ts';
import { rowCount, tableExists } from '../sqlite/read-tables.ts';

/** How a run changed the rows of a model's table. */
export interface RowCounts {
    readonly inserted: number;
    readonly updated: number;
    readonly deleted: number;
    /** Rows that were computed again and did not change. */
    readonly unchanged: number;
}

export const NO_ROWS: RowCounts = { inserted: 0, updated: 0, deleted: 0, unchanged: 0 };

const EVENTS = ['insert', 'update', 'delete'] as const;

/**
 * Counts the changes that `work` makes to a table, by temporary triggers: an upsert reports only how many rows it
 * touched, and an insert into a view with triggers reports nothing.
 */
export function countRows(database: Database, table: string, work: () => void): RowCounts {
    if (!tableExists(database, table)) {
        work();
        return { ...NO_ROWS, inserted: tableRows(database, table) };
    }
    database.exec(`create temp table if not exists elt_counts (event text primary key, events integer)`);
    database.exec('delete from temp.elt_counts');
    for (const event of EVENTS) {
        database.exec(`insert into temp.elt_counts values ('${event}', 0);
            create temp trigger elt_count_${event} after ${event} on main.${quoteName(table)}
            begin
                update elt_counts set events = events + 1 where event = '${event}';
            end`);
    }
    work();
    const counts = new Map(
        database.prepare('select event, events from temp.elt_counts').raw().all() as [string, number][],
    );
    for (const event of EVENTS) {
        database.exec(`drop trigger if exists temp.elt_count_${event}`);
    }
    return {
        inserted: counts.get('insert') ?? 0,
        updated: counts.get('update') ?? 0,
        deleted: counts.get('delete') ?? 0,
        unchanged: 0,
    };
}

/** Number of rows; 0 if the table does not exist. */
export function tableRows(database: Database, table: string): number {
    return tableExists(database, table) ? rowCount(database, table) : 0;
}
