import { stringEnd } from './string-end.ts';

/**
 * Invalid JSON of wal2json whose meaning is certain.
 *
 * A type whose schema has to be quoted is written as PostgreSQL prints it, without escapes: `"type":"S1"."Mood"`,
 * `"columntypes":["S1".mood]`. In JSON only a comma, a colon or a bracket can follow a string, so a full stop where a
 * type is expected means such a name.
 */

const TYPE_LISTS = new Set(['"columntypes"', '"keytypes"', '"pktypes"']);
/** `"S1"."Mood"` or `"S1".mood`, anchored at a place of the text. */
const QUALIFIED_NAME = /"[^"\\]*"\.(?:"[^"\\]*"|[\p{L}_][\p{L}\p{N}_$]*)/uy;
const LIST_BEGINS = /\s*:\s*\[/y;
const MEMBER_BEGINS = /^\s*:\s*$/;

/** The text with such types as JSON strings, or null if there is none. */
export function repairedJson(text: string): string | null {
    let repaired = '';
    let taken = 0;
    let inTypes = false;
    let before = '';
    let end = 0;
    for (let start = text.indexOf('"'); start !== -1; start = text.indexOf('"', end)) {
        const between = text.slice(end, start);
        if (between.includes(']')) {
            inTypes = false;
        }
        const isType = inTypes || (before === '"type"' && MEMBER_BEGINS.test(between));
        const name = isType ? matchAt(QUALIFIED_NAME, text, start) : null;
        end = name === null ? stringEnd(text, start) : start + name.length;
        if (name !== null) {
            repaired += text.slice(taken, start) + JSON.stringify(name);
            taken = end;
        }
        before = text.slice(start, end);
        if (TYPE_LISTS.has(before) && matchAt(LIST_BEGINS, text, end) !== null) {
            inTypes = true;
        }
    }
    return taken === 0 ? null : repaired + text.slice(taken);
}

function matchAt(pattern: RegExp, text: string, at: number): string | null {
    pattern.lastIndex = at;
    return pattern.exec(text)?.[0] ?? null;
}
