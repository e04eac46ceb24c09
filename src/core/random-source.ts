/**
 * Draws that are the same on every machine and every Node version: 32-bit integer arithmetic only, no floats,
 * no `Math.random`, no locale. Not for secrets.
 */
export interface RandomSource {
    /** A whole number from 0 to 2^32 - 1. */
    readonly word: () => number;
    /** A whole number from 0 to `limit` - 1; `limit` at most 2^32. The bias of the remainder does not matter here. */
    readonly below: (limit: number) => number;
    /** True in about `perMille` of 1,000 draws. */
    readonly chance: (perMille: number) => boolean;
    /** One of `items`, which are not empty. */
    readonly pick: <Item>(items: readonly Item[]) => Item;
}

/** Doty-Humphrey's small fast counter with 32-bit words: three words of state and a counter, no short cycles. */
export function randomSource(seed: number): RandomSource {
    let a = seed | 0;
    let b = Math.floor(seed / 0x1_0000_0000) | 0;
    let c = 0x2545f491;
    let counter = 1;

    const word = (): number => {
        const sum = (a + b + counter) | 0;
        counter = (counter + 1) | 0;
        a = b ^ (b >>> 9);
        b = (c + (c << 3)) | 0;
        c = (((c << 21) | (c >>> 11)) + sum) | 0;
        return sum >>> 0;
    };
    // Neighbouring seeds differ in one bit; some rounds spread it over the whole state.
    for (let round = 0; round < 16; round++) {
        word();
    }
    const below = (limit: number): number => word() % limit;
    return {
        word,
        below,
        chance: (perMille) => below(1000) < perMille,
        pick: (items) => items[below(items.length)]!,
    };
}
