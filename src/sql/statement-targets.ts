import { createdObject, droppedObject } from './schema-object.ts';
import { nameOf, type SqlToken, significantTokens, wordOf } from './tokens.ts';

/** What a statement itself does to one object of the schema; effects of triggers do not count. */
export interface StatementTarget {
    /** `on`: it puts a trigger or a unique index on a table; `takes`: it renames a table to that name. */
    readonly verb: 'writes' | 'creates' | 'alters' | 'drops' | 'on' | 'takes';
    readonly name: string;
}

const CHANGES = new Set(['insert', 'replace', 'update', 'delete']);

/** The targets of one statement; of a `create trigger` also those of the statements inside it. */
export function statementTargets(sql: string): readonly StatementTarget[] {
    const tokens = significantTokens(sql);
    switch (wordOf(tokens[0])) {
        case 'create':
            return createTargets(sql, tokens);
        case 'drop':
            return named('drops', droppedObject(sql)?.name);
        case 'alter':
            return alterTargets(tokens);
        default:
            return changeTargets(tokens);
    }
}

function createTargets(sql: string, tokens: readonly SqlToken[]): StatementTarget[] {
    const object = createdObject(sql);
    const created = named('creates', object?.name);
    if (object?.type === 'index') {
        return object.modifier === 'unique' ? [...created, ...onTarget(tokens)] : created;
    }
    if (object?.type !== 'trigger') {
        return created;
    }
    const begin = tokens.findIndex((token) => wordOf(token) === 'begin');
    const body: StatementTarget[] = [];
    for (let from = begin + 1; from > 0 && from < tokens.length; ) {
        const end = tokens.findIndex((token, index) => index >= from && token.kind === 'semicolon');
        const to = end < 0 ? tokens.length : end;
        body.push(...changeTargets(tokens.slice(from, to)));
        from = to + 1;
    }
    return [...created, ...onTarget(tokens.slice(0, begin)), ...body];
}

function alterTargets(tokens: readonly SqlToken[]): StatementTarget[] {
    const to = tokens.findIndex((token, index) => wordOf(token) === 'to' && wordOf(tokens[index - 1]) === 'rename');
    return [...named('alters', qualifiedName(tokens, 2)), ...(to < 0 ? [] : named('takes', nameOf(tokens[to + 1])))];
}

/** After a `with …` the main statement begins at the first of these words outside parentheses. */
function changeTargets(tokens: readonly SqlToken[]): StatementTarget[] {
    let depth = 0;
    for (const [index, token] of tokens.entries()) {
        const isOperator = token.kind === 'operator';
        depth += isOperator && token.text === '(' ? 1 : isOperator && token.text === ')' ? -1 : 0;
        const word = wordOf(token) ?? '';
        // A common table expression may be named `replace`; none of the other words can be a name.
        const isChange = CHANGES.has(word) && (word !== 'replace' || wordOf(tokens[index + 1]) === 'into');
        if (depth === 0 && isChange) {
            return named('writes', changedName(tokens, index));
        }
    }
    return [];
}

/** `insert [or x] into name`, `replace into name`, `update [or x] name`, `delete from name`. */
function changedName(tokens: readonly SqlToken[], verb: number): string | undefined {
    let at = verb + 1;
    at += wordOf(tokens[at]) === 'or' ? 2 : 0;
    at += ['into', 'from'].includes(wordOf(tokens[at]) ?? '') ? 1 : 0;
    return qualifiedName(tokens, at);
}

/** A name with or without a schema. */
function qualifiedName(tokens: readonly SqlToken[], at: number): string | undefined {
    const isQualified = tokens[at + 1]?.text === '.';
    return nameOf(tokens[isQualified ? at + 2 : at]);
}

function onTarget(tokens: readonly SqlToken[]): StatementTarget[] {
    const on = tokens.findIndex((token) => wordOf(token) === 'on');
    return on < 0 ? [] : named('on', qualifiedName(tokens, on + 1));
}

function named(verb: StatementTarget['verb'], name: string | undefined): StatementTarget[] {
    return name === undefined ? [] : [{ verb, name }];
}
