import { nearestName } from '../../core/errors.ts';
import { namesIn } from '../regions.ts';
import { newerThan340 } from '../shell-subset.ts';
import { type SqlToken, significantTokens, wordOf } from '../tokens.ts';

interface Failure {
    readonly statement: string;
    readonly tokens: readonly SqlToken[];
    /** Tables, views and columns that exist, for the nearest name. */
    readonly names: readonly string[];
}

type Hint = (failure: Failure, name: string, second: string) => string | undefined;

/**
 * One sentence on how to mend what SQLite's `message` says about `statement`; undefined where nothing is known.
 * `names` are the tables, views and columns that exist.
 */
export function hintFor(message: string, statement: string, names: readonly string[] = []): string | undefined {
    const failure = { statement, tokens: significantTokens(statement), names };
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
    [/^ambiguous column name: ([\s\S]*)$/, (_, name) => `Say whose column it is: \`<table>.${name}\`.`],
    [
        /^malformed JSON$/,
        () => 'A value that is not JSON was read as JSON: guard it, `case when json_valid(doc) then … end`.',
    ],
    [/^(?:bad JSON path|JSON path error near)/, () => "A path begins with `$`: `doc ->> '$.key'`."],
    [/^(?:Missing named parameter|Too few parameter values)/i, unboundParameter],
    [/^cannot store (\w+) value in (\w+) column (\S+)$/, strictType],
    [/^UNIQUE constraint failed: ([\s\S]*)$/, uniqueKey],
    [
        /^NOT NULL constraint failed: ([\s\S]*)$/,
        (_, column) => `A row has null in "${column}": leave such rows out, or give a value (coalesce).`,
    ],
    [
        /^CHECK constraint failed: ([\s\S]*)$/,
        () => 'A row breaks the check of its table: select the rows for which it is false.',
    ],
    [
        /^FOREIGN KEY constraint failed/,
        () =>
            'A row refers to one that is not there (or no longer): write the tables in the order of their references.',
    ],
    [/^table (\S+) has (\d+) columns but/, (_, table) => `Name the columns: \`insert into ${table} (a, b, …) …\`.`],
    [/^\d+ values for \d+ columns$/, () => 'The list of columns and the values must be equally long.'],
    [
        /^misuse of aggregate/,
        () => 'An aggregate cannot stand in `where` or in another aggregate: use `having`, or a CTE before it.',
    ],
    [
        /^misuse of window function/,
        () => 'A window function cannot stand in `where`: compute it in a CTE and filter behind it.',
    ],
    [
        /^ON CONFLICT clause does not match/,
        () => 'The columns behind `on conflict` must be exactly those of a primary key or of a unique index.',
    ],
    [
        /^(table|view|index|trigger) (\S+) already exists$/,
        (_, kind, name) =>
            `A file must run again at any time: \`drop ${kind} if exists ${name};\` before it, or \`create ${kind} if not exists\`.`,
    ],
    [
        /^cannot modify (\S+) because it is a view$/,
        (_, name) => `"${name}" is a view without an INSTEAD OF trigger for this: write to its table.`,
    ],
    [
        /^Expression tree is too large/,
        () => 'Compare rows instead of columns: `(a, b, …) is distinct from (excluded.a, excluded.b, …)`.',
    ],
    [/^string or blob too big$/, () => 'One value is larger than SQLite allows (1,000,000,000 bytes).'],
    [
        /^interrupted$/,
        () =>
            'The statement ran longer than the time limit: look for a recursive query without an end, or a join without a condition.',
    ],
];

function upsertNeedsWhere({ tokens }: Failure): string | undefined {
    const hasSelect = tokens.some((token) => wordOf(token) === 'select');
    const hasConflict = tokens.some((token) => wordOf(token) === 'conflict');
    return hasSelect && hasConflict
        ? 'Write `where true` before `on conflict`: behind a select without `where`, SQLite takes `on` for the condition of a join.'
        : undefined;
}

const STATEMENT_WORDS = new Set(['select', 'insert', 'update', 'delete', 'create', 'drop', 'alter', 'with', 'replace']);

