import { EltError, shorten } from '../core/errors.ts';
import type { StatementKind } from './statement-kind.ts';
import type { SqlStatement } from './statements.ts';

const TRANSACTION = 'a run is one transaction, and elt begins and commits it';
const OTHER_FILE = 'a run works on one database file only';

const REASONS: Partial<Record<StatementKind, string>> = {
    dot: 'dot-commands work only in the sqlite3 shell, and elt runs the file too',
    begin: TRANSACTION,
    commit: TRANSACTION,
    end: TRANSACTION,
    rollback: TRANSACTION,
    savepoint: TRANSACTION,
    release: TRANSACTION,
    attach: OTHER_FILE,
    detach: OTHER_FILE,
    pragma: 'elt decides how the database is opened, and some pragmas make it unsafe',
    vacuum: 'it cannot run inside a transaction, and a run is one',
};

/** Throws `SQL_FORBIDDEN` for the first statement that a SQL file must not contain, with its line and the reason. */
export function refuseForbidden(statements: readonly SqlStatement[], file: string): void {
    for (const statement of statements) {
        const reason = REASONS[statement.kind];
        if (reason !== undefined) {
            const firstWord = /^\S+/.exec(statement.sql)?.[0].replace(/;$/, '') ?? '';
            throw new EltError({
                code: 'SQL_FORBIDDEN',
                message: `"${file}" cannot be run: "${shorten(firstWord, 40)}" is not allowed in a SQL file, because ${reason}`,
                where: `${file}:${statement.line}`,
                found: shorten(statement.sql.split('\n', 1)[0] ?? '', 100),
                next: 'remove the statement',
            });
        }
    }
}
