import type { Repetition, Skeleton } from '../../core/frame.ts';
import type { ScannedValues } from '../../core/scanned-values.ts';
import { type LearnedSkeleton, learnSkeleton } from './learn-skeleton.ts';
import type { ScannedAhead } from './scanned-ahead.ts';
import { type KindName, SKELETON_KINDS } from './skeleton-kinds.ts';
import { SKELETONS_MAX, SkeletonList } from './skeleton-list.ts';

/** So many bytes that were scanned with success pay for learning one skeleton more. */
const BYTES_PER_ATTEMPT = 65_536;

/**
 * Recognises changes or records that repeat the bytes of an earlier one except for their values (nearly all do), and
 * scans only those. In doubt there is no match, and the scanner goes byte by byte. The last match is in the members of
 * `Repetition`.
 */
export class SkeletonMatcher implements Repetition {
    skeleton: Skeleton | null = null;
    values: ScannedValues;
    bounds: readonly number[] = [];
    /** What the reading thread has already matched. */
    ahead: ScannedAhead | null = null;
    readonly #learned: SkeletonList<LearnedSkeleton>;
    readonly #values: ScannedValues;
    #attempts = 0;

    /** `values` receives the contents of the gaps. */
    constructor(kind: KindName, values: ScannedValues) {
        this.#learned = new SkeletonList(SKELETON_KINDS[kind]);
        this.#values = values;
        this.values = values;
    }

    /** The end of the change or record that begins at `at`, or -1. */
    match(bytes: Buffer, at: number, end: number): number {
        const { ahead } = this;
        if (ahead !== null && bytes === ahead.chunk) {
            const match = ahead.find(this.#learned.kind.name, at, end);
            if (match !== -1) {
                this.skeleton = ahead.skeletonOf(match);
                this.values = ahead.values;
                this.bounds = ahead.boundsOf(match);
                return ahead.endOf(match);
            }
        }
        const found = this.#learned.pays ? this.#learned.match(this.#values, bytes, at, end) : -1;
        if (found !== -1) {
            this.skeleton = (this.#learned.found as LearnedSkeleton).skeleton;
            this.values = this.#values;
            this.bounds = this.#learned.bounds;
        }
        return found;
    }

    /** Learns the skeleton of the complete change or record `bytes[at, end)`. */
    learn(bytes: Buffer, at: number, end: number): void {
        const { kind, used } = this.#learned;
        if (end - at > kind.bytesMax || this.#attempts > 4 * SKELETONS_MAX + used / BYTES_PER_ATTEMPT) {
            return;
        }
        this.#attempts++;
        const learned = learnSkeleton(kind, bytes, at, end);
        if (learned !== null && !this.#learned.has(({ skeleton }) => skeleton.text === learned.skeleton.text)) {
            this.#learned.add(learned);
            this.ahead?.learn(kind.name, learned.skeleton, learned.literals);
        }
    }
}
