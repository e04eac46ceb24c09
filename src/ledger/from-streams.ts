import type { Database } from '../sqlite/database.ts';

/**
 * Staging tables that a change stream has filled. Loads of declared sources (CSV, JSON) have a `kind` in their frame
 * state.
 */
export const FROM_STREAMS = `
    select staging_table
    from elt_load_tables
    join elt_loads using (load_id)
    where staged_rows > 0 and json_extract(frame_state, '$.kind') is null`;

export function isFromStream(database: Database, stagingTable: string): boolean {
    return database.prepare(`${FROM_STREAMS} and staging_table = ? limit 1`).get(stagingTable) !== undefined;
}
