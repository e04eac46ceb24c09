import type { Skeleton } from '../../core/frame.ts';
import type { ScannedValues } from '../../core/scanned-values.ts';
import { type LearnedSkeleton, learnSkeleton } from './learn-skeleton.ts';
import { scanList } from './scan-value.ts';
import type { ScannedAhead } from './scanned-ahead.ts';

const SKELETONS_MAX = 64;
const CHANGE_BYTES_MAX = 256 * 1024;

/**
 * Recognises changes that repeat the bytes of an earlier one except for the elements of their value lists (nearly all
 * changes do), and scans only those elements. In doubt there is no match, and the scanner goes byte by byte.
 */
export class SkeletonMatcher {
    /** The skeleton of the last match, and where its lists are in which values. */
    skeleton: Skeleton | null = null;
    values: ScannedValues;
    lists: number[] = [];
    /** What the reading thread has already matched. */
    ahead: ScannedAhead | null = null;
    #learned: LearnedSkeleton[] = [];
    readonly #values: ScannedValues;
    /** Bytes scanned in vain and with success: once more bytes were wasted than saved we stop trying, so that time stays linear. */
    #wasted = 0;
    #used = 0;
    #attempts = 0;

    /** `values` receives the contents of the gaps. */
    constructor(values: ScannedValues) {
        this.#values = values;
        this.values = values;
    }

    /** The end of the change that begins at `at`, or -1. */
    match(bytes: Buffer, at: number, end: number): number {
        const found = bytes === this.ahead?.chunk ? this.#takeAhead(this.ahead, at, end) : -1;
        return found === -1 ? this.#matchHere(bytes, at, end) : found;
    }

    #takeAhead(ahead: ScannedAhead, at: number, end: number): number {
        const match = ahead.find('change', at, end);
        if (match === -1) {
            return -1;
        }
        const skeleton = ahead.skeletonOf(match);
        this.skeleton = skeleton;
        this.values = ahead.values;
        this.lists = [ahead.boundOf(match, 0), ahead.boundOf(match, 1)];
        if (skeleton.gaps.length > 1) {
            this.lists.push(ahead.boundOf(match, 2));
        }
        return ahead.endOf(match);
    }

    #matchHere(bytes: Buffer, at: number, end: number): number {
        if (this.#wasted > 1024 * 1024 + this.#used) {
            return -1;
        }
        const learned = this.#learned;
        for (let index = 0; index < learned.length; index++) {
            const candidate = learned[index] as LearnedSkeleton;
            if (!startsWith(bytes, at, end, candidate)) {
                continue;
            }
            const lists: number[] = [];
            const changeEnd = scanChange(candidate.literals, this.#values, bytes, at, end, lists);
            if (changeEnd < 0) {
                this.#wasted += ~changeEnd - at;
                continue;
            }
            if (index > 0) {
                // Frequent skeletons move to the front, one place at a time.
                learned[index] = learned[index - 1] as LearnedSkeleton;
                learned[index - 1] = candidate;
            }
            this.skeleton = candidate.skeleton;
            this.values = this.#values;
            this.lists = lists;
            this.#used += changeEnd - at;
            return changeEnd;
        }
        return -1;
    }

    /** Learns the skeleton of the complete change `bytes[at, end)`. */
    learn(bytes: Buffer, at: number, end: number): void {
        if (end - at > CHANGE_BYTES_MAX || this.#attempts > 4 * SKELETONS_MAX + this.#used / 65536) {
            return;
        }
        this.#attempts++;
        const learned = learnSkeleton(bytes, at, end);
        if (learned === null || this.#learned.some((one) => one.skeleton.text === learned.skeleton.text)) {
            return;
        }
        if (this.#learned.length === SKELETONS_MAX) {
            this.#learned.pop();
        }
        this.#learned.unshift(learned);
        this.ahead?.learn('change', learned.skeleton, learned.literals);
    }
}

/**
 * Scans the lists in the gaps of the change that begins at `at` (`literals` are the bytes around the gaps) and pushes
 * the bounds of its lists of values. Returns the index after the change. If it does not repeat the skeleton, `values`
 * is unchanged and the result is the complement `~index` of the place where the comparison stopped.
 */
export function scanChange(
    literals: readonly Buffer[],
    values: ScannedValues,
    bytes: Buffer,
    at: number,
    end: number,
    lists: number[],
): number {
    const before = values.count;
    const first = literals[0] as Buffer;
    if (!literalAt(bytes, at, end, first)) {
        return ~at;
    }
    values.reserve(end - at);
    lists.push(before);
    let index = at + first.length;
    for (let gap = 1; gap < literals.length; gap++) {
        const literal = literals[gap] as Buffer;
        const close = scanList(values, bytes, index, end);
        if (close === -1 || !literalAt(bytes, close, end, literal)) {
            values.truncate(before);
            return ~(close === -1 ? end : close);
        }
        lists.push(values.count);
        index = close + literal.length;
    }
    return index;
}

function startsWith(bytes: Buffer, at: number, end: number, candidate: LearnedSkeleton): boolean {
    const literal = candidate.literals[0] as Buffer;
    const { length } = literal;
    if (at + length > end) {
        return false;
    }
    // A byte that differs between most skeletons is compared before all the others.
    if (bytes[at + length - 1] !== 0x5b || bytes[at + candidate.probeAt] !== candidate.probe) {
        return false;
    }
    return bytes.compare(literal, 0, length, at, at + length) === 0;
}

function literalAt(bytes: Buffer, at: number, end: number, literal: Buffer): boolean {
    const { length } = literal;
    if (at + length > end) {
        return false;
    }
    if (length > 16) {
        return bytes.compare(literal, 0, length, at, at + length) === 0;
    }
    for (let index = 0; index < length; index++) {
        if (bytes[at + index] !== literal[index]) {
            return false;
        }
    }
    return true;
}
