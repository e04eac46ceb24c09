import { EltError, type ErrorFacts } from '../core/errors.ts';
import { type RunningStatement, watched } from '../process/statement-watch.ts';
import { sqlError } from '../sql/error/sql-error.ts';
import type { SqlStatement } from '../sql/statements.ts';
import type { Database } from './database.ts';
import { databaseError, sqliteCode } from './database-error.ts';
import { prepared } from './kept-statements.ts';

/** The SQL file that is being run, for errors. */
export interface RunningFile {
    /** As the reader knows it, `sql/…/file.sql`. */
    readonly file: string;
    readonly text: string;
    /** What is committed if it fails; the default is that of a run of models. */
    readonly state?: string;
}

const NOTHING_PUBLISHED = 'nothing was published: readers see what they saw before';

/** The facts about a statement that an error of it names. */
export function placeOf({ file, state }: RunningFile, statement: SqlStatement): RunningStatement {
    return { where: `${file}:${statement.line}`, state: state ?? NOTHING_PUBLISHED };
}

/** Result codes that concern the disk, the lock or the file, and not the statement. */
const NOT_THE_STATEMENT = /^SQLITE_(BUSY|LOCKED|FULL|READONLY|CANTOPEN|PERM|CORRUPT|NOTADB|IOERR|NOLFS|NOMEM)/;

/**
 * Runs one statement of a file; the rows of a query are discarded.
 * Returns how many rows it changed itself. Throws `SQL_STATEMENT` with the place in the file.
 */
export function runStatement(database: Database, running: RunningFile, statement: SqlStatement): number {
    return watched(placeOf(running, statement), () => runUnwatched(database, running, statement));
}

function runUnwatched(database: Database, running: RunningFile, statement: SqlStatement): number {
    try {
        const ready = prepared(database, statement.sql);
        if (!ready.reader) {
            return ready.run().changes;
        }
        for (const _ of ready.raw().iterate()) {
            // Stepped for its side effects; the rows are discarded.
        }
        return 0;
    } catch (error) {
        throw statementError(database, running, statement, error);
    }
}

/** SQLite refused a statement of a file; `lower` is its own error, for callers that read it. */
export class RefusedStatement extends EltError {
    readonly lower: unknown;

    constructor(facts: ErrorFacts, lower: unknown) {
        super(facts);
        this.lower = lower;
    }
}

/** The error of `elt` for SQLite's error about a statement of a file. */
export function statementError(
    database: Database,
    running: RunningFile,
    statement: SqlStatement,
    error: unknown,
): unknown {
    const { where, state } = placeOf(running, statement);
    if (error instanceof EltError || NOT_THE_STATEMENT.test(sqliteCode(error))) {
        const known = databaseError(error, database.name);
        return known instanceof EltError ? known.withMissing({ where }) : known;
    }
    const { file, text } = running;
    const refused = sqlError({
        file,
        text,
        statement,
        error,
        prepare: (sql) => {
            try {
                database.prepare(sql);
                return null;
            } catch (probe) {
                return probe instanceof Error ? probe.message : String(probe);
            }
        },
        names: schemaNames(database),
        state,
    });
    const next = 'correct the statement, then run the same command again';
    return new RefusedStatement(refused.withMissing({ next }).facts, error);
}

/** Names of every table, view and column, for the nearest name in an error. */
function schemaNames(database: Database): string[] {
    return database
        .prepare(
            `select name from sqlite_schema where type in ('table', 'view')
            union
            select information.name
            from sqlite_schema as object
            join pragma_table_info(object.name) as information
            where object.type = 'table'`,
        )
        .pluck()
        .all() as string[];
}
