import type { StreamLanding } from '../land/stream-landing.ts';

/** What is done between two parts of a load that does not end by itself. */
export interface PipePause {
    /** A pipe that is never quiet pauses so often. */
    readonly everyMs: number;
    /** Called when what has landed is committed. */
    readonly work: () => Promise<void>;
}

/** The pauses of a load from a pipe: what is whole is committed, and the write lock is free until bytes come again. */
export class PipePauses {
    readonly #landing: StreamLanding;
    readonly #pause: PipePause;
    #isPaused = false;
    #since = performance.now();
    /** What had landed at the last pause. */
    #landed = 0;

    constructor(landing: StreamLanding, pause: PipePause) {
        this.#landing = landing;
        this.#pause = pause;
    }

    /** The pipe has not been quiet for so long that a pause is due at the end of the next transaction. */
    get isDue(): boolean {
        return performance.now() - this.#since >= this.#pause.everyMs;
    }

    /** Pauses if something new is whole. The pipe may be quiet inside a transaction, whose end is waited for. */
    async pause(): Promise<void> {
        const { counts, isWhole } = this.#landing;
        const landed = counts.changes + counts.messages + counts.rejected + counts.repeated;
        if (this.#isPaused || !isWhole || landed === this.#landed) {
            return;
        }
        this.#landing.pause();
        this.#isPaused = true;
        this.#landed = landed;
        await this.#pause.work();
        this.#since = performance.now();
    }

    /** To be called before anything lands, and before the load ends. */
    resume(): void {
        if (this.#isPaused) {
            this.#isPaused = false;
            this.#landing.resume();
        }
    }
}
