import type { Member } from '../../core/json-spans.ts';

/** A value of which the source text holds everything: no text with an escape, no list and no object. */
const PLAIN_VALUE = String.raw`("[^"\\\x00-\x1f]*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)`;
/** A pattern is compiled for rows that were met so often. */
const MISSES_MAX = 1_000;
/** A pattern remembers how it came to each character of a text: what is longer is read without one. */
const CHARACTERS_MAX = 65_536;

/**
 * Reads JSON rows that are written like one before them, with the same names in the same order and the same spaces: one
 * regular expression matches the whole row, which is a quarter of the time of parsing it and finding its members. What
 * it matches is JSON, so such a row needs no parse; any other row is for the caller to read.
 */
export class RowPattern {
    #pattern: RegExp | null = null;
    #places: readonly number[] = [];
    #misses = MISSES_MAX - 1;

    /** The source texts of a row's values, by the places of their columns; null: it is not written so. */
    read(text: string): (string | undefined)[] | null {
        const match = text.length > CHARACTERS_MAX ? null : (this.#pattern?.exec(text) ?? null);
        if (match === null) {
            return null;
        }
        const sources: (string | undefined)[] = [];
        for (let index = 0; index < this.#places.length; index++) {
            sources[this.#places[index] as number] = match[index + 1];
        }
        return sources;
    }

    /** Hears of a row that `read` did not know, with the place of the column of each member. */
    missed(text: string, members: readonly Member[], placeOf: (name: string) => number): void {
        this.#misses++;
        if (this.#misses < MISSES_MAX || text.length > CHARACTERS_MAX) {
            return;
        }
        this.#misses = 0;
        let pattern = '';
        let at = 0;
        for (const { start, end } of members) {
            pattern += escaped(text.slice(at, start)) + PLAIN_VALUE;
            at = end;
        }
        const whole = new RegExp(`^${pattern}${escaped(text.slice(at))}$`);
        if (whole.test(text)) {
            this.#pattern = whole;
            this.#places = members.map(({ name }) => placeOf(name));
        }
    }
}

function escaped(text: string): string {
    return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
