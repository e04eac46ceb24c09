import { BACKSLASH, CLOSE_ARRAY, CLOSE_OBJECT, COMMA, isSpace, QUOTE, SPACE } from './ascii.ts';

const APOSTROPHE = 0x27;

/** What may stand before a quoted identifier, besides white space. */
const BEFORE_IDENTIFIER = new Set([...'(,.:[+-*/<>=~!@#%^&|`?'].map((character) => character.charCodeAt(0)));

/**
 * Where a default of a column ends, which wal2json writes with `include-default` as PostgreSQL prints it, without JSON's
 * escapes: `"'{"a": 1}'::jsonb"`.
 *
 * It is SQL, so its end is found by reading SQL: a literal ends at its `'`, a quoted identifier follows white space, an
 * operator or a bracket, and an expression ends with neither of these.
 *
 * `codeAt` gives the byte or character at an index; the default's own `"` is at `start`. Returns the index after its
 * last `"`; -1: not certain; `end`: it continues there.
 */
export function defaultEnd(codeAt: (index: number) => number, start: number, end: number): number {
    for (let at = start + 1; at < end; ) {
        const code = codeAt(at);
        if (code < SPACE) {
            // A line feed may be the end of a torn record.
            return -1;
        }
        if (code === APOSTROPHE) {
            // A doubled quote counts as the end of one literal and the beginning of another, which does not move the end.
            at = afterNext(codeAt, APOSTROPHE, at + 1, end);
        } else if (code !== QUOTE || codeAt(at - 1) === BACKSLASH) {
            at++;
        } else if (at === start + 1 || isSpace(codeAt(at - 1)) || BEFORE_IDENTIFIER.has(codeAt(at - 1))) {
            at = afterNext(codeAt, QUOTE, at + 1, end);
            // A doubled quote within the identifier, unless the first one ends the default.
            if (at !== -1 && at < end && codeAt(at) === QUOTE && isEndAfter(codeAt, at + 1, end) === false) {
                at = afterNext(codeAt, QUOTE, at + 1, end);
            }
        } else {
            const isEnd = isEndAfter(codeAt, at + 1, end);
            return isEnd === undefined ? end : isEnd ? at + 1 : -1;
        }
        if (at === -1) {
            return -1;
        }
    }
    return end;
}

/** The index after the next `code`; `end` if there is none before it; -1: a line ends first. */
function afterNext(codeAt: (index: number) => number, code: number, from: number, end: number): number {
    for (let at = from; at < end; at++) {
        const one = codeAt(at);
        if (one === code) {
            return at + 1;
        }
        if (one < SPACE) {
            return -1;
        }
    }
    return end;
}

/** Whether a value ends before `from`: a comma or a bracket follows; undefined: nothing follows yet. */
function isEndAfter(codeAt: (index: number) => number, from: number, end: number): boolean | undefined {
    let at = from;
    while (at < end && isSpace(codeAt(at))) {
        at++;
    }
    const code = at < end ? codeAt(at) : undefined;
    return code === undefined ? undefined : code === COMMA || code === CLOSE_ARRAY || code === CLOSE_OBJECT;
}
