import { watched } from '../process/statement-watch.ts';
import { createdObject } from '../sql/schema-object.ts';
import type { SqlStatement } from '../sql/statements.ts';
import type { Database } from '../sqlite/database.ts';
import { placeOf, runStatement } from '../sqlite/run-statement.ts';
import { refuseMuchInMemory } from '../sqlite/temporary-store.ts';
import { whileIndexing } from '../sqlite/while-indexing.ts';
import { foldAtOnce, isFirstFold } from './first-fold.ts';
import { computesAllRows, insertLimit } from './insert-limit.ts';
import type { PlannedModel } from './plan/decide.ts';

/**
 * Runs a statement of a model's file; the first fold of an unedited scaffold gets the same rows in a faster way, and an
 * insert of an upkeep that adds nothing is left out. Returns how many rows it changed itself.
 */
export function runModelStatement(database: Database, planned: PlannedModel, statement: SqlStatement): number {
    const { model, spec } = planned.followed;
    const isUpkeep = planned.upkeep !== undefined;
    const limit = isUpkeep ? watched(placeOf(model, statement), () => insertLimit(database, statement)) : null;
    if (limit === 0) {
        return 0;
    }
    if (limit !== null && computesAllRows(statement)) {
        refuseMuchInMemory(database);
    }
    const isFolded =
        spec !== null &&
        isFirstFold(database, planned, statement) &&
        watched(placeOf(model, statement), () => foldAtOnce(database, spec));
    if (isFolded) {
        return 0;
    }
    const run = (): number => runStatement(database, model, statement);
    return isIndexOfFilled(planned, statement) ? whileIndexing(database, run) : run();
}

function isIndexOfFilled({ action }: PlannedModel, statement: SqlStatement): boolean {
    return action === 'full' && statement.kind === 'create' && createdObject(statement.sql)?.type === 'index';
}
