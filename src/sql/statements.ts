import { EltError } from '../core/errors.ts';
import { excerpt, lineAndColumn } from './excerpt.ts';
import { kindOf, returnsRows, type StatementKind } from './statement-kind.ts';
import { isEndOfStatement, nextPhase, type StatementPhase } from './statement-phase.ts';
import { isTrivia, lineFeeds, nextToken, type SqlToken, wordOf } from './tokens.ts';

/** One statement of a SQL file. `text.slice(offset, offset + sql.length) === sql`. */
export interface SqlStatement {
    /** From its first token that is not a comment to its `;` (both included). */
    readonly sql: string;
    /** UTF-16 units from the start of the file. */
    readonly offset: number;
    /** 1-based line of the first token. */
    readonly line: number;
    readonly kind: StatementKind;
    /** It returns rows: a query, `explain`, `pragma`, or a change with `returning`. */
    readonly isQuery: boolean;
}

/**
 * The statements of a SQL file in order. Between them there are only white space, comments and bare semicolons.
 * A dot-command becomes a statement of kind `dot` (its whole line), which `refuseForbidden` reports.
 *
 * Throws `SQL_INCOMPLETE` if the file ends inside a string, a quoted name, a trigger or a statement, and for a block
 * comment that is never closed: SQLite lets it run to the end, but the statements after it would be lost.
 * Throws `SQL_STATEMENT` for a NUL character, at which SQLite would stop reading.
 */
export function splitStatements(text: string, file: string): readonly SqlStatement[] {
    refuseNul(text, file);
    const statements: SqlStatement[] = [];
    let tokens: SqlToken[] = [];
    let phase: StatementPhase = 'start';
    for (const token of tokensWithDotCommands(text)) {
        if (token.unclosed) {
            throw incomplete(text, file, token.offset, unclosedMessage(token));
        }
        if (isTrivia(token) || (tokens.length === 0 && token.kind === 'semicolon')) {
            continue;
        }
        tokens.push(token);
        phase = isDotCommand(token) ? 'done' : nextPhase(phase, token);
        if (isEndOfStatement(phase)) {
            statements.push(statementOf(text, tokens));
            tokens = [];
            phase = 'start';
        }
    }
    if (tokens.length > 0) {
        throw unfinished(text, file, tokens, phase);
    }
    return statements;
}

/**
 * The statement of a file that must contain one SELECT, and nothing that changes rows and returns them; `what` begins the
 * message: `a question is one SELECT`. @throws EltError SQL_STATEMENT
 */
export function singleSelect(statements: readonly SqlStatement[], file: string, what: string): SqlStatement {
    const [statement, second] = statements;
    if (statement === undefined || second !== undefined || !['select', 'values', 'with'].includes(statement.kind)) {
        throw new EltError({
            code: 'SQL_STATEMENT',
            message: `${what}, and "${file}" is not`,
            where: `${file}:${second?.line ?? statement?.line ?? 1}`,
            found: `${statements.length} statements`,
            next: 'leave one SELECT in the file',
        });
    }
    return statement;
}

/** Like `sqlTokens`, but a line that begins a statement with a dot is one token, whatever quotes it contains. */
function* tokensWithDotCommands(text: string): Generator<SqlToken> {
    let offset = 0;
    let line = 1;
    let isStart = true;
    while (offset < text.length) {
        const token =
            isStart && text.charAt(offset) === '.' ? dotCommandAt(text, offset, line) : nextToken(text, offset, line);
        yield token;
        if (token.kind === 'semicolon' || isDotCommand(token)) {
            isStart = true;
        } else if (!isTrivia(token)) {
            isStart = false;
        }
        offset += token.text.length;
        line += lineFeeds(token);
    }
}

function dotCommandAt(text: string, offset: number, line: number): SqlToken {
    const lineFeed = text.indexOf('\n', offset);
    const end = lineFeed === -1 ? text.length : lineFeed;
    return { kind: 'illegal', text: text.slice(offset, end), offset, line };
}

function isDotCommand(token: SqlToken): boolean {
    return token.kind === 'illegal' && token.text.startsWith('.');
}

function statementOf(text: string, tokens: readonly SqlToken[]): SqlStatement {
    const first = tokens[0] as SqlToken;
    const last = tokens.at(-1) as SqlToken;
    const kind = isDotCommand(first) ? 'dot' : kindOf(tokens);
    return {
        sql: text.slice(first.offset, last.offset + last.text.length),
        offset: first.offset,
        line: first.line,
        kind,
        isQuery: returnsRows(kind, tokens),
    };
}

function refuseNul(text: string, file: string): void {
    const offset = text.indexOf('\0');
    if (offset !== -1) {
        throw new EltError({
            code: 'SQL_STATEMENT',
            message: `"${file}" cannot be run: it contains a NUL character, at which SQLite stops reading`,
            where: placeOf(text, file, offset),
            found: excerpt(text, offset),
            next: 'remove the character; in a value write char(0)',
        });
    }
}

function unclosedMessage(token: SqlToken): string {
    const what =
        token.kind === 'comment'
            ? 'a comment'
            : token.text.startsWith("'") || /^x/i.test(token.text)
              ? 'a string'
              : 'a quoted name';
    return `inside ${what} that opens on line ${token.line}`;
}

function unfinished(text: string, file: string, tokens: readonly SqlToken[], phase: StatementPhase): EltError {
    const first = tokens[0] as SqlToken;
    const last = tokens.at(-1) as SqlToken;
    if (phase.startsWith('trigger')) {
        return incomplete(
            text,
            file,
            first.offset,
            `inside the trigger that begins on line ${first.line} (no \`end;\`)`,
        );
    }
    const firstWord = wordOf(first) ?? first.text;
    return incomplete(
        text,
        file,
        last.offset + last.text.length,
        `inside the statement "${firstWord} …" of line ${first.line} (no \`;\`)`,
    );
}

function incomplete(text: string, file: string, offset: number, inside: string): EltError {
    return new EltError({
        code: 'SQL_INCOMPLETE',
        message: `"${file}" ends ${inside}`,
        where: placeOf(text, file, offset),
        found: excerpt(text, offset),
        next: inside.includes('`;`') ? 'end every statement with a semicolon' : 'close it, or look for a stray quote',
    });
}

function placeOf(text: string, file: string, offset: number): string {
    const { line, column } = lineAndColumn(text, offset);
    return `${file}:${line}:${column}`;
}
