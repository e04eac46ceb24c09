import type { LoadRow } from '../ledger/loads.ts';
import { readModelReads } from '../ledger/model-state.ts';
import { type UnendedPlace, unendedPlace } from '../ledger/unended-place.ts';
import { quoteName } from '../sql/quote.ts';
import type { Database } from '../sqlite/database.ts';

/**
 * Takes back what a load has landed of a last row that was not ended: the source continued within it, so it never was a
 * row. This is the one place where rows leave staging. Models that have taken them in are filled from scratch by their
 * next run, and with them what reads those. In the caller's transaction, which lands the row as it is now.
 */
export function takeBack(database: Database, load: LoadRow): UnendedPlace {
    const place = unendedPlace(load) as UnendedPlace;
    const { staged, seq, kind: _, ...before } = place;
    const tables = database
        .prepare('select staging_table from elt_load_tables where load_id = ?')
        .pluck()
        .all(load.load_id) as string[];
    for (const table of tables) {
        const gone = database
            .prepare(`delete from ${quoteName(table)} where _seq > ? and _load = ?`)
            .run(seq, load.load_id).changes;
        if (gone > 0) {
            forgetIn(database, table, seq);
        }
        const { rows, checksum } = staged[table] ?? { rows: 0, checksum: 0 };
        database
            .prepare('update elt_load_tables set staged_rows = ?, checksum = ? where load_id = ? and staging_table = ?')
            .run(rows, checksum, load.load_id, table);
    }
    database
        .prepare("delete from elt_rejects where load_id = ? and first_byte >= ? and state = 'open'")
        .run(load.load_id, place.end_byte);
    database
        .prepare(
            `update elt_loads
            set end_byte = :end_byte, sha256 = :sha256, frame_state = :frame_state, records = :records,
                changes = :changes, rejected = :rejected, first_seq = :first_seq, last_seq = :last_seq, unended = null
            where load_id = :load_id`,
        )
        .run({ ...before, load_id: load.load_id });
    return place;
}

/** A model of which nothing is known may have read the table. */
function forgetIn(database: Database, stagingTable: string, seq: number): void {
    const reads = readModelReads(database) ?? new Map<string, readonly string[]>();
    const others = [...reads].filter(([, tables]) => !tables.includes(stagingTable)).map(([model]) => model);
    database
        .prepare(
            `update elt_watermarks set watermark = 0
            where watermark > ? and model not in (select value from json_each(?))`,
        )
        .run(seq, JSON.stringify(others));
}
