import { BACKSLASH, QUOTE } from '../../core/ascii.ts';

/** The index after the JSON string that begins at `at`, also in text that is not JSON as a whole. */
export function stringEnd(text: string, at: number): number {
    let index = at + 1;
    while (index < text.length) {
        const code = text.charCodeAt(index);
        if (code === QUOTE) {
            return index + 1;
        }
        index += code === BACKSLASH ? 2 : 1;
    }
    return text.length;
}
