import type { Hash } from 'node:crypto';

/**
 * The running SHA-256 of a source's bytes, told at the end of any record of the chunk that is being read.
 *
 * Offsets must not run backwards; the place of the last whole record before the chunk stays known, because a record
 * may be longer than many chunks and a load can stop inside it.
 */
export class SourceHash {
    private readonly hash: Hash;
    private hashed: number;
    private chunk: Buffer | null = null;
    private chunkOffset: number;
    private mark: { readonly offset: number; readonly digest: string };

    /** `prefix` has hashed the bytes before `offset`. */
    constructor(prefix: Hash, offset: number) {
        this.hash = prefix.copy();
        this.hashed = offset;
        this.chunkOffset = offset;
        this.mark = { offset, digest: prefix.copy().digest('hex') };
    }

    beginChunk(chunk: Buffer): void {
        this.chunk = chunk;
    }

    /** Hex digest of the bytes before `offset`; null where it lies before what has been hashed. */
    digestAt(offset: number): string | null {
        if (offset !== this.mark.offset) {
            if (offset < this.hashed) {
                return null;
            }
            this.hashTo(offset);
            this.mark = { offset, digest: this.hash.copy().digest('hex') };
        }
        return this.mark.digest;
    }

    /** The chunk's bytes are hashed to its end; `wholeEnd` is the last place at which the load could stop. */
    endChunk(wholeEnd: number): void {
        this.digestAt(wholeEnd);
        const end = this.chunkOffset + (this.chunk?.length ?? 0);
        this.hashTo(end);
        this.chunkOffset = end;
        this.chunk = null;
    }

    private hashTo(offset: number): void {
        if (this.chunk !== null && offset > this.hashed) {
            this.hash.update(this.chunk.subarray(this.hashed - this.chunkOffset, offset - this.chunkOffset));
            this.hashed = offset;
        }
    }
}
