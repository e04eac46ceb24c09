import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';

const LOOK_MS = 2;
/** Much longer than any tick: what has not come by then will not come. */
const WAIT_MS = 120_000;

/** A mart as a third process sees it. Owns its connection; `close` ends it. */
export class WatchedMart {
    readonly #database: Database.Database;
    readonly #watermark: Database.Statement;

    constructor(file: string, mart: string) {
        this.#database = new Database(file, { readonly: true });
        this.#watermark = this.#database
            .prepare('select watermark from elt_watermarks where model = ?')
            .bind(mart)
            .pluck();
    }

    /** The landing order of the last change that the published mart has taken in. */
    get takenIn(): number {
        return this.#watermark.get() as number;
    }

    /** Resolves as soon as the mart is published with everything up to `seq`. */
    async reaches(seq: number): Promise<void> {
        const until = performance.now() + WAIT_MS;
        while (this.takenIn < seq) {
            if (performance.now() > until) {
                throw new Error(`the mart has taken in ${this.takenIn} of ${seq} changes after ${WAIT_MS / 1_000} s`);
            }
            await sleep(LOOK_MS);
        }
    }

    close(): void {
        this.#database.close();
    }
}
