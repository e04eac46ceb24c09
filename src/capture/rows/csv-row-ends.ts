import { LINE_FEED, QUOTE, RETURN } from '../../core/ascii.ts';

/** Where the rows of CSV bytes end (RFC 4180). Only quotes matter for that; the parser splits the fields. */

/** A row that has not ended: more bytes are needed. */
export const UNFINISHED = -1;
/** A quote that is not closed before the end of the source. */
export const UNCLOSED = -2;

/**
 * Index after the row's line feed (or `bytes.length` at the end of the source), for the row that begins at `from`.
 * A quote opens a field only at its first byte; inside, two quotes are one.
 */
export function rowEnd(bytes: Buffer, from: number, delimiter: number, isEnd: boolean): number {
    let lineFeed = bytes.indexOf(LINE_FEED, from);
    let quote = bytes.indexOf(QUOTE, from);
    while (quote !== -1 && (lineFeed === -1 || quote < lineFeed)) {
        const opens = quote === from || bytes[quote - 1] === delimiter;
        let next = quote + 1;
        if (opens) {
            const close = closingQuote(bytes, quote + 1);
            if (close === -1) {
                return isEnd ? UNCLOSED : UNFINISHED;
            }
            next = close + 1;
        }
        if (lineFeed !== -1 && lineFeed < next) {
            lineFeed = bytes.indexOf(LINE_FEED, next);
        }
        quote = bytes.indexOf(QUOTE, next);
    }
    if (lineFeed !== -1) {
        return lineFeed + 1;
    }
    return isEnd ? bytes.length : UNFINISHED;
}

function closingQuote(bytes: Buffer, from: number): number {
    // The last byte could be the first of two quotes, but then no line feed follows and the row is unfinished anyway.
    let at = bytes.indexOf(QUOTE, from);
    while (at !== -1 && bytes[at + 1] === QUOTE) {
        at = bytes.indexOf(QUOTE, at + 2);
    }
    return at;
}

/** Index after the first line. */
export function lineEnd(bytes: Buffer, from: number): number {
    const lineFeed = bytes.indexOf(LINE_FEED, from);
    return lineFeed === -1 ? bytes.length : lineFeed + 1;
}

/** Index after the row's last byte that is not part of a line break. */
export function withoutBreak(bytes: Buffer, start: number, end: number): number {
    if (end > start && bytes[end - 1] === LINE_FEED) {
        return end - 1 > start && bytes[end - 2] === RETURN ? end - 2 : end - 1;
    }
    return end;
}

/** The one of `,` `;` and tab that occurs most outside quotes. */
export function likelyDelimiter(header: Buffer): string {
    const counts = new Map([',', ';', '\t'].map((delimiter) => [delimiter, 0]));
    let isQuoted = false;
    for (const character of header.toString('utf8')) {
        if (character === '"') {
            isQuoted = !isQuoted;
        } else if (!isQuoted && counts.has(character)) {
            counts.set(character, (counts.get(character) ?? 0) + 1);
        }
    }
    return [...counts].reduce((best, next) => (next[1] > best[1] ? next : best))[0];
}
