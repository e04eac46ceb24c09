/** Bodies below this are never refused: they are what errors and most answers are. */
const SMALL_BYTES = 16_384;

/**
 * Bytes of answers that are in the server: on their way from readers, or to clients, who may take their time. Together
 * they have a limit, since each of many slow clients would otherwise hold an answer in memory.
 */
export class BodyBudget {
    /** Bytes that clients have not taken yet. */
    waiting = 0;
    #receiving = 0;
    readonly #bytesMax: number;

    constructor(bytesMax: number) {
        this.#bytesMax = bytesMax;
    }

    /** Whether so many more bytes may come in. */
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
