import { LINE_FEED, QUOTE, RETURN } from '../../core/ascii.ts';

/** The byte that ends a line: a line feed, which a carriage return may precede, or that alone (old spreadsheets). */
export type LineBreak = typeof LINE_FEED | typeof RETURN;

/**
 * The line break of a source whose first line that is not blank begins at `from`: the first one outside quotes. Null:
 * more bytes must tell.
 */
export function lineBreakOf(bytes: Buffer, from: number, isEnd: boolean): LineBreak | null {
    const lineFeed = bytes.indexOf(LINE_FEED, from);
    const carriageReturn = bytes.indexOf(RETURN, from);
    const isAlone = carriageReturn !== -1 && (lineFeed === -1 || carriageReturn + 1 < lineFeed);
    if (!isAlone) {
        return lineFeed !== -1 || isEnd ? LINE_FEED : null;
    }
    if (carriageReturn + 1 === bytes.length) {
        return isEnd ? LINE_FEED : null;
    }
    const quotes = bytes.subarray(from, carriageReturn).filter((byte) => byte === QUOTE).length;
    return quotes % 2 === 0 ? RETURN : LINE_FEED;
}

/** A row that has not ended: more bytes are needed. */
export const UNFINISHED = -1;
/** A quote that is not closed before the end of the source. */
export const UNCLOSED = -2;

/** How the rows of a source are written. */
export interface RowForm {
    readonly delimiter: number;
    readonly lineBreak: LineBreak;
}

/**
 * Index after the row's line break (or `bytes.length` at the end of the source), for the row that begins at `from`.
 * A quote opens a field only at its first byte; inside, two quotes are one.
 */
export function rowEnd(bytes: Buffer, from: number, { delimiter, lineBreak }: RowForm, isEnd: boolean): number {
    let lineFeed = bytes.indexOf(lineBreak, from);
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
            lineFeed = bytes.indexOf(lineBreak, next);
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
export function lineEnd(bytes: Buffer, from: number, lineBreak: LineBreak): number {
    const lineFeed = bytes.indexOf(lineBreak, from);
    return lineFeed === -1 ? bytes.length : lineFeed + 1;
}

/** Index after the row's last byte that does not belong to its line break. */
export function withoutBreak(bytes: Buffer, start: number, end: number, lineBreak: LineBreak): number {
    if (end > start && bytes[end - 1] === lineBreak) {
        const isPair = lineBreak === LINE_FEED && end - 1 > start && bytes[end - 2] === RETURN;
        return isPair ? end - 2 : end - 1;
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
