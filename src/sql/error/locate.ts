import { callsOf, closingParentheses, namesIn, type SqlName, type SqlRegion, subqueriesIn } from '../regions.ts';
import { nameOf, type SqlToken, significantTokens, wordOf } from '../tokens.ts';
import { culpritOf, firstSyntaxError, type SqlProbe } from './locate-by-probing.ts';

/** Prepares a statement: SQLite's message if it is refused, else null. */
export type PrepareSql = (sql: string) => string | null;

/**
 * The place in `statement` (UTF-16 units from its start) that SQLite's `message` is about, which better-sqlite3 does
 * not report; 0 if it cannot be determined. Never inside a string or a comment.
 *
 * `prepare` is called with altered copies of the statement, a few dozen times at most; nothing is run.
 */
export function locateSqlError({
    statement,
    message,
    prepare,
}: {
    readonly statement: string;
    readonly message: string;
    readonly prepare: PrepareSql;
}): number {
    const probe: Probe = { statement, message, prepare, tokens: significantTokens(statement) };
    for (const [pattern, locate] of RULES) {
        const match = pattern.exec(message);
        if (match !== null) {
            return locate(probe, match[1] ?? '', match[2] ?? '')?.offset ?? 0;
        }
    }
    return 0;
}

interface Probe extends SqlProbe {
    readonly tokens: readonly SqlToken[];
}

type Rule = (probe: Probe, name: string, second: string) => { readonly offset: number } | undefined;

const RULES: readonly (readonly [RegExp, Rule])[] = [
    [/^near "([\s\S]*)": syntax error$/, (probe, text) => firstSyntaxError(text, probe.tokens, probe)],
    [/^unrecognized token: "([\s\S]*)"$/, unrecognizedToken],
    [/^incomplete input$/, endOfStatement],
    [/^no such column: "([\s\S]*)" - should this be a string literal/, quotedColumn],
    [/^(?:no such column|ambiguous column name): ([\s\S]*)$/, column],
    [/^cannot join using column ([\s\S]*) - column not present/, column],
    [/^table (\S+) has no column named ([\s\S]*)$/, insertedColumn],
    [/^table (\S+) has \d+ columns but \d+ values were supplied$/, anyName],
    [/^\d+ values for \d+ columns$/, (probe) => afterWord(probe, 'into')],
    [/^no such table: ([\s\S]*)$/, table],
    [/^no such function: ([\s\S]*)$/, call],
    [/^wrong number of arguments to function ([\s\S]*)\(\)$/, call],
    [/^misuse of (?:aggregate|window)(?: function)?:? ([\s\S]*?)\(\)$/, call],
    [/^misuse of aliased \S+ ([\s\S]*)$/, column],
    [/^([\w$]+)\(\) may (?:not|only) be used/i, call],
    [/argument to ([\w$]+)\(\) must be/, call],
    [/^duplicate column name: ([\s\S]*)$/, (probe, name) => namesLike(probe, name)[1]],
    [/^sub-select returns \d+ columns/, (probe) => culpritOf(subqueriesIn(probe.tokens), 'null', probe)],
    [/^all VALUES must have the same number of terms$/, (probe) => words(probe, 'values')],
    [/^SELECTs to the left and right of ([A-Z]+)/, (probe, operator) => words(probe, operator.toLowerCase())],
    [/^ON CONFLICT clause does not match/, (probe) => words(probe, 'on', 'conflict')],
    [/^\d+\S+ (ORDER|GROUP) BY term/, (probe, clause) => words(probe, clause.toLowerCase(), 'by')],
    [/^unknown datatype for [\s\S]*: "([\s\S]*)"$/, anyName],
    [/^(?:UNIQUE|NOT NULL) constraint failed: ([^.]+)\./, anyName],
    [/^cannot store \w+ value in \w+ column ([^.]+)\./, anyName],
    [/^cannot modify ([\s\S]*) because it is a view$/, anyName],
    [/^table ([\s\S]*) may not be modified$/, anyName],
    [/^(?:table|view|index|trigger) ([\s\S]*) already exists$/, anyName],
    [/^(?:there is already \S+ \S+ named|circular reference:) ([\s\S]*)$/, anyName],
    [/^no such [\w ]+: ([\s\S]*)$/, anyName],
    [/^malformed JSON$/, onlyJsonAccess],
];

