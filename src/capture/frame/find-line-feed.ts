/**
 * Finds the next occurrence of some bytes and remembers it: searches from ascending places cost one pass over the
 * source altogether, whether the bytes occur or not.
 */
export class Needle {
    readonly #bytes: Buffer;
    /** Between this place and `#until` the bytes occur at `#found` only. */
    #from = 0;
    #until = 0;
    /** The last place found, or -1. */
    #found = -1;

    constructor(bytes: Buffer) {
        this.#bytes = bytes;
    }

    /** The first index at or after `at` where the bytes occur, or -1. `base` is the place of index 0. */
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
