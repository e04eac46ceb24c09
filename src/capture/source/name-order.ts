const PARTS = /0[0-9]*|[1-9][0-9]*|[^0-9]/gu;
const NUMBER = /^[1-9]/;

/**
 * The order of names as a receiver counts them: `wal.9` before `wal.10`. A run of digits is compared as a number, but
 * for one that begins with 0: that is filled up to a width (`wal.009`, `00000001000000000000000A`), and there as
 * everywhere else the order of the bytes is the right one.
 */
export function inOrderOfNumbers(left: string, right: string): number {
    const ours = partsOf(left);
    const theirs = partsOf(right);
    for (let index = 0; index < ours.length && index < theirs.length; index++) {
        const order = orderOfParts(ours[index] as string, theirs[index] as string);
        if (order !== 0) {
            return order;
        }
    }
    return ours.length - theirs.length;
}

/** Numbers, and single characters: digits filled up to a width are those too. */
function partsOf(name: string): readonly string[] {
    return [...name.matchAll(PARTS)].flatMap(([part]) => (part.startsWith('0') ? [...part] : [part]));
}

function orderOfParts(left: string, right: string): number {
    if (NUMBER.test(left) && NUMBER.test(right) && left.length !== right.length) {
        return left.length - right.length;
    }
    return Buffer.compare(Buffer.from(left), Buffer.from(right));
}
