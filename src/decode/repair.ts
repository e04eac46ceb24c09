/**
 * Invalid JSON of wal2json whose meaning is certain.
 *
 * A type with a quoted name in a schema is written without escapes: `"type":"S1"."Mood"`. In JSON no string can be
 * followed by a full stop, so every string that is so followed is part of such a name.
 */

const QUOTE = 0x22;

/** The text with such types as JSON strings, or null if there is none. */
export function repairedJson(text: string): string | null {
    let repaired = '';
    let taken = 0;
    let index = text.indexOf('"');
    while (index !== -1) {
        const start = index;
        let end = stringEnd(text, index);
        if (text[end] === '.') {
            while (text[end] === '.' && text.charCodeAt(end + 1) === QUOTE) end = stringEnd(text, end + 1);
            repaired += text.slice(taken, start) + JSON.stringify(text.slice(start, end));
            taken = end;
        }
        index = text.indexOf('"', end);
    }
    return taken === 0 ? null : repaired + text.slice(taken);
}

function stringEnd(text: string, at: number): number {
    let index = at + 1;
    while (index < text.length) {
        const code = text.charCodeAt(index);
        if (code === QUOTE) return index + 1;
        index += code === 0x5c ? 2 : 1;
    }
    return text.length;
}
