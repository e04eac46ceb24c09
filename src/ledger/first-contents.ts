import { quoteName } from '../sql/quote.ts';
import { relationText } from '../sql/relation-name.ts';
import type { Database } from '../sqlite/database.ts';
import { prepared } from '../sqlite/kept-statements.ts';

/** A relation of which rows are missing: the stream updates or deletes rows that it never contained. */
export interface LackingRelation {
    /** As PostgreSQL spells it: `shop.orders`. */
    readonly relation: string;
    /** Updates and deletes that named a row which has not come. */
    readonly changes: number;
    /** The `_seq` of the first of them. */
    readonly seq: number;
}

/** How such rows come. */
export const FIRST_CONTENTS =
    'bring its first contents (docs/first-contents.md), or follow the server with "elt follow"';

/** The relations that lack their first contents, as far as the folds of their current tables have met it. */
export function lackingRelations(database: Database): readonly LackingRelation[] {
    const rows = prepared(
        database,
        `select schema_name as schema, table_name as name, staging_table as staging, rowless as changes, rowless_seq as seq
        from elt_watermarks
        join elt_relations on 'current_' || substr(staging_table, 5) = model
        where rowless > 0
        order by schema_name, table_name`,
    ).all() as { schema: string; name: string; staging: string; changes: number; seq: number }[];
    return rows
        .filter(({ staging, seq }) => !isTombstone(database, staging, seq))
        .map(({ schema, name, changes, seq }) => ({ relation: relationText(schema, name), changes, seq }));
}

/**
 * A topic that is compacted keeps the tombstone of a key without its rows, so one that names no row is usual there. All
 * other messages of such a topic bring whole rows. In messages that are changes of transactions a delete has its `_xid`.
 */
function isTombstone(database: Database, stagingTable: string, seq: number): boolean {
    const found = prepared(
        database,
        `select 1
        from ${quoteName(stagingTable)} as staged
        join elt_loads on load_id = staged._load
        where staged._seq = ? and staged._op = 'delete' and staged._xid is null
            and json_extract(frame_state, '$.kind') = 'topic'`,
    ).get(seq);
    return found !== undefined;
}

/** A line that says so, and what to do. */
export function lackingLine(one: LackingRelation): string {
    return `${one.relation}: ${lackingText(one)}; ${FIRST_CONTENTS}`;
}

/** `3 updates and deletes named rows that never came, the first at _seq 12`. */
export function lackingText({ changes, seq }: LackingRelation): string {
    return changes === 1
        ? `an update or delete named a row that never came, at _seq ${seq}`
        : `${changes} updates and deletes named rows that never came, the first at _seq ${seq}`;
}
