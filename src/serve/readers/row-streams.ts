import type { JobQuery } from './reader-wire.ts';
import { RowStream } from './row-stream.ts';

/** Streams at once: each is a process, and holds a state of the database as long as it lasts. */
const STREAMS_MAX = 4;

/** The streams of a server: it has only so many, and none outlives it. */
export class RowStreams {
    readonly #timeoutMs: number;
    readonly #running = new Set<RowStream>();

    constructor(timeoutMs: number) {
        this.#timeoutMs = timeoutMs;
    }

    /** Null: there are enough already. */
    begin(database: string, query: JobQuery): RowStream | null {
        if (this.#running.size >= STREAMS_MAX) {
            return null;
        }
        const stream = new RowStream(database, query, this.#timeoutMs, () => this.#running.delete(stream));
        this.#running.add(stream);
        return stream;
    }

    close(): void {
        for (const stream of this.#running) {
            stream.end();
        }
    }
}
