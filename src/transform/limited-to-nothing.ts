import { outerLimit } from '../sql/outer-limit.ts';
import type { SqlStatement } from '../sql/statements.ts';
import type { Database } from '../sqlite/database.ts';
import { prepared } from '../sqlite/kept-statements.ts';

/**
 * Whether an insert of a mart's upkeep would add no row because its limit is 0 now. SQLite asks for a limit only after it
 * has filled the common table expressions that it keeps: a first fill would compute these in every run.
 */
export function isLimitedToNothing(database: Database, { kind, sql }: SqlStatement): boolean {
    const limit = kind === 'insert' && sql.includes('\nlimit ') ? outerLimit(sql) : undefined;
    if (limit === undefined) {
        return false;
    }
    try {
        return Number(prepared(database, `select ${limit}`).pluck().get()) === 0;
    } catch {
        // The statement itself is refused then, with its place.
        return false;
    }
}
