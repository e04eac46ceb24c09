import { splitStatements } from '../../src/sql/statements.ts';
import { type SqlToken, significantTokens, wordOf } from '../../src/sql/tokens.ts';

/** A SQL file with one thing taken out. */
export interface Mutant {
    readonly line: number;
    readonly kind: 'statement' | 'trigger statement' | 'arm' | 'guard';
    /** What was taken out, on one line. */
    readonly removed: string;
    readonly text: string;
}

interface Span {
    readonly from: number;
    readonly to: number;
}

/**
 * Every way to take one thing out of a SQL file: a statement, a statement of a trigger's body, an arm of a
 * `union all`, a condition of a `where` or of a trigger's `when` (which becomes `true`).
 */
export function mutantsOf(text: string, file: string): readonly Mutant[] {
    return splitStatements(text, file).flatMap((statement) => {
        const tokens = significantTokens(statement.sql);
        const cut = (kind: Mutant['kind'], { from, to }: Span, instead = ''): Mutant => {
            const [start, end] = [statement.offset + from, statement.offset + to];
            return {
                kind,
                line: text.slice(0, start).split('\n').length,
                removed: text.slice(start, end).replaceAll(/\s+/g, ' '),
                text: text.slice(0, start) + instead + text.slice(end),
            };
        };
        return [
            cut('statement', { from: 0, to: statement.sql.length }),
            ...bodySpans(tokens).map((span) => cut('trigger statement', span)),
            ...armSpans(tokens).map((span) => cut('arm', span)),
            ...guardSpans(tokens).map((span) => cut('guard', span, 'true')),
        ];
    });
}

/** The statements between `begin` and `end`; none where there is only one, since a trigger must have one. */
function bodySpans(tokens: readonly SqlToken[]): readonly Span[] {
    const begin = tokens.findIndex((token) => wordOf(token) === 'begin');
    if (begin < 0) {
        return [];
    }
    const spans: Span[] = [];
    let first: SqlToken | undefined;
    for (const token of tokens.slice(begin + 1, -2)) {
        first ??= token;
        if (token.kind === 'semicolon') {
            spans.push({ from: first.offset, to: token.offset + 1 });
            first = undefined;
        }
    }
    return spans.length > 1 ? spans : [];
}

/** Each arm of a `union all` outside parentheses, with the word that joins it. */
function armSpans(tokens: readonly SqlToken[]): readonly Span[] {
    const unions = outside(tokens).filter((index) => wordOf(tokens[index]) === 'union');
    const first = outside(tokens).find((index) => wordOf(tokens[index]) === 'select');
    if (unions.length === 0 || first === undefined) {
        return [];
    }
    const at = (index: number): number => (tokens[index] as SqlToken).offset;
    const afterFirst = (unions[0] as number) + 2;
    const rest = unions.map((union, index) => ({ from: at(union), to: at(unions[index + 1] ?? tokens.length - 1) }));
    return [{ from: at(first), to: at(afterFirst) }, ...rest];
}

/** Indexes of the tokens outside parentheses. */
function outside(tokens: readonly SqlToken[]): readonly number[] {
    let depth = 0;
    return tokens.flatMap((token, index) => {
        depth += depthOf(token);
        return depth === 0 ? [index] : [];
    });
}

const ENDS_CONDITION = new Set(['group', 'order', 'limit', 'on', 'union', 'begin', 'window', 'returning', 'having']);

/** The conditions, one by one, of each `where`, and of each `when` that is not part of a `case`. */
function guardSpans(tokens: readonly SqlToken[]): readonly Span[] {
    let cases = 0;
    return tokens.flatMap((token, index) => {
        const word = wordOf(token);
        cases += caseOf(word);
        return word === 'where' || (word === 'when' && cases === 0) ? conditions(tokens, index + 1) : [];
    });
}

function conditions(tokens: readonly SqlToken[], start: number): readonly Span[] {
    const spans: Span[] = [];
    let depth = 0;
    let cases = 0;
    let first = start;
    for (let index = start; index < tokens.length; index++) {
        const token = tokens[index] as SqlToken;
        const word = wordOf(token);
        depth += depthOf(token);
        cases += caseOf(word);
        const isTop = depth === 0 && cases === 0;
        const isEnd = depth < 0 || token.kind === 'semicolon' || (isTop && ENDS_CONDITION.has(word ?? ''));
        if (isEnd || (isTop && word === 'and')) {
            const last = tokens[index - 1] as SqlToken;
            // What is true already cannot become so.
            const isTrue = first === index - 1 && wordOf(last) === 'true';
            if (!isTrue) {
                spans.push({ from: (tokens[first] as SqlToken).offset, to: last.offset + last.text.length });
            }
            first = index + 1;
        }
        if (isEnd) {
            break;
        }
    }
    return spans;
}

function depthOf(token: SqlToken): number {
    return token.text === '(' ? 1 : token.text === ')' ? -1 : 0;
}

/** +1 where a `case` begins, -1 where it ends; the `end` of a trigger comes after everything that is asked. */
function caseOf(word: string | undefined): number {
    return word === 'case' ? 1 : word === 'end' ? -1 : 0;
}
