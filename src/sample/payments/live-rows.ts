import type { RandomSource } from '../../core/random-source.ts';
import type { SampleTable } from './tables.ts';

/** A row as it is now in the source's table. Values are JSON texts; the first is the key. */
export interface LiveRow {
    readonly table: SampleTable;
    readonly values: string[];
    /** Columns that PostgreSQL keeps out of line (TOAST): no edit sets them, so updates leave them out. */
    readonly toasted: ReadonlySet<number>;
}

/** Rows that may still be changed. The rest still exist in the source, but are never touched again. */
const LIVE_ROWS_MAX = 600;

/** A bounded window on the existing rows, so that the history is consistent and memory constant. */
export class LiveRows {
    readonly #rows: LiveRow[] = [];
    readonly #random: RandomSource;

    constructor(random: RandomSource) {
        this.#random = random;
    }

    get size(): number {
        return this.#rows.length;
    }

    /** Adds an inserted row; a full window drops another one. */
    add(row: LiveRow): void {
        if (this.#rows.length < LIVE_ROWS_MAX) {
            this.#rows.push(row);
        } else {
            this.#rows[this.#random.below(LIVE_ROWS_MAX)] = row;
        }
    }

    /** A random row; the window must not be empty. */
    pick(): LiveRow {
        return this.#random.pick(this.#rows);
    }

    /** A random row of `table`, if a few draws find one. */
    pickOf(table: SampleTable): LiveRow | undefined {
        for (let draw = 0; draw < 12; draw++) {
            const row = this.pick();
            if (row.table === table) {
                return row;
            }
        }
        return undefined;
    }

    /** Removes a random row; the window must not be empty. */
    take(): LiveRow {
        const index = this.#random.below(this.#rows.length);
        const taken = this.#rows[index]!;
        this.#rows[index] = this.#rows.at(-1)!;
        this.#rows.pop();
        return taken;
    }
}
