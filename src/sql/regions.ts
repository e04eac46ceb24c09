import { nameOf, type SqlToken, wordOf } from './tokens.ts';

/** A part of a statement that an error can be about, in UTF-16 units from the statement's start; `end` is exclusive. */
export interface SqlRegion {
    readonly offset: number;
    readonly end: number;
}

/** A name with its qualifiers: `event_id`, `event.event_id`, `main."event".id`. */
export interface SqlName extends SqlRegion {
    /** The parts without quotes, joined by dots, in lower case: SQLite compares names without case. */
    readonly name: string;
    /** As written, quotes included. */
    readonly written: string;
    /** The keyword or operator before it, in lower case. */
    readonly before: string;
    readonly isCall: boolean;
    /** Index of its first token, and of the token after it. */
    readonly first: number;
    readonly after: number;
}

/** Every name of a statement in order, keywords included (SQLite accepts many of them as names). */
export function namesIn(tokens: readonly SqlToken[]): readonly SqlName[] {
    const names: SqlName[] = [];
    for (let index = 0; index < tokens.length; ) {
        const token = tokens[index] as SqlToken;
        const part = nameOf(token);
        if (part === undefined) {
            index++;
            continue;
        }
        const parts = [part];
        let after = index + 1;
        for (; isOperator(tokens[after], '.'); after += 2) {
            const next = nameOf(tokens[after + 1]);
            if (next === undefined) {
                break;
            }
            parts.push(next);
        }
        const last = tokens[after - 1] as SqlToken;
        const previous = tokens[index - 1];
        names.push({
            offset: token.offset,
            end: last.offset + last.text.length,
            name: parts.join('.').toLowerCase(),
            written: token.text,
            before: wordOf(previous) ?? previous?.text ?? '',
            isCall: isOperator(tokens[after], '('),
            first: index,
            after,
        });
        index = after;
    }
    return names;
}

/**
 * The calls of a function, each with its arguments and its `filter (…)` and `over …`, so that `null` can replace the
 * call. Inner calls come before the calls that contain them.
 */
export function callsOf(name: string, tokens: readonly SqlToken[]): readonly SqlRegion[] {
    const closing = closingParentheses(tokens);
    return namesIn(tokens)
        .filter((found) => found.isCall && found.name === name.toLowerCase())
        .map((found) => ({ offset: found.offset, end: endOfToken(tokens, endOfCall(tokens, closing, found.after)) }))
        .toSorted((left, right) => left.end - right.end);
}

/** The queries in parentheses, inner ones first. */
export function subqueriesIn(tokens: readonly SqlToken[]): readonly SqlRegion[] {
    const regions: SqlRegion[] = [];
    for (const [open, close] of closingParentheses(tokens)) {
        if (['select', 'values', 'with'].includes(wordOf(tokens[open + 1]) ?? '')) {
            regions.push({ offset: (tokens[open] as SqlToken).offset, end: endOfToken(tokens, close) });
        }
    }
    return regions.toSorted((left, right) => left.end - right.end);
}

/** Maps the index of each `(` to that of the `)` that closes it, or of the last token if none does. */
export function closingParentheses(tokens: readonly SqlToken[]): ReadonlyMap<number, number> {
    const closing = new Map<number, number>();
    const open: number[] = [];
    for (const [index, token] of tokens.entries()) {
        if (isOperator(token, '(')) {
            open.push(index);
            closing.set(index, tokens.length - 1);
        } else if (isOperator(token, ')') && open.length > 0) {
            closing.set(open.pop() as number, index);
        }
    }
    return closing;
}

export function isOperator(token: SqlToken | undefined, text: string): boolean {
    return token?.kind === 'operator' && token.text === text;
}

/** Index of the last token of a call whose `(` is at `open`. */
function endOfCall(tokens: readonly SqlToken[], closing: ReadonlyMap<number, number>, open: number): number {
    let last = closing.get(open) ?? open;
    if (wordOf(tokens[last + 1]) === 'filter') {
        last = closing.get(last + 2) ?? last;
    }
    if (wordOf(tokens[last + 1]) === 'over' && tokens[last + 2] !== undefined) {
        last = closing.get(last + 2) ?? last + 2;
    }
    return last;
}

function endOfToken(tokens: readonly SqlToken[], index: number): number {
    const token = tokens[index] as SqlToken;
    return token.offset + token.text.length;
}
