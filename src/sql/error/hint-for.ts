import { didYouMean } from '../../core/nearest-name.ts';
import { namesIn } from '../regions.ts';
import { newerThan340 } from '../shell-subset.ts';
import { type SqlToken, significantTokens, wordOf } from '../tokens.ts';
import { postgresHabit } from './postgres-habits.ts';

interface Failure {
    readonly statement: string;
    readonly tokens: readonly SqlToken[];
    /** Tables, views and columns that exist; the nearest name is suggested. */
    readonly names: readonly string[];
}

type Hint = (failure: Failure, name: string, second: string) => string | undefined;

/**
 * One sentence on how to fix what SQLite's `message` says about `statement`; undefined if nothing is known about it.
 * `names` are the tables, views and columns that exist.
 */
export function hintFor(message: string, statement: string, names: readonly string[] = []): string | undefined {
    const failure = { statement, tokens: significantTokens(statement), names };
    const habit = postgresHabit(message, failure.tokens);
    if (habit !== undefined) {
        return habit;
    }
    for (const [pattern, hint] of HINTS) {
        const match = pattern.exec(message);
        const sentence = match === null ? undefined : hint(failure, match[1] ?? '', match[2] ?? '');
        if (sentence !== undefined) {
            return sentence;
        }
    }
    return undefined;
}

const HINTS: readonly (readonly [RegExp, Hint])[] = [
    [/^near "do": syntax error$/i, upsertNeedsWhere],
    [/^near "([\s\S]*)": syntax error$/, syntaxError],
    [/^unrecognized token: "([\s\S]*)"$/, unrecognizedToken],
    [/^no such column: "([\s\S]*)" - should this be a string literal/, doubleQuoted],
    [/^no such column: ([\s\S]*)$/, unknownName],
    [/^no such table: ([\s\S]*)$/, unknownTable],
    [/^table (\S+) has no column named ([\s\S]*)$/, (failure, _, name) => unknownName(failure, name)],
    [/^no such function: ([\s\S]*)$/, unknownFunction],
    [/^ambiguous column name: ([\s\S]*)$/, (_, name) => `name the table of the column: \`<table>.${name}\``],
    [
        /^malformed JSON$/,
        () => 'a value that is not JSON was read as JSON: guard it with `case when json_valid(doc) then … end`',
    ],
    [/^(?:bad JSON path|JSON path error near)/, () => "a path begins with `$`: `doc ->> '$.key'`"],
    [/^(?:Missing named parameter|Too few parameter values)/i, unboundParameter],
    [/^cannot store (\w+) value in (\w+) column (\S+)$/, strictType],
    [/^UNIQUE constraint failed: ([\s\S]*)$/, uniqueKey],
    [
        /^NOT NULL constraint failed: ([\s\S]*)$/,
        (_, column) => `a row has null in "${column}": leave such rows out, or supply a value (coalesce)`,
    ],
    [
        /^CHECK constraint failed: ([\s\S]*)$/,
        () => 'a row violates a check of its table: select the rows for which the check is false',
    ],
    [
        /^FOREIGN KEY constraint failed/,
        () => 'a row references one that does not exist (any more): write the tables in the order of their references',
    ],
    [/^table (\S+) has (\d+) columns but/, (_, table) => `name the columns: \`insert into ${table} (a, b, …) …\``],
    [/^\d+ values for \d+ columns$/, () => 'the list of columns and the list of values must have the same length'],
    [
        /^misuse of aggregate/,
        () => 'an aggregate cannot be used in `where` or in another aggregate: use `having`, or compute it in a CTE',
    ],
    [
        /^misuse of window function/,
        () => 'a window function cannot be used in `where`: compute it in a CTE and filter after it',
    ],
    [
        /^ON CONFLICT clause does not match/,
        () => 'the columns after `on conflict` must be exactly those of a primary key or of a unique index',
    ],
    [
        /^(table|view|index|trigger) (\S+) already exists$/,
        (_, kind, name) =>
            `a file must be able to run again: write \`drop ${kind} if exists ${name};\` before it, or \`create ${kind} if not exists\``,
    ],
    [
        /^cannot modify (\S+) because it is a view$/,
        (_, name) => `"${name}" is a view without an INSTEAD OF trigger for this: write to its table`,
    ],
    [
        /^Expression tree is too large/,
        () => 'compare rows instead of columns: `(a, b, …) is distinct from (excluded.a, excluded.b, …)`',
    ],
    [/^string or blob too big$/, () => 'one value is larger than SQLite allows (1,000,000,000 bytes)'],
    [
        /^interrupted$/,
        () =>
            'the statement ran longer than the time limit: look for a recursive query without an end, or a join without a condition',
    ],
];

function upsertNeedsWhere({ tokens }: Failure): string | undefined {
    const hasSelect = tokens.some((token) => wordOf(token) === 'select');
    const hasConflict = tokens.some((token) => wordOf(token) === 'conflict');
    return hasSelect && hasConflict
        ? 'write `where true` before `on conflict`: after a select without `where`, SQLite reads `on` as a join condition'
        : undefined;
}

const STATEMENT_WORDS = new Set(['select', 'insert', 'update', 'delete', 'create', 'drop', 'alter', 'with', 'replace']);

