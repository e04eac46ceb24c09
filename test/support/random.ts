/**
 * A small seeded generator of random numbers (xorshift over 128 bits, seeded by splitmix).
 * Its own, so that a seed gives the same history on every Node version and with every fast-check.
 */
export class Random {
    readonly seed: number;
    #a: number;
    #b: number;
    #c: number;
    #d: number;

    constructor(seed: number) {
        this.seed = seed;
        let state = seed >>> 0;
        const next = (): number => {
            state = (state + 0x9e3779b9) >>> 0;
            let mixed = state;
            mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
            mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
            return (mixed ^ (mixed >>> 15)) >>> 0;
        };
        this.#a = next();
        this.#b = next();
        this.#c = next();
        this.#d = next() | 1;
    }

    /** An unsigned integer of 32 bits. */
    uint32(): number {
        const top = this.#d ^ (this.#d << 11);
        this.#d = this.#c;
        this.#c = this.#b;
        this.#b = this.#a;
        this.#a = (this.#a ^ (this.#a >>> 19) ^ (top ^ (top >>> 8))) >>> 0;
        return this.#a;
    }

    /** An integer from `low` to `high`, both included. */
    int(low: number, high: number): number {
        return low + (this.uint32() % (high - low + 1));
    }

    /** True in `percent` of a hundred cases. */
    chance(percent: number): boolean {
        return this.uint32() % 100 < percent;
    }

    pick<T>(items: readonly T[]): T {
        if (items.length === 0) {
            throw new RangeError('nothing to pick from');
        }
        return items[this.uint32() % items.length] as T;
    }

    /** `count` items (or all, if there are fewer), in random order. */
    sample<T>(items: readonly T[], count: number): T[] {
        return this.shuffle(items).slice(0, count);
    }

    shuffle<T>(items: readonly T[]): T[] {
        const shuffled = [...items];
        for (let index = shuffled.length - 1; index > 0; index--) {
            const other = this.int(0, index);
            [shuffled[index], shuffled[other]] = [shuffled[other] as T, shuffled[index] as T];
        }
        return shuffled;
    }

    /** Lower-case hexadecimal digits; PostgreSQL cannot compress them much, so 3,000 of them are toasted. */
    hex(digits: number): string {
        let text = '';
        while (text.length < digits) {
            text += this.uint32().toString(16).padStart(8, '0');
        }
        return text.slice(0, digits);
    }

    uuid(): string {
        const hex = this.hex(32);
        return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`;
    }

    /** A generator of its own, so that what one part draws does not move what another part draws. */
    fork(): Random {
        return new Random(this.uint32());
    }
}
