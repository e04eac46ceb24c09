import type { RunningHash } from './running-hash.ts';

/**
 * The running SHA-256 of a source's bytes, available at the end of any record of the chunk that is being read.
 *
 * Offsets must not decrease. The digest at the last whole record before the chunk stays available, because a record may
 * be longer than many chunks and a load can stop inside it.
 */
export class SourceHash {
    readonly #hash: RunningHash;
    #hashed: number;
    #chunk: Buffer | null = null;
    #chunkOffset: number;
    #mark: { readonly offset: number; readonly digest: () => string };

    /** `hash` covers the bytes before `offset`. */
    constructor(hash: RunningHash, offset: number) {
        this.#hash = hash;
        this.#hashed = offset;
        this.#chunkOffset = offset;
        this.#mark = { offset, digest: hash.digest() };
    }

    beginChunk(chunk: Buffer): void {
        this.#chunk = chunk;
    }

    /**
     * Returns a function for the hex digest of the bytes before `offset`, to be called before this is called again; null
     * if more bytes have been hashed already.
     */
    digestAt(offset: number): (() => string) | null {
        return this.#markAt(offset) ? this.#mark.digest : null;
    }

    /** Hashes the chunk to its end; `wholeEnd` is the last place at which the load could stop. */
    endChunk(wholeEnd: number): void {
        this.#markAt(wholeEnd);
        const end = this.#chunkOffset + (this.#chunk?.length ?? 0);
        this.#hashTo(end);
        this.#chunkOffset = end;
        this.#chunk = null;
    }

    /** False if more bytes have been hashed already. */
    #markAt(offset: number): boolean {
        if (offset !== this.#mark.offset) {
            if (offset < this.#hashed) {
                return false;
            }
            this.#hashTo(offset);
            this.#mark = { offset, digest: this.#hash.digest() };
        }
        return true;
    }

    #hashTo(offset: number): void {
        if (this.#chunk !== null && offset > this.#hashed) {
            this.#hash.update(this.#chunk.subarray(this.#hashed - this.#chunkOffset, offset - this.#chunkOffset));
            this.#hashed = offset;
        }
    }
}
