const LINES_BEFORE = 2;
const LINES_AFTER = 1;
const TAB = '    ';

/**
 * The lines around `offset` (UTF-16 units from the start of `text`) with their numbers, and a caret under the place:
 * ```
 *   11 | select
 * > 12 |     evnt_id,
 *      |     ^
 *   13 |     amount
 * ```
 * Tabs become four blanks, control characters and characters that change the direction of text are escaped, and lines
 * longer than `columnsMax` are cut around the caret (`…`).
 */
export function excerpt(text: string, offset: number, columnsMax = 100): string {
    const place = Math.max(0, Math.min(offset, text.length));
    const start = lineStart(text, place);
    const number = countLineFeeds(text, start) + 1;
    const before = linesBefore(text, start, number);
    const after = linesAfter(text, lineEnd(text, place), number);
    const width = String(number + after.length).length;
    const label = (mark: string, lineNumber: string): string => `${mark} ${lineNumber.padStart(width)} | `;
    const plain = (line: NumberedLine): string =>
        `${label(' ', String(line.number))}${cutAround(line.text, 0, columnsMax).shown}`.trimEnd();

    const { shown, caret } = cutAround(text.slice(start, lineEnd(text, place)), place - start, columnsMax);
    return [
        ...before.map(plain),
        `${label('>', String(number))}${shown}`.trimEnd(),
        `${label(' ', '')}${' '.repeat(caret)}^`,
        ...after.map(plain),
    ].join('\n');
}

/** Line and column of an offset, both 1-based; the column counts characters (code points), as editors do. */
export function lineAndColumn(text: string, offset: number): { readonly line: number; readonly column: number } {
    const start = lineStart(text, offset);
    let column = 1;
    for (const _ of text.slice(start, offset)) {
        column++;
    }
    return { line: countLineFeeds(text, start) + 1, column };
}

interface NumberedLine {
    readonly number: number;
    readonly text: string;
}

function linesBefore(text: string, start: number, number: number): readonly NumberedLine[] {
    const lines: NumberedLine[] = [];
    let end = start - 1;
    for (let back = 1; back <= LINES_BEFORE && end >= 0; back++) {
        const begin = lineStart(text, end);
        lines.unshift({ number: number - back, text: text.slice(begin, end) });
        end = begin - 1;
    }
    return lines;
}

function linesAfter(text: string, end: number, number: number): readonly NumberedLine[] {
    const lines: NumberedLine[] = [];
    let lineFeed = end;
    for (let on = 1; on <= LINES_AFTER && lineFeed + 1 < text.length; on++) {
        const next = lineEnd(text, lineFeed + 1);
        lines.push({ number: number + on, text: text.slice(lineFeed + 1, next) });
        lineFeed = next;
    }
    return lines;
}

/** The part of a line that is shown, and the 0-based column of the caret in it. */
function cutAround(
    line: string,
    place: number,
    columnsMax: number,
): { readonly shown: string; readonly caret: number } {
    // Text far from the caret is never shown, so a line of megabytes is not read as a whole.
    const from = Math.max(0, place - columnsMax);
    const head = [...visible(line.slice(from, place))];
    const tail = [...visible(line.slice(place, place + columnsMax + 1).replace(/\r$/, ''))];
    const isHeadCut = from > 0 || (head.length >= columnsMax && head.length + tail.length > columnsMax);
    const headMax = tail.length < columnsMax / 3 ? columnsMax - tail.length : Math.floor((columnsMax * 2) / 3);
    const keptHead = isHeadCut || head.length > headMax ? cutStart(head, headMax, from > 0) : head;
    const room = columnsMax - keptHead.length;
    const keptTail = tail.length > room ? [...tail.slice(0, room - 1), '…'] : tail;
    return { shown: [...keptHead, ...keptTail].join(''), caret: keptHead.length };
}

function cutStart(characters: readonly string[], charactersMax: number, isCutAlready: boolean): readonly string[] {
    if (characters.length < charactersMax && !isCutAlready) {
        return characters;
    }
    return ['…', ...characters.slice(Math.max(0, characters.length - charactersMax + 1))];
}

/** The text as shown: one terminal column per character. */
function visible(text: string): string {
    return text.replaceAll('\t', TAB).replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, (character) => {
        const codePoint = character.codePointAt(0) ?? 0;
        return codePoint < 0x100
            ? `\\x${codePoint.toString(16).padStart(2, '0')}`
            : `\\u${codePoint.toString(16).padStart(4, '0')}`;
    });
}

function lineStart(text: string, offset: number): number {
    return offset === 0 ? 0 : text.lastIndexOf('\n', offset - 1) + 1;
}

function lineEnd(text: string, offset: number): number {
    const lineFeed = text.indexOf('\n', offset);
    return lineFeed === -1 ? text.length : lineFeed;
}

function countLineFeeds(text: string, before: number): number {
    let count = 0;
    for (let at = text.indexOf('\n'); at !== -1 && at < before; at = text.indexOf('\n', at + 1)) {
        count++;
    }
    return count;
}
