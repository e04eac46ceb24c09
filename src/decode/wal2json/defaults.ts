import { defaultEnd } from '../../core/default-end.ts';
import { stringEnd } from './string-end.ts';

/**
 * Defaults of columns, which wal2json writes with `include-default` as PostgreSQL prints them, without JSON's escapes:
 * `"default":"'{"a": 1}'::jsonb"`, `"columndefaults":["'C:\dir\'::text",null]`. Each becomes `null`: it may look like
 * JSON, `'a","value":"b'`, and must not be read as such.
 */

/** What no name or value can contain: in a string of valid JSON these quotes would be escaped. */
const HAS_DEFAULTS = /"(?:default"\s*:\s*"|columndefaults"\s*:\s*\[)/;
const MARKER = new RegExp(HAS_DEFAULTS, 'y');

/** Whether a change or record contains defaults of columns. */
export function hasDefaults(text: string): boolean {
    return HAS_DEFAULTS.test(text);
}

/** The text with `null` for each default; null if the end of one is not certain. */
export function withoutDefaults(text: string): string | null {
    let kept = '';
    let taken = 0;
    for (let start = text.indexOf('"'); start !== -1; start = text.indexOf('"', start)) {
        MARKER.lastIndex = start;
        const marker = MARKER.exec(text)?.[0];
        if (marker === undefined) {
            start = stringEnd(text, start);
            continue;
        }
        const isList = marker.endsWith('[');
        const from = start + marker.length - (isList ? 0 : 1);
        const end = isList ? listEnd(text, from) : endOfDefault(text, from);
        if (end === -1) {
            return null;
        }
        kept += `${text.slice(taken, from)}${isList ? '' : 'null'}`;
        taken = end;
        start = end;
    }
    return kept + text.slice(taken);
}

/** The index of the `]` that ends a list of defaults, from after its `[`; -1: not certain. */
function listEnd(text: string, from: number): number {
    for (let at = from; at < text.length; ) {
        const character = text[at] as string;
        if (character === ']') {
            return at;
        }
        if (character === '"') {
            at = endOfDefault(text, at);
        } else if (/[\s,nul]/.test(character)) {
            at++;
        } else {
            return -1;
        }
        if (at === -1) {
            return -1;
        }
    }
    return -1;
}

/** The index after the `"` that ends the default whose own `"` is at `start`; -1: not certain. */
function endOfDefault(text: string, start: number): number {
    // What follows the text is no part of the default.
    const end = defaultEnd((index) => text.charCodeAt(index), start, text.length);
    return end === text.length ? -1 : end;
}
