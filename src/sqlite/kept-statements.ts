import type { Database, Statement } from './database.ts';

/**
 * Statements that a process runs again and again, prepared once for each database. One that is prepared anew each time
 * is given back to SQLite only when the event loop turns: in a loop that follows a source they pile up.
 */
const statements = new WeakMap<Database, Map<string, Statement>>();
const keeping = new WeakSet<Database>();

/** `mode`: how the caller sets the statement, if the same text is run in several ways. */
export function kept(database: Database, sql: string, mode = ''): Statement {
    let ofDatabase = statements.get(database);
    if (ofDatabase === undefined) {
        ofDatabase = new Map();
        statements.set(database, ofDatabase);
    }
    const key = `${mode}:${sql}`;
    let statement = ofDatabase.get(key);
    if (statement === undefined) {
        statement = database.prepare(sql);
        ofDatabase.set(key, statement);
    }
    return statement;
}

/** How many statements are kept: whatever detaches a file has them compiled anew. */
export function keptCount(database: Database): number {
    return statements.get(database)?.size ?? 0;
}

/** From now on `prepared` keeps what it prepares for this database: the same will be asked for again. */
export function keepStatements(database: Database): void {
    keeping.add(database);
}

/** A statement that is kept if the database's statements are, else prepared for this one time. */
export function prepared(database: Database, sql: string, mode = ''): Statement {
    return keeping.has(database) ? kept(database, sql, mode) : database.prepare(sql);
}
