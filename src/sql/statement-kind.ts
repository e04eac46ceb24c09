import { type SqlToken, wordOf } from './tokens.ts';

const KINDS = [
    'alter',
    'analyze',
    'attach',
    'begin',
    'commit',
    'create',
    'delete',
    'detach',
    'drop',
    'end',
    'explain',
    'insert',
    'pragma',
    'reindex',
    'release',
    'replace',
    'rollback',
    'savepoint',
    'select',
    'update',
    'vacuum',
    'values',
    'with',
] as const;

/** The first word of a statement; `dot` is a dot-command of the shell, `other` anything that SQLite does not know. */
export type StatementKind = (typeof KINDS)[number] | 'dot' | 'other';

const KIND_OF_WORD: ReadonlyMap<string, StatementKind> = new Map(KINDS.map((kind) => [kind, kind]));

/**
 * What the statement consisting of `tokens` (no white space, no comments) does. A `with …` is of the kind of its main
 * statement, or `with` if its main statement cannot be found.
 */
export function kindOf(tokens: readonly SqlToken[]): StatementKind {
    const kind = KIND_OF_WORD.get(wordOf(tokens[0]) ?? '') ?? 'other';
    return kind === 'with' ? kindAfterWith(tokens) : kind;
}

/** Whether a statement returns rows. */
export function returnsRows(kind: StatementKind, tokens: readonly SqlToken[]): boolean {
    switch (kind) {
        case 'select':
        case 'values':
        case 'explain':
        case 'pragma':
            return true;
        case 'insert':
        case 'replace':
        case 'update':
        case 'delete':
            // A reserved word: it cannot be a name or occur in a subquery.
            return tokens.some((token) => wordOf(token) === 'returning');
        default:
            return false;
    }
}

/** The main statement is the first word after a closing parenthesis of the top level that is not part of `as … (`. */
function kindAfterWith(tokens: readonly SqlToken[]): StatementKind {
    let depth = 0;
    let previous: SqlToken | undefined;
    for (const token of tokens) {
        const word = wordOf(token);
        if (depth === 0 && previous?.text === ')' && word !== undefined && word !== 'as') {
            return KIND_OF_WORD.get(word) ?? 'with';
        }
        depth += depthChange(token);
        previous = token;
    }
    return 'with';
}

function depthChange(token: SqlToken): number {
    return token.kind !== 'operator' ? 0 : token.text === '(' ? 1 : token.text === ')' ? -1 : 0;
}
