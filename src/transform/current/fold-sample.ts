import { readCatalogue } from '../../ledger/catalogue.ts';
import { type Database, inTransaction } from '../../sqlite/database.ts';
import { sqliteCode } from '../../sqlite/database-error.ts';
import { currentSql } from './current-sql.ts';
import { streamSpec } from './new-spec.ts';
import { readKeyFacts } from './read-key-facts.ts';

/**
 * Folds every relation of a sample database, in which no model runs, as `elt scaffold` would write it: the folds count
 * what a stream lacks (`lackingRelations`). A relation whose key cannot be followed is left out.
 */
export function foldSample(database: Database): void {
    const facts = readKeyFacts(database);
    for (const relation of readCatalogue(database)) {
        const spec = streamSpec(relation, facts(relation.stagingTable));
        if (spec !== undefined) {
            foldOrLeave(database, currentSql(spec));
        }
    }
}

function foldOrLeave(database: Database, sql: string): void {
    try {
        inTransaction(database, () => database.exec(sql));
    } catch (error) {
        // A trigger of the fold has stopped it.
        if (sqliteCode(error) !== 'SQLITE_CONSTRAINT_TRIGGER') {
            throw error;
        }
    }
}