function syntaxError({ tokens, statement }: Failure, text: string): string | undefined {
    const newer = newerThan340(tokens).find((found) => found.name.includes(text));
    if (newer !== undefined) {
        return newer.message;
    }
    if (/^\$?\{|^\{/.test(text)) {
        return 'SQL files are plain SQL: there is no templating';
    }
    const at = tokens.findIndex((token, index) => index > 0 && token.text === text);
    const before = tokens[at - 1];
    if (STATEMENT_WORDS.has(text.toLowerCase()) && before !== undefined && startsLine(statement, tokens[at])) {
        return 'the statement before it may lack its `;`';
    }
    const isAfterComma = before?.text === ',';
    return isAfterComma && /^(?:from|where|\))$/i.test(text)
        ? `remove the comma before "${text}"`
        : missingComma(tokens, text);
}

const NOT_A_COLUMN = /^(?:select|from|where|by|and|or|on|join|as|when|then|else|case|having|set|with|not|in|is)$/i;

/** Two columns without a comma between them: the second is read as the alias of the first, and what follows it fails. */
function missingComma(tokens: readonly SqlToken[], text: string): string | undefined {
    const isName = (token: SqlToken | undefined): boolean => token?.kind === 'word' || token?.kind === 'identifier';
    for (const [index, token] of tokens.entries()) {
        const [first, second] = [tokens[index - 2], tokens[index - 1]];
        const endsColumn = isName(first) || first?.text === ')' || first?.kind === 'number' || first?.kind === 'string';
        if (token.text === text && (text === '.' || isName(token)) && endsColumn && isName(second)) {
            if (!NOT_A_COLUMN.test(first?.text ?? '') && !NOT_A_COLUMN.test(second?.text ?? '')) {
                return `perhaps a comma is missing after "${first?.text}"`;
            }
        }
    }
    return undefined;
}

function startsLine(statement: string, token: SqlToken | undefined): boolean {
    return (
        token !== undefined && /(?:^|\n)[ \t]*$/.test(statement.slice(Math.max(0, token.offset - 200), token.offset))
    );
}

function unrecognizedToken(_: Failure, text: string): string | undefined {
    if (/^['"`[]/.test(text)) {
        return 'a quote is not closed; inside a string a quote is written twice';
    }
    return /^[{}\\]/.test(text) ? 'SQL files are plain SQL: there is no templating and no backslash escape' : undefined;
}

function doubleQuoted({ names }: Failure, name: string): string {
    const guess = didYouMean(name, names);
    const orColumn = guess === undefined ? '' : `, or ${guess}`;
    return `double quotes are only for names: write '${name.replaceAll("'", "''")}' for a string${orColumn}`;
}

function unknownName({ tokens, names }: Failure, name: string): string | undefined {
    const own = name.split('.').at(-1) ?? name;
    const isWritten = namesIn(tokens).some((found) => found.name.split('.').includes(own.toLowerCase()));
    if (!isWritten) {
        return `"${name}" is not in this statement: a view or a trigger that it uses names it`;
    }
    const qualifier = name.split('.').at(-2);
    const isKnown = names.some((candidate) => candidate.toLowerCase() === own.toLowerCase());
    // In `evnt.amount` the table is wrong if a column "amount" exists.
    const wrong = isKnown && qualifier !== undefined ? qualifier : own;
    return didYouMean(wrong, others(names, wrong));
}

/** The names without the one that was refused, compared without case. */
function others(names: readonly string[], name: string): readonly string[] {
    return names.filter((candidate) => candidate.toLowerCase() !== name.toLowerCase());
}

function unknownTable(failure: Failure, name: string): string | undefined {
    const own = name.split('.').at(-1) ?? name;
    const staging = own.toLowerCase().replace(/^current_/, 'stg_');
    if (staging !== own.toLowerCase() && failure.names.some((known) => known.toLowerCase() === staging)) {
        return `"elt scaffold --all" writes the file that fills "${own}" from what has landed in "${staging}"`;
    }
    const guess = unknownName(failure, name);
    if (guess?.startsWith('did')) {
        return guess;
    }
    const isStaging = own.toLowerCase().startsWith('stg_');
    return isStaging ? `nothing has landed in "${own}" yet: load a source that contains that table first` : guess;
}

function unknownFunction({ tokens }: Failure, name: string): string | undefined {
    if (/^(?:nvl|isnull)$/i.test(name)) {
        return 'write coalesce(…)';
    }
    if (/^(?:regexp|decimal\w*|sha3\w*|readfile|writefile|edit)$/i.test(name)) {
        return `"${name}" exists only in the sqlite3 shell, not in elt`;
    }
    return newerThan340(tokens).find((found) => found.name === name.toLowerCase())?.message;
}

function unboundParameter({ tokens }: Failure): string {
    const name = tokens.find((token) => token.kind === 'variable')?.text ?? '?';
    return `"${name}" has no value here (the sqlite3 shell would use null): declare it in the head, or write the value`;
}

function strictType(_: Failure, found: string, declared: string): string {
    return `the table is STRICT: cast the ${found.toLowerCase()} value, or declare the column ${found} instead of ${declared}`;
}

function uniqueKey(_: Failure, columns: string): string {
    return `two rows have the same (${columns.replaceAll(/[^,.\s][^,.]*\./g, '')}): add \`on conflict (…) do update\`, or select one row per key first`;
}
