import type { Skeleton } from '../../core/frame.ts';
import { ScannedValues } from '../../core/scanned-values.ts';

/** What a thread has scanned of a chunk, in shared memory. */
export interface AheadMemory {
    /** How many matches there are. */
    readonly count: Int32Array;
    /** `MATCH_INTS` a match, in the order of the chunk. */
    readonly matches: Int32Array;
    readonly bytes: Uint8Array;
    readonly kinds: Uint8Array;
    readonly ends: Int32Array;
}

/** Of a match: its first byte in the chunk, the one behind it, the skeleton's number, and up to three bounds of lists. */
export const MATCH_INTS = 6;
export const LISTS_AT = 3;
/** No match of a skeleton has fewer bytes: `{"columnvalues":[]}`, `{"action":"C"}`. */
const MATCH_BYTES_MIN = 14;

/** What can be scanned ahead: whole records, or changes in a record's list. */
export type AheadKind = 'change' | 'record';

/** A skeleton that the thread is to know: the bytes around its gaps. */
export interface AheadSkeleton {
    readonly kind: AheadKind;
    readonly literals: readonly Uint8Array[];
}

/** Memory for what a chunk of so many bytes can hold at the most; pages that nothing is written to take none. */
export function aheadMemory(chunkBytes: number): AheadMemory {
    // A value has at least one byte, and one of the bytes around it.
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

interface Chunk {
    readonly memory: AheadMemory;
    readonly values: ScannedValues;
}

/**
 * What a thread has scanned of the chunk that is being framed. It is asked at a place where a change or a record
 * begins, and answers what scanning there gives; in any doubt it has no answer, and whoever asks scans.
 */
export class ScannedAhead {
    /** The chunk; its bytes and no others may be asked for. */
    chunk: Buffer | null = null;
    values: ScannedValues;
    readonly #chunks: readonly Chunk[];
    readonly #tell: (skeleton: AheadSkeleton) => void;
    readonly #skeletons: { readonly skeleton: Skeleton; readonly kind: AheadKind }[] = [];
    #matches: Int32Array;
    #count = 0;
    #cursor = 0;

    /** `tell`: the thread learns a skeleton; the first one it is told has the number 0. */
    constructor(memories: readonly AheadMemory[], tell: (skeleton: AheadSkeleton) => void) {
        this.#chunks = memories.map((memory) => ({ memory, values: valuesIn(memory) }));
        this.#tell = tell;
        const [{ memory, values }] = this.#chunks as [Chunk];
        this.values = values;
        this.#matches = memory.matches;
    }

    /** From now on `chunk` is asked for, which lies in the chunk of that number. */
    begin(chunk: Buffer, number: number): void {
        const { memory, values } = this.#chunks[number] as Chunk;
        this.chunk = chunk;
        this.values = values;
        this.#matches = memory.matches;
        this.#count = memory.count[0] as number;
        this.#cursor = 0;
    }

    /** No chunk is asked for. */
    end(): void {
        this.chunk = null;
    }

    learn(kind: AheadKind, skeleton: Skeleton, literals: readonly Buffer[]): void {
        this.#skeletons.push({ skeleton, kind });
        this.#tell({ kind, literals: literals.map((literal) => Uint8Array.from(literal)) });
    }

    /** The match that begins at `at` in the chunk and ends at `end` or before; -1: none. Places must not run backwards. */
    find(kind: AheadKind, at: number, end: number): number {
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

    /** Where the match that was found ends in the chunk. */
    endOf(match: number): number {
        return (this.#matches[match + 1] as number) - (this.chunk as Buffer).byteOffset;
    }

    skeletonOf(match: number): Skeleton {
        return (this.#skeletons[this.#matches[match + 2] as number] as { skeleton: Skeleton }).skeleton;
    }

    /** Bound `index` of the match's lists of values. */
    boundOf(match: number, index: number): number {
        return this.#matches[match + LISTS_AT + index] as number;
    }
}
