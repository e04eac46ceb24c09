import { EltError, shorten } from '../../core/errors.ts';
import { excerpt, lineAndColumn } from '../excerpt.ts';
import type { SqlStatement } from '../statements.ts';
import { hintFor } from './hint-for.ts';
import { locateSqlError, type PrepareSql } from './locate.ts';

const CAUSE_CHARACTERS_MAX = 500;

interface SqlErrorFacts {
    /** The file's name as it is shown, `sql/…/file.sql`. */
    readonly file: string;
    /** The whole file. */
    readonly text: string;
    readonly statement: SqlStatement;
    /** What SQLite or the driver threw. */
    readonly error: unknown;
    /** Prepares a statement: SQLite's message if it refuses it, else null. */
    readonly prepare: PrepareSql;
    /** Tables, views and columns that exist; the nearest name is suggested. */
    readonly names?: readonly string[];
    /** What is committed, and whether running again is safe. */
    readonly state?: string;
}

/** The error `SQL_STATEMENT` for a statement that SQLite refused: where in the file, the lines around it, a hint. */
export function sqlError({ file, text, statement, error, prepare, names, state }: SqlErrorFacts): EltError {
    const message = error instanceof Error ? error.message : String(error);
    const offset = statement.offset + locateSqlError({ statement: statement.sql, message, prepare });
    const { line, column } = lineAndColumn(text, offset);
    const found = shorten(message.replaceAll('\n', ' '));
    const isWhole = found === message;
    return new EltError({
        code: 'SQL_STATEMENT',
        message: `SQLite refuses a statement of "${file}"`,
        where: `${file}:${line}:${column}`,
        found: `${found}\n${excerpt(text, offset)}`,
        state,
        next: hintFor(message, statement.sql, names),
        // `found` has SQLite's words already, unless they are long. A whole token is repeated in them: it can be megabytes.
        cause: isWhole ? undefined : shorten(message, CAUSE_CHARACTERS_MAX),
    });
}
