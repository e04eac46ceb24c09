/** Smaller bodies are never refused: errors and most answers are smaller. */
const SMALL_BYTES = 16_384;

/**
 * Counts the bytes of answers in the server's memory, from readers and to clients. They have a common limit, since many
 * slow clients could otherwise each hold an answer in memory.
 */
export class BodyBudget {
    /** Bytes that clients have not received yet. */
    waiting = 0;
    #receiving = 0;
    readonly #bytesMax: number;

    constructor(bytesMax: number) {
        this.#bytesMax = bytesMax;
    }

    /** Whether there is room for this many more bytes. */
    hasRoom(bytes: number): boolean {
        return this.isSmall(bytes) || this.#receiving + this.waiting + bytes <= this.#bytesMax;
    }

    isSmall(bytes: number): boolean {
        return bytes <= SMALL_BYTES;
    }

    beginReceiving(bytes: number): void {
        this.#receiving += bytes;
    }

    endReceiving(bytes: number): void {
        this.#receiving -= bytes;
    }
}
