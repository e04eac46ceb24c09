import type { ArrivedPartition, ArrivedRuns } from './arrived.ts';
import type { RecordRun } from './topic-runs.ts';

/** What a fetch gave of one partition, and has not been taken as a whole. */
interface Piece {
    readonly index: number;
    readonly runs: ArrivedRuns;
    readonly bytes: number;
}

/** Messages of a partition, by its number in the order of the stream's places. */
export interface TakenRun {
    readonly index: number;
    readonly run: RecordRun;
}

/** What has arrived and waits to be landed, in the order in which it came. Owns those who wait until there is room. */
export class ArrivedQueue {
    readonly #pieces: Piece[] = [];
    /** A run that is there already. */
    #next: TakenRun | null = null;
    #bytes = 0;
    #waiting: (() => void)[] = [];

    get bytes(): number {
        return this.#bytes;
    }

    push(index: number, { runs, length: bytes }: ArrivedPartition): void {
        this.#pieces.push({ index, runs, bytes });
        this.#bytes += bytes;
    }

    /** The partition whose messages are next; null: there are none. */
    get index(): number | null {
        return this.#pieces[0]?.index ?? null;
    }

    /** Whether `take` would give something now. @throws BadBatch */
    isReady(): boolean {
        while (this.#next === null) {
            const piece = this.#pieces[0];
            const run = piece === undefined ? 'later' : piece.runs.next();
            if (piece === undefined || run === 'later') {
                return false;
            }
            if (run === null) {
                this.#pieces.shift();
                this.#bytes -= piece.bytes;
                this.letGo();
            } else {
                this.#next = { index: piece.index, run };
            }
        }
        return true;
    }

    /** Null: nothing is there now. @throws BadBatch */
    take(): TakenRun | null {
        const taken = this.isReady() ? this.#next : null;
        this.#next = null;
        return taken;
    }

    /** Resolves when something has been taken as a whole. */
    room(): Promise<void> {
        return new Promise((resolve) => this.#waiting.push(resolve));
    }

    /** Those who wait need not wait any more. */
    letGo(): void {
        for (const go of this.#waiting.splice(0)) {
            go();
        }
    }
}
