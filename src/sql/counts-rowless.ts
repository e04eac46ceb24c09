import { statementTargets } from './statement-targets.ts';
import { nameOf, type SqlToken, significantTokens, wordOf } from './tokens.ts';

/** The columns of `elt_watermarks` in which a fold counts changes of rows that never came. */
const COUNTS: ReadonlySet<string | undefined> = new Set(['rowless', 'rowless_seq']);

/**
 * Whether each statement of a `create trigger` that writes `elt_watermarks` is
 * `update elt_watermarks set rowless = …, rowless_seq = … where model = '<model>' [and …]`.
 */
export function countsRowless(model: string, sql: string): boolean {
    const writes = statementTargets(sql).filter(
        ({ verb, name }) => verb === 'writes' && name.toLowerCase() === 'elt_watermarks',
    );
    const counts = bodyOf(significantTokens(sql)).filter((tokens) => isCount(model, tokens));
    return writes.length > 0 && counts.length === writes.length;
}

/** The tokens of each statement between `begin` and `end`. */
function bodyOf(tokens: readonly SqlToken[]): readonly (readonly SqlToken[])[] {
    const begin = tokens.findIndex((token) => wordOf(token) === 'begin');
    const statements: SqlToken[][] = [[]];
    for (const token of tokens.slice(begin + 1)) {
        if (token.kind === 'semicolon') {
            statements.push([]);
        } else {
            statements.at(-1)?.push(token);
        }
    }
    return statements;
}

function isCount(model: string, tokens: readonly SqlToken[]): boolean {
    const outer = outside(tokens);
    const words = outer.map(wordOf);
    const where = words.indexOf('where');
    const isOfModel =
        words[where + 1] === 'model' &&
        outer[where + 2]?.text === '=' &&
        outer[where + 3]?.kind === 'string' &&
        nameOf(outer[where + 3]) === model &&
        ['and', undefined].includes(words[where + 4]);
    return (
        words.slice(0, 3).join(' ') === 'update elt_watermarks set' &&
        where > 0 &&
        isOfModel &&
        !words.includes('or') &&
        assigned(outer.slice(3, where)).every((column) => COUNTS.has(column))
    );
}

/** The tokens outside parentheses. */
function outside(tokens: readonly SqlToken[]): readonly SqlToken[] {
    let depth = 0;
    return tokens.filter((token) => {
        depth -= token.text === ')' ? 1 : 0;
        const isOutside = depth === 0 && token.text !== ')';
        depth += token.text === '(' ? 1 : 0;
        return isOutside && token.text !== '(';
    });
}

/** The columns that `a = …, b = …` assigns; undefined for anything else. */
function assigned(tokens: readonly SqlToken[]): readonly (string | undefined)[] {
    const starts = tokens.flatMap((token, index) => (token.text === ',' ? [index + 1] : []));
    return [0, ...starts].map((at) => (tokens[at + 1]?.text === '=' ? wordOf(tokens[at]) : undefined));
}
