import { outerLimit } from '../sql/outer-limit.ts';
import type { SqlStatement } from '../sql/statements.ts';
import type { Database } from '../sqlite/database.ts';
import { prepared } from '../sqlite/kept-statements.ts';

/**
 * The limit of an insert of a mart's upkeep, as it is now: 0 where it would add no row. SQLite asks for a limit only after
 * it has filled the common table expressions that it keeps: a first fill would compute these in every run. Null: no limit.
 */
export function insertLimit(database: Database, { kind, sql }: SqlStatement): number | null {
    const limit = kind === 'insert' && sql.includes('\nlimit ') ? outerLimit(sql) : undefined;
    if (limit === undefined) {
        return null;
    }
    try {
        return Number(prepared(database, `select ${limit}`).pluck().get());
    } catch {
        // The statement itself is refused then, with its place.
        return null;
    }
}

/** Whether it computes all rows of a mart, once its limit is not 0. */
export function computesAllRows({ sql }: SqlStatement): boolean {
    return /\nlimit coalesce\(\(select rows_max from /.test(sql);
}
