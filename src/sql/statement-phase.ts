import { type SqlToken, wordOf } from './tokens.ts';

/**
 * The state of reading a statement, used only to know which `;` ends it. As in `sqlite3_complete()`, a `create trigger`
 * ends at the `;` of its `; end;`, everything else at the first `;`. `case … end` needs no special case: no statement
 * of a trigger begins with `end`.
 */
export type StatementPhase =
    | 'start'
    | 'explain'
    | 'create'
    | 'plain'
    | 'trigger head'
    | 'trigger body'
    | 'trigger semicolon'
    | 'trigger end'
    | 'done';

export function isEndOfStatement(phase: StatementPhase): boolean {
    return phase === 'done';
}

/** The phase after a token that is neither white space nor a comment. */
export function nextPhase(phase: StatementPhase, token: SqlToken): StatementPhase {
    // Most tokens are inside a statement, where only its end matters.
    if (phase === 'plain') {
        return token.kind === 'semicolon' ? 'done' : 'plain';
    }
    if (phase === 'trigger body') {
        return token.kind === 'semicolon' ? 'trigger semicolon' : 'trigger body';
    }
    const word = wordOf(token);
    switch (phase) {
        case 'start':
        case 'explain':
            if (token.kind === 'semicolon') {
                return 'done';
            }
            if (word === 'create' || (word === 'explain' && phase === 'start')) {
                return word;
            }
            // `explain query plan create trigger …`
            return phase === 'explain' && (word === 'query' || word === 'plan') ? 'explain' : 'plain';
        case 'create':
            if (token.kind === 'semicolon') {
                return 'done';
            }
            if (word === 'trigger') {
                return 'trigger head';
            }
            return word === 'temp' || word === 'temporary' ? 'create' : 'plain';
        case 'trigger head':
            // A trigger without a body is an error that SQLite itself reports better than a missing end.
            if (token.kind === 'semicolon') {
                return 'done';
            }
            return word === 'begin' ? 'trigger body' : 'trigger head';
        case 'trigger semicolon':
            if (token.kind === 'semicolon') {
                return 'trigger semicolon';
            }
            return word === 'end' ? 'trigger end' : 'trigger body';
        case 'trigger end':
            return token.kind === 'semicolon' ? 'done' : 'trigger body';
        case 'done':
            return 'done';
    }
}
