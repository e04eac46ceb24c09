const OPENING_BYTES_MAX = 64;

/**
 * The beginning of the last record, from its `{` to the `[` of `"change":[`. Records without an xid or an LSN repeat it
 * byte for byte, and need not be scanned again.
 */
export class RecordOpening {
    /** Index of the key `"change"` in the opening. */
    keyIndex = 0;
    readonly #bytes = Buffer.alloc(OPENING_BYTES_MAX);
    #length = 0;

    /** The index after the `[`, if the bytes at `at` repeat the opening; else -1. */
    match(bytes: Buffer, at: number, end: number): number {
        const length = this.#length;
        if (length === 0 || at + length > end) {
            return -1;
        }
        for (let index = 0; index < length; index++) {
            if (bytes[at + index] !== this.#bytes[index]) {
                return -1;
            }
        }
        return at + length;
    }

    /** Remembers the opening `bytes[start, end)`, whose key stands at `keyAt`. */
    learn(bytes: Buffer, start: number, keyAt: number, end: number): void {
        const length = end - start;
        this.#length = length <= OPENING_BYTES_MAX ? length : 0;
        if (this.#length === 0) {
            return;
        }
        bytes.copy(this.#bytes, 0, start, end);
        this.keyIndex = keyAt - start;
    }
}
