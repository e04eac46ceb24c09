import { join } from 'node:path';
import { EltError } from '../core/errors.ts';
import { didYouMeanOrList } from '../core/nearest-name.ts';
import { type HeaderEntry, type HeaderKey, headError, parseHeader, valueInWrongHead } from '../project/file-head.ts';
import { readSqlFile, sqlFileNames } from '../project/sql-files.ts';
import { refuseForbidden } from '../sql/refuse-forbidden.ts';
import { type SqlStatement, singleSelect, splitStatements } from '../sql/statements.ts';
import { significantTokens } from '../sql/tokens.ts';
import { QUESTION_KEYS, type QuestionHead, questionHead } from './question-head.ts';
import type { QuestionParameter } from './question-parameter.ts';
import { parseRoute, type QuestionRoute } from './question-route.ts';
import { hasReadableHead, withoutExcerpt } from './readable-head.ts';

/** A question that a pipeline answers: one SELECT with `:parameters`, in `sql/<pipeline>/api/<name>.sql`. */
export interface Question extends QuestionHead {
    readonly name: string;
    /** The file's name as it is shown, `sql/game/api/user_stats.sql`. */
    readonly file: string;
    readonly text: string;
    readonly statement: SqlStatement;
}

/** Names of the questions of a pipeline, in order. */
export function questionNames(sqlFolder: string, pipeline: string): readonly string[] {
    return sqlFileNames(join(sqlFolder, pipeline, 'api')).map((name) => name.slice(0, -'.sql'.length));
}

/** @throws EltError MODEL_UNKNOWN, with the nearest name; SQL_HEADER, SQL_STATEMENT for a wrong file. */
export function readQuestion(sqlFolder: string, pipeline: string, name: string): Question {
    const names = questionNames(sqlFolder, pipeline);
    if (!names.includes(name)) {
        throw new EltError({
            code: 'MODEL_UNKNOWN',
            message: `pipeline "${pipeline}" has no question "${name}"`,
            where: `sql/${pipeline}/api/`,
            found: didYouMeanOrList(name, names, 'questions'),
            next: 'name one of them, or another pipeline with --pipeline',
        });
    }
    return readQuestionFile(sqlFolder, pipeline, name);
}

/** The same for the name of a file that exists. */
export function readQuestionFile(sqlFolder: string, pipeline: string, name: string): Question {
    const { file, text } = readSqlFile(sqlFolder, pipeline, `api/${name}.sql`);
    return questionOf(name, file, text);
}

/** The route that a file names whose text is wrong elsewhere; null if it names none that can be served. */
export function routeOfWrongFile(sqlFolder: string, pipeline: string, name: string): QuestionRoute | null {
    try {
        const { file, text } = readSqlFile(sqlFolder, pipeline, `api/${name}.sql`);
        const route = valueInWrongHead(text, 'route');
        return route === undefined ? null : parseRoute(route.value, file, route.line);
    } catch {
        // Why the file cannot be read is known already.
        return null;
    }
}

/** Parses a question; `file` is its name as it is shown. */
export function questionOf(name: string, file: string, text: string): Question {
    return questionWithKeys(name, file, text, []).question;
}

/** The same for a file whose head may contain `more` keys; their entries are returned with the question. */
export function questionWithKeys(
    name: string,
    file: string,
    text: string,
    more: readonly HeaderKey[],
): { readonly question: Question; readonly entries: readonly HeaderEntry[] } {
    try {
        return parsed(name, file, text, more);
    } catch (error) {
        throw error instanceof EltError && !hasReadableHead(text) ? withoutExcerpt(error, file) : error;
    }
}

function parsed(
    name: string,
    file: string,
    text: string,
    more: readonly HeaderKey[],
): ReturnType<typeof questionWithKeys> {
    const entries = parseHeader(text, file, [...QUESTION_KEYS, ...more]);
    const statements = splitStatements(text, file);
    refuseForbidden(statements, file);
    const statement = singleSelect(statements, file, 'a question is one SELECT');
    const head = questionHead(entries, file);
    refuseUndeclared(statement, head.parameters, file);
    return { question: { name, file, text, statement, ...head }, entries };
}

/** The head and the SQL must name the same parameters: SQLite treats one that is never bound as null. */
function refuseUndeclared(statement: SqlStatement, parameters: readonly QuestionParameter[], file: string): void {
    const used = new Map<string, number>();
    for (const token of significantTokens(statement.sql)) {
        if (token.kind === 'variable') {
            used.set(token.text, statement.line + token.line - 1);
        }
    }
    const declared = new Set(parameters.map((parameter) => `:${parameter.name}`));
    for (const [variable, line] of used) {
        if (!declared.has(variable)) {
            throw wrongHead(file, line, `uses "${variable}", which its head does not declare`, variable);
        }
    }
    for (const { name, line } of parameters) {
        if (!used.has(`:${name}`)) {
            throw wrongHead(file, line, `declares "${name}", which its SELECT does not use`, name);
        }
        if (parameters.filter((other) => other.name === name).length > 1) {
            throw wrongHead(file, line, `declares "${name}" twice`, name);
        }
    }
}

function wrongHead(file: string, line: number, what: string, found: string): EltError {
    return headError(file, line, {
        message: `"${file}" ${what}`,
        found: `${found}; expected a line "-- param: name type" for each :name`,
        next: 'correct the head or the SELECT',
    });
}
