import { nameOf, type SqlToken, significantTokens, wordOf } from './tokens.ts';

/** A table or a view is named behind these. */
const BEFORE_NAMES: ReadonlySet<string> = new Set(['from', 'join', 'into', 'update', 'in', 'table', 'references']);
/** Words that may stand between: `drop table if exists t`, `update or ignore t`. */
const BETWEEN: ReadonlySet<string> = new Set(['if', 'not', 'exists', 'or', 'abort', 'fail', 'ignore', 'rollback']);
/** Behind these, commas no longer divide tables. */
const AFTER_FROM: ReadonlySet<string> = new Set([
    'select',
    'where',
    'group',
    'having',
    'window',
    'order',
    'limit',
    'set',
    'values',
    'returning',
    'union',
    'except',
    'intersect',
]);

/**
 * What a text names where SQL names a table or a view, in lower case; a column of the same name does not count. Names of
 * common table expressions and of functions are among them, since only a schema could tell.
 */
export function relationsNamed(sql: string): ReadonlySet<string> {
    const tokens = significantTokens(sql);
    const names = new Set<string>();
    /** For each open parenthesis: whether its commas divide tables. */
    let clauses = [false];
    let isExpected = false;
    let asksOn = false;
    for (const [index, token] of tokens.entries()) {
        const word = wordOf(token) ?? '';
        if (token.kind === 'semicolon') {
            clauses = [false];
            isExpected = false;
            asksOn = false;
        } else if (token.text === '(') {
            isExpected &&= wordOf(tokens[index - 1]) !== 'in';
            clauses.push(isExpected);
        } else if (token.text === ')') {
            clauses.pop();
            isExpected = false;
        } else if (token.text === ',') {
            isExpected = clauses.at(-1) === true;
        } else if (AFTER_FROM.has(word)) {
            clauses[clauses.length - 1] = false;
            isExpected = false;
        } else if (isBeforeName(tokens, index, asksOn)) {
            clauses[clauses.length - 1] ||= word === 'from' || word === 'join';
            isExpected = true;
            asksOn &&= word !== 'on';
        } else if (isExpected && word === 'of') {
            isExpected = false;
        } else if (isExpected && !BETWEEN.has(word)) {
            addNames(tokens, index, names);
            isExpected = false;
        } else {
            asksOn ||= ['index', 'trigger'].includes(word) && wordOf(tokens[index - 1]) !== 'drop';
        }
    }
    return names;
}

/** `asksOn`: an index or a trigger is created, whose table stands behind the first "on". */
function isBeforeName(tokens: readonly SqlToken[], index: number, asksOn: boolean): boolean {
    const word = wordOf(tokens[index]) ?? '';
    const before = wordOf(tokens[index - 1]) ?? '';
    if (tokens[index - 1]?.text === '.') {
        return false;
    }
    // `a is distinct from b` names no table, and `update of a on t` names it behind "on".
    return (word === 'on' && asksOn) || (BEFORE_NAMES.has(word) && !(word === 'from' && before === 'distinct'));
}

/** A name, or both parts of `main.name`. */
function addNames(tokens: readonly SqlToken[], index: number, names: Set<string>): void {
    const qualified = tokens[index + 1]?.text === '.' ? [tokens[index + 2]] : [];
    for (const name of [tokens[index], ...qualified].map(nameOf)) {
        if (name !== undefined) {
            names.add(name.toLowerCase());
        }
    }
}
