import { BACKSLASH, CLOSE_ARRAY, CLOSE_OBJECT, COMMA, isSpace, OPEN_ARRAY, OPEN_OBJECT, QUOTE } from './ascii.ts';

/**
 * Locates the parts of a JSON text, for the source text of a value: `JSON.parse` rounds integers above 2^53 and long
 * decimals. Every function expects text that `JSON.parse` has accepted.
 */

/** A part of a text: `text.slice(start, end)`. */
export interface Span {
    readonly start: number;
    readonly end: number;
}

export interface Member extends Span {
    /** The name, unescaped. */
    readonly name: string;
}

/** The members of the object that begins at `at`, in the order of the text; a name may occur twice. */
export function objectMembers(text: string, at: number): Member[] {
    const members: Member[] = [];
    let index = skipSpace(text, at + 1);
    while (text.charCodeAt(index) !== CLOSE_OBJECT) {
        const nameEnd = skipString(text, index);
        const name = JSON.parse(text.slice(index, nameEnd)) as string;
        const start = skipSpace(text, skipSpace(text, nameEnd) + 1);
        const end = skipValue(text, start);
        members.push({ name, start, end });
        index = nextPart(text, end);
    }
    return members;
}

/** The members of the object that begins at `at`; null if a name occurs twice. */
export function uniqueMembers(text: string, at: number): Member[] | null {
    const members = objectMembers(text, at);
    return new Set(members.map((member) => member.name)).size === members.length ? members : null;
}

/** The elements of the array that begins at `at`. */
export function arrayElements(text: string, at: number): Span[] {
    const elements: Span[] = [];
    let index = skipSpace(text, at + 1);
    while (text.charCodeAt(index) !== CLOSE_ARRAY) {
        const end = skipValue(text, index);
        elements.push({ start: index, end });
        index = nextPart(text, end);
    }
    return elements;
}

/** The last member of that name (the one that `JSON.parse` uses), or undefined. */
export function memberNamed(members: readonly Member[], name: string): Member | undefined {
    return members.findLast((member) => member.name === name);
}

/** Index of the first character at or after `at` that is not white space. */
export function skipSpace(text: string, at: number): number {
    let index = at;
    for (;;) {
        const code = text.charCodeAt(index);
        if (!isSpace(code)) {
            return index;
        }
        index++;
    }
}

function nextPart(text: string, end: number): number {
    const index = skipSpace(text, end);
    return text.charCodeAt(index) === COMMA ? skipSpace(text, index + 1) : index;
}

function skipValue(text: string, at: number): number {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
        return skipString(text, at);
    }
    if (code === OPEN_OBJECT || code === OPEN_ARRAY) {
        return skipContainer(text, at);
    }
    let index = at;
    while (index < text.length && !',]} \n\r\t'.includes(text[index] as string)) {
        index++;
    }
    return index;
}

function skipString(text: string, at: number): number {
    let index = at + 1;
    for (;;) {
        const code = text.charCodeAt(index);
        if (code === QUOTE) {
            return index + 1;
        }
        index += code === BACKSLASH ? 2 : 1;
    }
}

function skipContainer(text: string, at: number): number {
    let depth = 0;
    let index = at;
    for (;;) {
        const code = text.charCodeAt(index);
        if (code === QUOTE) {
            index = skipString(text, index);
            continue;
        }
        if (code === OPEN_OBJECT || code === OPEN_ARRAY) {
            depth++;
        } else if (code === CLOSE_OBJECT || code === CLOSE_ARRAY) {
            depth--;
        }
        index++;
        if (depth === 0) {
            return index;
        }
    }
}
