import { createHash, type Hash } from 'node:crypto';

const NOTHING = Buffer.alloc(0);

/** The bytes of a source from its beginning on, hashed as far as they are asked for. */
export class SourcePrefix {
    readonly #rest: AsyncIterator<Buffer>;
    readonly #betweenChunks: () => Promise<void>;
    readonly #hash = createHash('sha256');
    #hashed = 0;
    #chunk: Buffer;
    #reads: 'on' | 'to its end' | 'no further';

    /** `rest` continues after the `head`; `betweenChunks` may throw. */
    constructor(
        head: { readonly bytes: Buffer; readonly isAll: boolean },
        rest: AsyncIterator<Buffer>,
        betweenChunks: () => Promise<void>,
    ) {
        this.#chunk = head.bytes;
        this.#reads = head.isAll ? 'to its end' : 'on';
        this.#rest = rest;
        this.#betweenChunks = betweenChunks;
    }

    /** Hashes up to a place after the last one; false if the source ends before it. @throws what reading throws */
    async upTo(place: number): Promise<boolean> {
        while (place > this.#hashed + this.#chunk.length && this.#reads === 'on') {
            this.#hash.update(this.#chunk);
            this.#hashed += this.#chunk.length;
            await this.#betweenChunks();
            await this.#readOn();
        }
        if (place > this.#hashed + this.#chunk.length) {
            return false;
        }
        const used = place - this.#hashed;
        this.#hash.update(this.#chunk.subarray(0, used));
        this.#hashed = place;
        this.#chunk = this.#chunk.subarray(used);
        return true;
    }

    /** The running hash of the bytes so far. */
    hash(): Hash {
        return this.#hash.copy();
    }

    /** Bytes that follow, at least one if the source has any that can be read. */
    async following(): Promise<Buffer> {
        if (this.#chunk.length === 0 && this.#reads === 'on') {
            // Where reading fails, what was compared before is known all the same.
            await this.#readOn().catch(() => {
                this.#reads = 'no further';
                this.#chunk = NOTHING;
            });
        }
        return this.#chunk;
    }

    /** The source ends at the place that was asked for last. To be asked after `following`. */
    get isAtEnd(): boolean {
        return this.#chunk.length === 0 && this.#reads === 'to its end';
    }

    async #readOn(): Promise<void> {
        const next = await this.#rest.next();
        this.#reads = next.done === true ? 'to its end' : 'on';
        this.#chunk = next.done === true ? NOTHING : next.value;
    }
}
