const FIRST_MS = 1_000;
const MOST_MS = 30_000;

/** Calls later, and later each time that it fails: many pages wait for the same server, each for another while. */
export class Retry {
    #attempts = 0;
    #timer: ReturnType<typeof setTimeout> | undefined;

    /** Replaces what was still to be called. */
    later(work: () => void): void {
        this.stop();
        this.#timer = setTimeout(work, delayMs(this.#attempts, Math.random()));
        this.#attempts++;
    }

    /** It did not fail any more. */
    reset(): void {
        this.stop();
        this.#attempts = 0;
    }

    stop(): void {
        clearTimeout(this.#timer);
    }
}

/** Twice as long each time, less up to a half of it by chance (0 to 1). */
export function delayMs(attempts: number, chance: number): number {
    return Math.min(MOST_MS, FIRST_MS * 2 ** attempts) * (1 - chance / 2);
}
