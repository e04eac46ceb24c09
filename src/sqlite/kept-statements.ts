import type { Database, Statement } from './database.ts';

/**
 * Statements that a process runs repeatedly, prepared once for each database. One that is prepared again each time
 * is only given back to SQLite when the event loop turns: in a loop that follows a source they pile up.
 */
const statements = new WeakMap<Database, Map<string, Statement>>();

export function kept(database: Database, sql: string): Statement {
    let ofDatabase = statements.get(database);
    if (ofDatabase === undefined) {
        ofDatabase = new Map();
        statements.set(database, ofDatabase);
    }
    let statement = ofDatabase.get(sql);
    if (statement === undefined) {
        statement = database.prepare(sql);
        ofDatabase.set(sql, statement);
    }
    return statement;
}