function unrecognizedToken({ tokens }: Probe, text: string): SqlRegion | undefined {
    const illegal = tokens.filter((token) => token.kind === 'illegal' || token.text.includes('_'));
    return regionOf(illegal.find((token) => token.text === text) ?? illegal.find((token) => token.kind === 'illegal'));
}

function endOfStatement({ tokens }: Probe): { readonly offset: number } | undefined {
    return { offset: regionOf(tokens.at(-1))?.end ?? 0 };
}

function quotedColumn(probe: Probe, name: string): SqlRegion | undefined {
    const quoted = namesLike(probe, name).filter((found) => found.written.startsWith('"'));
    return culpritOf(quoted, 'null', probe);
}

function column(probe: Probe, name: string): SqlRegion | undefined {
    const found = namesLike(probe, name).filter((like) => !like.isCall && !like.written.startsWith("'"));
    return culpritOf(found, 'null', probe);
}

function insertedColumn(probe: Probe, tableName: string, columnName: string): SqlRegion | undefined {
    const lists = namesLike(probe, tableName).filter((found) => found.before === 'into');
    const closing = closingParentheses(probe.tokens);
    for (const { after } of lists) {
        const open = wordOf(probe.tokens[after]) === 'as' ? after + 2 : after;
        const list = probe.tokens.slice(open, closing.get(open) ?? open);
        const found = list.find((token) => nameOf(token)?.toLowerCase() === columnName.toLowerCase());
        if (found !== undefined) {
            return regionOf(found);
        }
    }
    return lists[0];
}

function table(probe: Probe, name: string): SqlRegion | undefined {
    const uses = namesLike(probe, name).filter((found) => !found.isCall || found.before === 'into');
    return culpritOf(uses, '(select 1)', probe);
}

function call(probe: Probe, name: string): SqlRegion | undefined {
    return culpritOf(callsOf(name, probe.tokens), 'null', probe);
}

function anyName(probe: Probe, name: string): SqlRegion | undefined {
    return namesLike(probe, name)[0];
}

/** The names that the message can mean; SQLite adds a schema to some, and people qualify others with one. */
function namesLike(probe: Probe, name: string): readonly SqlName[] {
    const wanted = withoutSchema(name.toLowerCase());
    return namesIn(probe.tokens).filter((found) => withoutSchema(found.name) === wanted);
}

function withoutSchema(name: string): string {
    return name.replace(/^(?:main|temp)\./, '');
}

/** The place is known only if the statement reads JSON exactly once. */
function onlyJsonAccess({ tokens }: Probe): SqlRegion | undefined {
    const accesses = tokens.filter(
        (token, index) =>
            (token.kind === 'operator' && token.text.startsWith('->')) ||
            (wordOf(token)?.startsWith('json_') && wordOf(token) !== 'json_valid' && tokens[index + 1]?.text === '('),
    );
    return accesses.length === 1 ? regionOf(accesses[0]) : undefined;
}

/** The first place where these keywords occur in this order, next to each other. */
function words({ tokens }: Probe, ...sequence: readonly string[]): SqlRegion | undefined {
    return regionOf(
        tokens.find((_, index) => sequence.every((searched, nth) => wordOf(tokens[index + nth]) === searched)),
    );
}

function afterWord({ tokens }: Probe, word: string): SqlRegion | undefined {
    return regionOf(tokens[tokens.findIndex((token) => wordOf(token) === word) + 1]);
}

function regionOf(token: SqlToken | undefined): SqlRegion | undefined {
    return token && { offset: token.offset, end: token.offset + token.text.length };
}
