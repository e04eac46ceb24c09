/** Longer needles are searched by their first bytes: skeletons share these, so one search serves many. */
const NEEDLE_BYTES_MAX = 11;

interface Known {
    readonly needle: Buffer;
    /** No needle begins in the places from `from` to `until`, but at `found`. */
    from: number;
    until: number;
    /** Place of the needle, or -1. */
    found: number;
}

/**
 * Finds bytes behind a place, and remembers what it has found: searches from later and later places cost one pass over
 * the bytes altogether, whether the needle is there or not.
 */
export class NeedleFinder {
    readonly #known = new Map<string, Known>();
    readonly #byLiteral = new Map<Buffer, Known>();

    /** The first index at or behind `at` where `literal` may begin (its first bytes do), or -1. */
    find(bytes: Buffer, at: number, end: number, base: number, literal: Buffer): number {
        const known = this.#byLiteral.get(literal) ?? this.#know(literal);
        const place = at + base;
        if (place >= known.from) {
            if (known.found >= place) return known.found - base;
            if (known.found === -1 && known.until > place)
                return this.#search(known, bytes, known.until - base, end, base, known.from);
        }
        return this.#search(known, bytes, at, end, base, place);
    }

    #search(known: Known, bytes: Buffer, at: number, end: number, base: number, from: number): number {
        const { needle } = known;
        known.from = from;
        const found = at < end ? bytes.indexOf(needle, at) : -1;
        if (found === -1 || found + needle.length > end) {
            known.found = -1;
            known.until = Math.max(at, end - needle.length + 1) + base;
            return -1;
        }
        known.found = found + base;
        known.until = known.found;
        return found;
    }

    #know(literal: Buffer): Known {
        const needle = literal.subarray(0, NEEDLE_BYTES_MAX);
        const key = needle.toString('latin1');
        let known = this.#known.get(key);
        if (known === undefined) {
            known = { needle, from: 0, until: 0, found: -1 };
            this.#known.set(key, known);
        }
        this.#byLiteral.set(literal, known);
        return known;
    }
}
