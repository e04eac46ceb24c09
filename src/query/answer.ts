import { EltError } from '../core/errors.ts';
import { didYouMeanOrList } from '../core/nearest-name.ts';
import { watchedRows } from '../process/statement-watch.ts';
import type { Database } from '../sqlite/database.ts';
import { unnamedReads, unnamedText } from '../sqlite/refuse-unnamed.ts';
import { placeOf, statementError } from '../sqlite/run-statement.ts';
import type { Question } from './question.ts';
import { type ParameterValue, parameterValue } from './question-parameter.ts';
import { columnTwice, columnTwiceText, shownColumns } from './shown-columns.ts';

/** The answer to a question: its columns and an iterator over its rows, in order. */
export interface Answer {
    readonly columns: readonly string[];
    /** Integers beyond 2^53 are bigints, other numbers are numbers. */
    readonly rows: Iterable<readonly unknown[]>;
}

/**
 * The values to bind, by name, for the parameters that were given.
 * @throws EltError COMMAND_WRONG for a parameter that is missing, unknown or not of its type.
 */
export function bindParameters(
    question: Question,
    given: ReadonlyMap<string, string>,
): Readonly<Record<string, ParameterValue>> {
    const names = question.parameters.map((parameter) => parameter.name);
    for (const name of given.keys()) {
        if (!names.includes(name)) {
            throw new EltError({
                code: 'COMMAND_WRONG',
                message: `question "${question.name}" has no parameter "${name}"`,
                where: question.file,
                found: didYouMeanOrList(name, names, 'parameters'),
                next: 'correct the name',
            });
        }
    }
    return Object.fromEntries(
        question.parameters.map((parameter) => {
            try {
                return [parameter.name, parameterValue(parameter, given.get(parameter.name))];
            } catch (error) {
                throw error instanceof EltError
                    ? error.withMissing({ where: `${question.file}:${parameter.line}` })
                    : error;
            }
        }),
    );
}

/** Runs the question; the database may be read-only. @throws EltError SQL_STATEMENT with the place in the file. */
export function answer(
    database: Database,
    question: Question,
    values: Readonly<Record<string, ParameterValue>>,
): Answer {
    try {
        const statement = database.prepare(question.statement.sql).raw().safeIntegers();
        const unnamed = unnamedReads(database, question.statement.sql, question.reads);
        if (unnamed.length > 0) {
            throw unnamedError(question.file, unnamedText(unnamed));
        }
        const names = statement.columns().map((column) => column.name);
        const twice = columnTwice(names);
        if (twice !== undefined) {
            throw columnTwiceError(question.file, columnTwiceText(twice));
        }
        const columns = names.slice(0, shownColumns(names));
        const rows = statement.iterate(values) as Iterable<unknown[]>;
        return { columns, rows: rowsOf(database, question, rows, columns.length) };
    } catch (error) {
        throw statementError(database, question, question.statement, error);
    }
}

/** `what`: as `columnTwiceText` says it. */
export function columnTwiceError(file: string, what: string): EltError {
    return new EltError({
        code: 'SQL_STATEMENT',
        message: `"${file}" cannot be asked: ${what}`,
        where: file,
        next: 'give each column a name of its own: "… as name"',
    });
}

/** `what`: as `unnamedText` says it. */
export function unnamedError(file: string, what: string): EltError {
    return new EltError({
        code: 'SQL_FORBIDDEN',
        message: `"${file}" cannot be asked: ${what}`,
        where: file,
        next: 'name it in the head, like "-- reads: elt_models", if everybody who asks may see it',
    });
}

function* rowsOf(
    database: Database,
    question: Question,
    rows: Iterable<unknown[]>,
    shown: number,
): Generator<readonly unknown[]> {
    try {
        const place = placeOf({ ...question, state: 'nothing was changed: a question only reads' }, question.statement);
        for (const row of watchedRows(place, rows)) {
            yield row
                .slice(0, shown)
                .map((value) =>
                    typeof value === 'bigint' && Number.isSafeInteger(Number(value)) ? Number(value) : value,
                );
        }
    } catch (error) {
        throw statementError(database, question, question.statement, error);
    }
}
