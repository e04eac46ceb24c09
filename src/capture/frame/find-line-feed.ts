/**
 * Finds bytes behind a place, and remembers what it has found: searches from later and later places cost one pass over
 * the source altogether, whether the bytes are there or not.
 */
export class Needle {
    readonly #bytes: Buffer;
    /** From this place up to `#until` the bytes do not begin, but at `#found`. */
    #from = 0;
    #until = 0;
    /** The place found last, or -1. */
    #found = -1;

    constructor(bytes: Buffer) {
        this.#bytes = bytes;
    }

    /** The first index at or behind `at` where the bytes stand, or -1. `base` is the place of index 0. */
    find(bytes: Buffer, at: number, end: number, base: number): number {
        const place = at + base;
        if (place >= this.#from) {
            if (this.#found >= place) {
                return this.#found - base;
            }
            if (this.#found === -1 && this.#until > place) {
                return this.#search(bytes, this.#until - base, end, base);
            }
        }
        this.#from = place;
        return this.#search(bytes, at, end, base);
    }

    #search(bytes: Buffer, at: number, end: number, base: number): number {
        const found = at < end ? bytes.indexOf(this.#bytes, at) : -1;
        if (found !== -1 && found + this.#bytes.length <= end) {
            this.#found = found + base;
            return found;
        }
        this.#found = -1;
        this.#until = Math.max(at, end - this.#bytes.length + 1) + base;
        return -1;
    }
}
