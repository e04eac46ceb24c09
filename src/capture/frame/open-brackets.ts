import { BACKSLASH, CLOSE_ARRAY, OPEN_ARRAY, QUOTE } from '../../core/ascii.ts';

/**
 * Looks for the `]` that closes the array around bytes that are not a record: `null]`, `["a]"]]`. Can be resumed at any
 * byte. Where the bytes are not JSON either, a stray quote hides it; then they end where another record begins.
 */
export class OpenBrackets {
    #depth = 0;
    #inString = false;
    #isEscaped = false;

    /** Reads `bytes[from, to)`; returns the index of the `]` that closes no `[` read so far, or -1. */
    unmatchedClose(bytes: Buffer, from: number, to: number): number {
        for (let index = from; index < to; index++) {
            const byte = bytes[index];
            if (this.#inString) {
                if (this.#isEscaped) {
                    this.#isEscaped = false;
                } else if (byte === BACKSLASH) {
                    this.#isEscaped = true;
                } else if (byte === QUOTE) {
                    this.#inString = false;
                }
            } else if (byte === QUOTE) {
                this.#inString = true;
            } else if (byte === OPEN_ARRAY) {
                this.#depth++;
            } else if (byte === CLOSE_ARRAY && this.#depth-- === 0) {
                return index;
            }
        }
        return -1;
    }
}
