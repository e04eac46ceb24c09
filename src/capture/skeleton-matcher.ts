import type { Skeleton } from '../frame.ts';
import { utf8Text } from '../utf8-text.ts';
import { type LearnedSkeleton, learnSkeleton } from './learn-skeleton.ts';
import { Needle } from './needle.ts';

const SKELETONS_MAX = 64;
const GAP_BYTES_MAX = 256 * 1024;
/** How many places that look like a change's end are tried. */
const ENDS_TRIED_MAX = 6;
const NEEDLE_BYTES_MAX = 11;

/**
 * Recognises changes that repeat the bytes of an earlier one up to the elements of their value lists, which is nearly
 * all of them, and finds their end by searching for the bytes behind the list. That search may hit inside a string
 * (`]}` occurs in JSON documents), so the end counts only if `JSON.parse` accepts the list: a list cut anywhere else
 * leaves a string or a bracket open. In any doubt the answer is "no", and the scanner goes byte by byte.
 */
export class SkeletonMatcher {
    /** What the last match was, and the values it found. */
    skeleton: Skeleton | null = null;
    values: unknown[][] = [];
    valuesTexts: string[] = [];
    #learned: LearnedSkeleton[] = [];
    /** By their first bytes: skeletons share these, so one search serves many. */
    readonly #needles = new Map<string, Needle>();
    /** Bytes parsed in vain and with success: with a bad balance nothing is tried any more, so time stays linear. */
    #wasted = 0;
    #used = 0;
    #attempts = 0;
    #parsed: unknown[] = [];
    #parsedText = '';

    /** The end of the change that begins at `at`, or -1. */
    match(bytes: Buffer, at: number, end: number, base: number): number {
        if (this.#wasted > 1024 * 1024 + this.#used) return -1;
        const learned = this.#learned;
        for (let index = 0; index < learned.length; index++) {
            const candidate = learned[index] as LearnedSkeleton;
            if (!startsWith(bytes, at, end, candidate)) continue;
            const changeEnd = this.#fill(candidate, bytes, at, end, base);
            if (changeEnd === -1) continue;
            if (index > 0) {
                // What is seen often moves to the front, step by step.
                learned[index] = learned[index - 1] as LearnedSkeleton;
                learned[index - 1] = candidate;
            }
            this.skeleton = candidate.skeleton;
            this.#used += changeEnd - at;
            return changeEnd;
        }
        return -1;
    }

    /** Remembers the change `bytes[at, end)`, which the scanner found whole. */
    learn(bytes: Buffer, at: number, end: number): void {
        if (end - at > GAP_BYTES_MAX || this.#attempts > 4 * SKELETONS_MAX + this.#used / 65536) return;
        this.#attempts++;
        const learned = learnSkeleton(bytes, at, end, (literal) => this.#needleFor(literal));
        if (learned === null || this.#learned.some((one) => one.skeleton.text === learned.skeleton.text)) return;
        if (this.#learned.length === SKELETONS_MAX) this.#learned.pop();
        this.#learned.unshift(learned);
    }

    #needleFor(literal: Buffer): Needle {
        const first = literal.subarray(0, NEEDLE_BYTES_MAX);
        const key = first.toString('latin1');
        const needle = this.#needles.get(key) ?? new Needle(first);
        this.#needles.set(key, needle);
        return needle;
    }

    /** Reads the gaps one by one. */
    #fill(candidate: LearnedSkeleton, bytes: Buffer, at: number, end: number, base: number): number {
        const { literals } = candidate;
        const values: unknown[][] = [];
        const texts: string[] = [];
        let index = at + (literals[0] as Buffer).length;
        for (let gap = 1; gap < literals.length; gap++) {
            const gapEnd = this.#gapEnd(candidate, gap, bytes, index, end, base);
            if (gapEnd === -1) return -1;
            values.push(this.#parsed);
            texts.push(this.#parsedText);
            index = gapEnd + (literals[gap] as Buffer).length;
        }
        this.values = values;
        this.valuesTexts = texts;
        return index;
    }

    /** Where the gap that begins at `at` ends, before the literal number `gap`; its values are left in `#parsed`. */
    #gapEnd(candidate: LearnedSkeleton, gap: number, bytes: Buffer, at: number, end: number, base: number): number {
        const literal = candidate.literals[gap] as Buffer;
        const needle = candidate.needles[gap - 1] as Needle;
        const isLast = gap === candidate.needles.length;
        let from = at;
        for (let tried = 0; tried < ENDS_TRIED_MAX; tried++) {
            const found = needle.find(bytes, from, end, base);
            if (found === -1 || found - at > GAP_BYTES_MAX) return -1;
            from = found + 1;
            if (isLast && !changeEndsAt(bytes, found + literal.length, end)) continue;
            if (literal.length > NEEDLE_BYTES_MAX && !literalAt(bytes, found, end, literal)) continue;
            const text = utf8Text(bytes, at - 1, found + 1);
            const parsed = parseList(text);
            if (parsed !== null) {
                this.#parsed = parsed;
                this.#parsedText = text;
                return found;
            }
            this.#wasted += found - at;
        }
        return -1;
    }
}

function startsWith(bytes: Buffer, at: number, end: number, candidate: LearnedSkeleton): boolean {
    const literal = candidate.literals[0] as Buffer;
    const { length } = literal;
    if (at + length > end) return false;
    // Bytes that tell most skeletons apart, before the comparison of all.
    if (bytes[at + length - 1] !== 0x5b || bytes[at + candidate.probeAt] !== candidate.probe) return false;
    return bytes.compare(literal, 0, length, at, at + length) === 0;
}

function literalAt(bytes: Buffer, at: number, end: number, literal: Buffer): boolean {
    return at + literal.length <= end && bytes.compare(literal, 0, literal.length, at, at + literal.length) === 0;
}

/** Whether a comma or the end of the list follows: what else would make the end doubtful. */
function changeEndsAt(bytes: Buffer, at: number, end: number): boolean {
    for (let index = at; index < end && index < at + 16; index++) {
        const byte = bytes[index];
        if (byte === 0x2c || byte === 0x5d) return true;
        if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return false;
    }
    return false;
}

/** The list that `text` is, or null if it is not one, or holds more than plain values. */
function parseList(text: string): unknown[] | null {
    try {
        const list = JSON.parse(text) as unknown[];
        for (let index = 0; index < list.length; index++) {
            const value = list[index];
            if (typeof value === 'object' && value !== null) return null;
        }
        return list;
    } catch {
        return null;
    }
}
