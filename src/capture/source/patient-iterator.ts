/** Nothing has come for a while; the source has not ended. */
export const LULL = Symbol('lull');

/**
 * Reads a source that may be quiet for any time, such as a pipe. A request that was not answered within the time of a
 * lull stays, and its answer is that of the next one.
 */
export class PatientIterator implements AsyncIterator<Buffer> {
    readonly #source: AsyncIterator<Buffer>;
    #requested: Promise<IteratorResult<Buffer>> | null = null;

    constructor(source: AsyncIterator<Buffer>) {
        this.#source = source;
    }

    async next(): Promise<IteratorResult<Buffer>> {
        const requested = this.#requested ?? this.#source.next();
        this.#requested = null;
        return await requested;
    }

    async nextOrLull(milliseconds: number): Promise<IteratorResult<Buffer> | typeof LULL> {
        this.#requested ??= this.#source.next();
        let timer: NodeJS.Timeout | undefined;
        const lull = new Promise<typeof LULL>((resolve) => {
            timer = setTimeout(() => resolve(LULL), milliseconds);
        });
        try {
            const first = await Promise.race([this.#requested, lull]);
            if (first !== LULL) {
                this.#requested = null;
            }
            return first;
        } finally {
            clearTimeout(timer);
        }
    }

    /** A read that nobody waits for any more cannot be taken back, and must not keep the process. */
    async return(): Promise<IteratorResult<Buffer>> {
        if (this.#requested === null) {
            await this.#source.return?.();
        } else {
            this.#requested.catch(() => undefined);
            process.stdin.destroy();
            setTimeout(() => process.exit(), EXIT_MS).unref();
        }
        return { done: true, value: undefined };
    }
}

/** For what is still to be printed. It runs only if something, the read, keeps the process. */
const EXIT_MS = 500;
