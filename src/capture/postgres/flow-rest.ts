/** Within so long after the last messages they come one upon the other. */
const FLOW_MS = 2;
/**
 * Short enough that a local socket, which holds about 280 short messages, is not full before it is over. A timer has no
 * part of a millisecond.
 */
const REST_MS = 0.3;
/** After so many bytes at once the socket may be full soon: there is no time to rest. */
const REST_BYTES_MAX = 24 * 1024;

const nobody = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));

/**
 * Lets a thread that only reads a socket rest between two looks at it, as long as messages come one upon the other: a
 * server sends each change by itself, and a wake-up costs it and us more than the change. For a thread that has nothing
 * else to do: it stands still.
 */
export class FlowRest {
    #heardAt = Number.NEGATIVE_INFINITY;

    /** To be called with what a look has brought. */
    heard(bytes: number): void {
        const now = performance.now();
        const isFlowing = now - this.#heardAt < FLOW_MS;
        this.#heardAt = now;
        if (isFlowing && bytes < REST_BYTES_MAX) {
            Atomics.wait(nobody, 0, 0, REST_MS);
        }
    }
}
