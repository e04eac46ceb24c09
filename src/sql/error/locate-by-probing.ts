import type { SqlRegion } from '../regions.ts';
import type { SqlToken } from '../tokens.ts';

/** A statement that SQLite refuses, and a function that prepares altered copies of it. */
export interface SqlProbe {
    readonly statement: string;
    readonly message: string;
    /** SQLite's message if it refuses the text, else null. */
    readonly prepare: (sql: string) => string | null;
}

/** With more candidates than this, the first one is named without probing. */
const CANDIDATES_MAX = 64;

/**
 * The token at which SQLite's parser stops with `near "<text>": syntax error`. The parser reads from left to right
 * and stops at the first token that does not fit, so the statement cut after a token gives the same message if and
 * only if the token at fault is before the cut: the occurrences of `text` can be bisected.
 */
export function firstSyntaxError(
    text: string,
    tokens: readonly SqlToken[],
    { statement, message, prepare }: SqlProbe,
): SqlToken | undefined {
    const occurrences = tokens.filter((token) => token.text === text);
    let low = 0;
    let high = occurrences.length - 1;
    while (low < high) {
        const middle = Math.floor((low + high) / 2);
        const token = occurrences[middle] as SqlToken;
        if (prepare(statement.slice(0, token.offset + token.text.length)) === message) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return occurrences[low];
}

/**
 * The region that the message is about: the first one that is refused with the same message when `replacement` takes
 * the place of all others. Regions that cannot be replaced (a column list, the target of `set`) stay, and one of them
 * is named if no other region is at fault.
 */
export function culpritOf(
    regions: readonly SqlRegion[],
    replacement: string,
    { statement, message, prepare }: SqlProbe,
): SqlRegion | undefined {
    if (regions.length < 2 || regions.length > CANDIDATES_MAX) {
        return regions[0];
    }
    const isRefusedSo = (replaced: readonly SqlRegion[]): string | null =>
        prepare(replaceRegions(statement, replaced, replacement));
    const isReplaceable = (region: SqlRegion): boolean => !isSyntaxError(isRefusedSo([region]));
    const replaceable = regions.filter(isReplaceable);
    for (const region of replaceable) {
        const others = replaceable.filter((other) => other.end <= region.offset || other.offset >= region.end);
        if (isRefusedSo(others) === message) {
            // If the message stays when the region is replaced too, it comes from a region that had to stay.
            return isRefusedSo([...others, region]) === message && replaceable.length < regions.length
                ? regions.find((other) => !replaceable.includes(other))
                : region;
        }
    }
    // Replacing the others can change the message's wording: then take the region without which there is no error.
    return regions.find((region) => isRefusedSo([region]) === null) ?? regions[0];
}

function isSyntaxError(message: string | null): boolean {
    return message !== null && / syntax error$|^incomplete input$|^unrecognized token/.test(message);
}

/** Overlapping regions: the outer one is replaced, which replaces the inner ones with it. */
function replaceRegions(statement: string, regions: readonly SqlRegion[], replacement: string): string {
    let text = '';
    let at = 0;
    for (const region of regions.toSorted((left, right) => left.offset - right.offset || right.end - left.end)) {
        if (region.offset >= at) {
            text += statement.slice(at, region.offset) + replacement;
            at = region.end;
        }
    }
    return text + statement.slice(at);
}
