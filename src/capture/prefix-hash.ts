import { createHash } from 'node:crypto';

/**
 * A running SHA-256 over the bytes of a source from its start, whose digest can be asked for at any place: what a
 * source was up to a record's end is known by it, whatever its name.
 */
export class PrefixHash {
    readonly #hash = createHash('sha256');
    #bytes = 0;

    /** Number of bytes taken in. */
    get bytes(): number {
        return this.#bytes;
    }

    update(bytes: Uint8Array): void {
        this.#hash.update(bytes);
        this.#bytes += bytes.length;
    }

    /** SHA-256 of the bytes so far, in hex. More may follow. */
    digest(): string {
        return this.#hash.copy().digest('hex');
    }
}
