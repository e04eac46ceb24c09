import { literalEnd } from '../../core/json-bytes.ts';
import type { ScannedValues } from '../../core/scanned-values.ts';
import type { SkeletonKind } from './skeleton-kinds.ts';

/** More are not kept: the least used goes. */
export const SKELETONS_MAX = 128;
/** Bytes scanned in vain, beyond those scanned with success, after which nothing is tried. */
const WASTED_BYTES_MAX = 1024 * 1024;

interface Literals {
    readonly literals: readonly Buffer[];
}

/** Learned skeletons of a kind, the frequent ones first. */
export class SkeletonList<T extends Literals> {
    readonly kind: SkeletonKind;
    /** The last match. */
    found: T | null = null;
    /** `Repetition.bounds` of the last match. */
    bounds: number[] = [];
    /** What all skeletons begin with. */
    prefix: Buffer = Buffer.alloc(0);
    /** Bytes scanned with success. */
    used = 0;
    #wasted = 0;
    readonly #known: T[] = [];

    constructor(kind: SkeletonKind) {
        this.kind = kind;
    }

    /** False: once more bytes were wasted than saved nothing is tried, so that time stays linear. */
    get pays(): boolean {
        return this.#wasted <= WASTED_BYTES_MAX + this.used;
    }

    has(test: (known: T) => boolean): boolean {
        return this.#known.some(test);
    }

    add(skeleton: T): void {
        const first = skeleton.literals[0] as Buffer;
        this.prefix = this.#known.length === 0 ? first : commonPrefix(this.prefix, first);
        if (this.#known.length === SKELETONS_MAX) {
            this.#known.pop();
        }
        this.#known.unshift(skeleton);
    }

    /** The end of what begins at `at`, if it repeats a skeleton, and its values in `values`; else -1. */
    match(values: ScannedValues, bytes: Buffer, at: number, end: number): number {
        const known = this.#known;
        const probeAt = this.prefix.length;
        const probe = bytes[at + probeAt];
        let bounds: number[] = [];
        for (let index = 0; index < known.length; index++) {
            const candidate = known[index] as T;
            // Most skeletons differ in this byte.
            const byte = (candidate.literals[0] as Buffer)[probeAt];
            if (byte !== undefined && byte !== probe) {
                continue;
            }
            const reached = scanGaps(this.kind, candidate.literals, values, bytes, at, end, bounds);
            if (reached < 0) {
                this.#wasted += ~reached - at;
                bounds = [];
                continue;
            }
            if (index > 0) {
                // Frequent skeletons move to the front, one place at a time.
                known[index] = known[index - 1] as T;
                known[index - 1] = candidate;
            }
            this.used += reached - at;
            this.found = candidate;
            this.bounds = bounds;
            return reached;
        }
        return -1;
    }
}

/**
 * Compares the literals with the bytes from `at`, and scans the gaps between them. Returns the index after the last
 * literal. If the bytes do not repeat the skeleton, `values` is unchanged and the result is the complement `~index` of
 * the place where the comparison stopped.
 */
function scanGaps(
    { scanGap, isList }: SkeletonKind,
    literals: readonly Buffer[],
    values: ScannedValues,
    bytes: Buffer,
    at: number,
    end: number,
    bounds: number[],
): number {
    const before = values.count;
    let index = literalEnd(literals[0] as Buffer, bytes, at, end);
    if (index === -1) {
        return ~at;
    }
    values.reserve(end - at);
    bounds.push(before);
    for (let gap = 1; gap < literals.length; gap++) {
        const gapEnd = index < end ? scanGap(values, bytes, index, end) : -1;
        const next = gapEnd === -1 ? -1 : literalEnd(literals[gap] as Buffer, bytes, gapEnd, end);
        if (next === -1) {
            values.truncate(before);
            return ~(gapEnd === -1 ? end : gapEnd);
        }
        if (isList) {
            bounds.push(values.count);
        }
        index = next;
    }
    return index;
}

function commonPrefix(one: Buffer, other: Buffer): Buffer {
    let length = 0;
    while (length < one.length && length < other.length && one[length] === other[length]) {
        length++;
    }
    return one.subarray(0, length);
}
