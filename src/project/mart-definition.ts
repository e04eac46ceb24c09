import { EltError } from '../core/errors.ts';
import { parseNames } from '../sql/relation-name.ts';
import { type SqlStatement, splitStatements } from '../sql/statements.ts';
import { isTrivia, lineFeeds, nextToken, wordOf } from '../sql/tokens.ts';
import type { HeaderEntry } from './file-head.ts';

/** A mart whose file is a head and one SELECT: its upkeep is generated. */
export interface MartDefinition {
    /** As it is shown, `sql/payments/marts/revenue.sql`. */
    readonly file: string;
    readonly text: string;
    /** The SELECT; its semicolon may be missing. */
    readonly statement: SqlStatement;
    /** The SELECT with the comments before and after it, without its semicolon. */
    readonly select: string;
    readonly key: readonly string[];
    /** Types that the head gives to columns. */
    readonly types: ReadonlyMap<string, string>;
    /** The head forbids that all rows are compared. */
    readonly isNeverInFull: boolean;
}

/** Reads a file of one SELECT; undefined if it is a file of statements, which does the work itself. */
export function readDefinition(text: string, file: string, head: readonly HeaderEntry[]): MartDefinition | undefined {
    if (!FIRST_WORDS.has(firstWord(text))) {
        return undefined;
    }
    // The semicolon of the only statement may be left out.
    const closed = `${text.trimEnd()}\n;`;
    const [statement, ...others] = splitStatements(closed, file);
    if (statement === undefined || others.length > 0 || !['select', 'values'].includes(statement.kind)) {
        return undefined;
    }
    const entry = head.find((one) => one.key === 'key');
    const key = parseNames(entry?.value ?? '', ',');
    if (key === undefined) {
        throw new EltError({
            code: 'SQL_HEADER',
            message: `"${file}" is one SELECT, and its head does not name the key of its rows`,
            where: `${file}:${entry?.line ?? 1}`,
            found: entry?.value ?? 'no line "-- key:"',
            next:
                entry === undefined
                    ? 'add a line to its head: -- key: the columns that name a row, such as "-- key: day, currency_code"'
                    : 'separate columns by commas, and put a name that is no plain word in double quotes: -- key: day, "order id"',
        });
    }
    return {
        file,
        text,
        statement,
        select: selectText(text, statement),
        key,
        types: new Map(head.filter(({ key: name }) => name === 'column').map((entry) => columnType(entry, file))),
        isNeverInFull: isNeverInFull(head, file),
    };
}

function isNeverInFull(head: readonly HeaderEntry[], file: string): boolean {
    const entry = head.find(({ key }) => key === 'in_full');
    if (entry !== undefined && entry.value !== 'never' && entry.value !== 'allowed') {
        throw new EltError({
            code: 'SQL_HEADER',
            message: `the head of "${file}" does not say whether all rows may be compared`,
            where: `${file}:${entry.line}`,
            found: `"${entry.value}"; expected "never" or "allowed"`,
            next: 'write it as "-- in_full: never", or leave the line out',
        });
    }
    return entry?.value === 'never';
}

const FIRST_WORDS: ReadonlySet<string> = new Set(['select', 'values', 'with']);

function firstWord(text: string): string {
    for (let offset = 0, line = 1; offset < text.length; ) {
        const token = nextToken(text, offset, line);
        if (!isTrivia(token)) {
            return wordOf(token) ?? '';
        }
        offset += token.text.length;
        line += lineFeeds(token);
    }
    return '';
}

/** From the end of the head on: a comment above the SELECT belongs to it. */
function selectText(text: string, statement: SqlStatement): string {
    const head = /^(?:\ufeff?\s*)(?:--[^\n]*(?:\n|$))*/.exec(text)?.[0].length ?? 0;
    const before = head <= statement.offset ? text.slice(head, statement.offset) : '';
    const select = statement.sql.replace(/\s*;$/, '');
    const isClosed = statement.offset + statement.sql.length <= text.trimEnd().length;
    const after = text.slice(statement.offset + (isClosed ? statement.sql : select).length);
    return `${before}${select}${after}`.trim();
}

function columnType({ value, line }: HeaderEntry, file: string): readonly [string, string] {
    const match = /^(?:"((?:[^"]|"")+)"|(\S+))\s+(integer|real|text|blob|any)$/.exec(value);
    if (match === null) {
        throw new EltError({
            code: 'SQL_HEADER',
            message: `the head of "${file}" gives a column no type`,
            where: `${file}:${line}`,
            found: `"${value}"; expected a name and one of integer, real, text, blob, any`,
            next: 'write it as "-- column: amount integer"',
        });
    }
    return [match[1]?.replaceAll('""', '"') ?? match[2] ?? '', match[3] ?? 'any'];
}