function syntaxError({ tokens, statement }: Failure, text: string): string | undefined {
    const newer = newerThan340(tokens).find((found) => found.name.includes(text));
    if (newer !== undefined) {
        return newer.message;
    }
    if (/^\$?\{|^\{/.test(text)) {
        return 'SQL files are plain SQL: there is no templating.';
    }
    const at = tokens.findIndex((token, index) => index > 0 && token.text === text);
    const before = tokens[at - 1];
    if (STATEMENT_WORDS.has(text.toLowerCase()) && before !== undefined && startsLine(statement, tokens[at])) {
        return 'Perhaps the statement before it lacks its `;`.';
    }
    const isAfterComma = before?.text === ',';
    return isAfterComma && /^(?:from|where|\))$/i.test(text) ? `Remove the comma before "${text}".` : undefined;
}

function startsLine(statement: string, token: SqlToken | undefined): boolean {
    return (
        token !== undefined && /(?:^|\n)[ \t]*$/.test(statement.slice(Math.max(0, token.offset - 200), token.offset))
    );
}

function unrecognizedToken(_: Failure, text: string): string | undefined {
    if (/^['"`[]/.test(text)) {
        return 'A quote is not closed; inside a string a quote is written twice.';
    }
    return /^[{}\\]/.test(text)
        ? 'SQL files are plain SQL: there is no templating and no backslash escape.'
        : undefined;
}

function doubleQuoted({ names }: Failure, name: string): string {
    const nearest = nearestName(name, names);
    const orColumn = nearest === undefined ? '' : `, or did you mean the column "${nearest}"`;
    return `Double quotes are for names only: write '${name.replaceAll("'", "''")}' for a string${orColumn}.`;
}

function unknownName({ tokens, names }: Failure, name: string): string | undefined {
    const own = name.split('.').at(-1) ?? name;
    const isWritten = namesIn(tokens).some((found) => found.name.split('.').includes(own.toLowerCase()));
    if (!isWritten) {
        return `"${name}" does not stand in this statement: a view or a trigger that it uses names it.`;
    }
    const qualifier = name.split('.').at(-2);
    const isKnown = names.some((candidate) => candidate.toLowerCase() === own.toLowerCase());
    // Of `evnt.amount` the table is wrong where a column "amount" exists.
    const wrong = isKnown && qualifier !== undefined ? qualifier : own;
    const nearest = nearestName(wrong, others(names, wrong));
    return nearest === undefined ? undefined : `Did you mean "${nearest}"?`;
}

/** The names without the one that was refused, in whatever case. */
function others(names: readonly string[], name: string): readonly string[] {
    return names.filter((candidate) => candidate.toLowerCase() !== name.toLowerCase());
}

function unknownTable(failure: Failure, name: string): string | undefined {
    const own = name.split('.').at(-1) ?? name;
    const guess = unknownName(failure, name);
    if (guess?.startsWith('Did')) {
        return guess;
    }
    const isStaging = own.toLowerCase().startsWith('stg_');
    return isStaging ? `Nothing has landed in "${own}" yet: load a source that holds that table first.` : guess;
}

function unknownFunction({ tokens }: Failure, name: string): string | undefined {
    if (/^(?:nvl|isnull)$/i.test(name)) {
        return 'Write coalesce(…).';
    }
    if (/^(?:now|getdate|date_trunc|to_char|date_format)$/i.test(name)) {
        return 'SQLite has date(), datetime(), unixepoch() and strftime() for dates.';
    }
    if (/^(?:regexp|decimal\w*|sha3\w*|readfile|writefile|edit|generate_series)$/i.test(name)) {
        return `Only the sqlite3 shell has "${name}"; elt does not.`;
    }
    return newerThan340(tokens).find((found) => found.name === name.toLowerCase())?.message;
}

function unboundParameter({ tokens }: Failure): string {
    const name = tokens.find((token) => token.kind === 'variable')?.text ?? '?';
    return `"${name}" has no value here (the sqlite3 shell would take null): declare it in the head, or write the value.`;
}

function strictType(_: Failure, found: string, declared: string): string {
    return `The table is STRICT: cast the ${found.toLowerCase()} value, or declare the column ${found} instead of ${declared}.`;
}

function uniqueKey(_: Failure, columns: string): string {
    return `Two rows have the same (${columns.replaceAll(/[^,.\s][^,.]*\./g, '')}): add \`on conflict (…) do update\`, or choose one row a key before.`;
}
