import type { Skeleton } from '../../core/frame.ts';
import { ScannedValues } from '../../core/scanned-values.ts';
import type { KindName } from './skeleton-kinds.ts';

/** The matches that the reading thread found in a chunk, in shared memory. */
export interface AheadMemory {
    /** The number of matches. */
    readonly count: Int32Array;
    /** `MATCH_INTS` per match, in the order of the chunk. */
    readonly matches: Int32Array;
    readonly bytes: Uint8Array;
    readonly kinds: Uint8Array;
    readonly ends: Int32Array;
}

/** Per match: its first byte in the chunk, the byte after it, the skeleton's number, and up to three bounds. */
export const MATCH_INTS = 6;
export const BOUNDS_AT = 3;
/** The shortest possible match: `{"columnvalues":[]}`, `{"action":"C"}`. */
const MATCH_BYTES_MIN = 14;

/** A skeleton for the thread to search for: the bytes around its gaps. */
export interface AheadSkeleton {
    readonly kind: KindName;
    readonly literals: readonly Uint8Array[];
}

/** Memory for all matches that a chunk of this size can hold; pages that are never written take no memory. */
export function aheadMemory(chunkBytes: number): AheadMemory {
    // A value takes at least two bytes: one of its own and a separator.
    const values = Math.ceil(chunkBytes / 2) + 1;
    const matches = Math.floor(chunkBytes / MATCH_BYTES_MIN);
    return {
        count: new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)),
        matches: new Int32Array(new SharedArrayBuffer(matches * MATCH_INTS * Int32Array.BYTES_PER_ELEMENT)),
        bytes: new Uint8Array(new SharedArrayBuffer(chunkBytes)),
        kinds: new Uint8Array(new SharedArrayBuffer(values)),
        ends: new Int32Array(new SharedArrayBuffer(values * Int32Array.BYTES_PER_ELEMENT)),
    };
}

export function valuesIn({ bytes, kinds, ends }: AheadMemory): ScannedValues {
    return new ScannedValues(Buffer.from(bytes.buffer), kinds, ends);
}

/** A skeleton that the thread has learned, by its number. */
interface Told {
    readonly skeleton: Skeleton;
    readonly kind: KindName;
}

interface Chunk {
    readonly memory: AheadMemory;
    readonly values: ScannedValues;
}

/**
 * The thread's matches in the chunk that is being framed. The framer looks one up where a change or a record begins;
 * where there is none, it scans by itself.
 */
export class ScannedAhead {
    /** The chunk; matches may be looked up in its bytes only. */
    chunk: Buffer | null = null;
    values: ScannedValues;
    readonly #chunks: readonly Chunk[];
    readonly #tell: (skeleton: AheadSkeleton) => void;
    readonly #skeletons: Told[] = [];
    #matches: Int32Array;
    #count = 0;
    #cursor = 0;

    /** `tell` sends the thread a skeleton to learn; the first one gets the number 0. */
    constructor(memories: readonly AheadMemory[], tell: (skeleton: AheadSkeleton) => void) {
        this.#chunks = memories.map((memory) => ({ memory, values: valuesIn(memory) }));
        this.#tell = tell;
        const [{ memory, values }] = this.#chunks as [Chunk];
        this.values = values;
        this.#matches = memory.matches;
    }

    /** Lookups now concern `chunk`, which lies in the shared chunk of that number. */
    begin(chunk: Buffer, number: number): void {
        const { memory, values } = this.#chunks[number] as Chunk;
        this.chunk = chunk;
        this.values = values;
        this.#matches = memory.matches;
        this.#count = memory.count[0] as number;
        this.#cursor = 0;
    }

    /** Lookups find nothing until the next chunk. */
    end(): void {
        this.chunk = null;
    }

    learn(kind: KindName, skeleton: Skeleton, literals: readonly Buffer[]): void {
        this.#skeletons.push({ skeleton, kind });
        this.#tell({ kind, literals: literals.map((literal) => Uint8Array.from(literal)) });
    }

    /** The match that begins at `at` in the chunk and ends at or before `end`; -1: none. `at` must not decrease between calls. */
    find(kind: KindName, at: number, end: number): number {
        const matches = this.#matches;
        const base = (this.chunk as Buffer).byteOffset;
        let cursor = this.#cursor;
        while (cursor < this.#count && (matches[cursor * MATCH_INTS] as number) < base + at) {
            cursor++;
        }
        this.#cursor = cursor;
        const first = cursor * MATCH_INTS;
        const isThere =
            cursor < this.#count &&
            matches[first] === base + at &&
            (matches[first + 1] as number) <= base + end &&
            this.#skeletons[matches[first + 2] as number]?.kind === kind;
        return isThere ? first : -1;
    }

    /** Where the match ends in the chunk. */
    endOf(match: number): number {
        return (this.#matches[match + 1] as number) - (this.chunk as Buffer).byteOffset;
    }

    skeletonOf(match: number): Skeleton {
        return (this.#skeletons[this.#matches[match + 2] as number] as Told).skeleton;
    }

    /** `Repetition.bounds` of the match. */
    boundsOf(match: number): number[] {
        const { skeleton, kind } = this.#skeletons[this.#matches[match + 2] as number] as Told;
        const bounds = [this.#matches[match + BOUNDS_AT] as number];
        for (let gap = 1; kind === 'change' && gap <= skeleton.gaps.length; gap++) {
            bounds.push(this.#matches[match + BOUNDS_AT + gap] as number);
        }
        return bounds;
    }
}
