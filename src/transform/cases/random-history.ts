import type { RandomSource } from '../../core/random-source.ts';
import { randomSource } from '../../core/random-source.ts';
import { type CaseDatabase, isStaging } from './case-database.ts';
import type { CaseTable } from './case-table.ts';
import { compareRows, type RowDifference } from './compare-rows.ts';
import { literalRow, RandomChanges } from './random-changes.ts';
import type { Content, ReadCase } from './read-case.ts';

/** A batch after which the mart was not what its definition gives. */
export interface HistoryFault {
    readonly seed: number;
    /** Number of the batch, from 1. */
    readonly batch: number;
    /** The changes of that batch. */
    readonly changes: readonly string[];
    /** `expected` is what the models give for the same rows if they run for the first time. */
    readonly differences: readonly RowDifference[];
}

/** Batches between the first and the last one. */
const BATCHES_MIN = 3;
const BATCHES_MAX = 7;
const CHANGES_MAX = 3;

/**
 * Feeds the rows of a case in random batches, in random order, with rows that come and go and change in between. After
 * each batch the mart must be what the models give for the same rows in a first run; after the last one the tables hold
 * the rows of the case. The same seed gives the same history. `empty` stays as it is.
 */
export function randomHistory(empty: CaseDatabase, read: ReadCase, seed: number): HistoryFault | undefined {
    const history = new History(empty, read, randomSource(seed));
    try {
        const fault = history.play();
        return fault === undefined ? undefined : { seed, ...fault };
    } finally {
        history.close();
    }
}

class History {
    readonly #read: ReadCase;
    readonly #random: RandomSource;
    readonly #fed: CaseDatabase;
    readonly #whole: CaseDatabase;
    /** Staged rows that are still to land, in their order. */
    readonly #staged: { readonly table: CaseTable; readonly row: readonly unknown[]; readonly seq: bigint }[];
    /** Tables that models fill: their rows come and go. */
    readonly #changes: ReadonlyMap<CaseTable, RandomChanges>;

    constructor(empty: CaseDatabase, read: ReadCase, random: RandomSource) {
        this.#read = read;
        this.#random = random;
        this.#fed = empty.copy();
        this.#whole = empty;
        this.#staged = stagedRows(read.given);
        const isFilled = ({ name }: CaseTable): boolean =>
            read.chain.givers.some(({ ordered }) =>
                [ordered.model, ...ordered.creates, ...ordered.writes].some(
                    (one) => one.toLowerCase() === name.toLowerCase(),
                ),
            );
        const changing = [...read.given].filter(([table]) => !isStaging(table) && isFilled(table));
        this.#changes = new Map(changing.map(([table, rows]) => [table, new RandomChanges(table, rows, random)]));
        // No model notices a change of a table that none fills: its rows are there from the beginning.
        for (const [table, rows] of read.given) {
            for (const row of isStaging(table) || isFilled(table) ? [] : rows) {
                this.#fed.insert(table, row);
            }
        }
    }

    play(): Omit<HistoryFault, 'seed'> | undefined {
        const between = BATCHES_MIN + this.#random.below(BATCHES_MAX - BATCHES_MIN + 1);
        const batches = [
            () => this.#firstChanges(),
            ...Array.from({ length: between }, () => () => this.#someChanges()),
            () => this.#lastChanges(),
        ];
        for (const [index, changes] of batches.entries()) {
            const fault = this.#batch(index + 1, changes);
            if (fault !== undefined) {
                return fault;
            }
        }
        return undefined;
    }

    close(): void {
        this.#fed.close();
    }

    /** Rows for which the models refuse even a first run (a key that is null, …) are taken back. */
    #batch(batch: number, change: () => readonly string[]): Omit<HistoryFault, 'seed'> | undefined {
        const { table } = this.#read;
        const left = [...this.#staged];
        this.#fed.database.exec('savepoint batch');
        const changes = change();
        const content = this.#content();
        let whole: ReturnType<CaseDatabase['whole']>;
        try {
            whole = this.#whole.whole(content, table);
        } catch {
            this.#fed.database.exec('rollback to batch; release batch');
            this.#staged.splice(0, this.#staged.length, ...left);
            return undefined;
        }
        this.#fed.database.exec('release batch');
        this.#fed.takeIn(this.#random.chance(800));
        const expected = whole.rows.map((values) => ({ columns: whole.columns, values }));
        const differences = compareRows(expected, this.#fed.rows(table), this.#read.key);
        return differences.length === 0 ? undefined : { batch, changes, differences };
    }

    /** Most rows of each table, so that what is joined finds its mates; or whatever comes. */
    #firstChanges(): readonly string[] {
        if (this.#random.chance(300)) {
            return this.#someChanges();
        }
        const done = this.#land(this.#random.below(this.#staged.length + 1));
        for (const [table, changes] of this.#changes) {
            const all = changes.last(this.#held(table));
            done.push(...all.filter(() => this.#random.chance(850)).flatMap((sql) => this.#tried(sql)));
        }
        return done;
    }

    /** Changes of one table alone show what the others hide; and sometimes of several at once. */
    #someChanges(): readonly string[] {
        const done = this.#land(this.#random.below(this.#staged.length + 1));
        const tables = [...this.#changes];
        const chosen = tables.length > 1 && this.#random.chance(700) ? [this.#random.pick(tables)] : tables;
        for (const [table, changes] of chosen) {
            for (let count = 1 + this.#random.below(CHANGES_MAX); count > 0; count--) {
                done.push(...this.#tried(changes.next(this.#held(table))));
            }
        }
        return done;
    }

    #lastChanges(): readonly string[] {
        const done = this.#land(this.#staged.length);
        for (const [table, changes] of this.#changes) {
            done.push(...changes.last(this.#held(table)).flatMap((sql) => this.#tried(sql)));
        }
        return done;
    }

    /** Lands the next staged rows. */
    #land(count: number): string[] {
        return this.#staged.splice(0, count).map(({ table, row, seq }) => {
            this.#fed.insert(table, row);
            return `-- landed: row ${seq} of ${table.name}`;
        });
    }

    /** A change that a key does not allow is left out. */
    #tried(sql: string): readonly string[] {
        try {
            this.#fed.database.exec(sql);
            return [sql];
        } catch {
            return [];
        }
    }

    #held(table: CaseTable) {
        return this.#fed.rows(table).rows.map(literalRow);
    }

    #content(): Content {
        return new Map([...this.#read.given.keys()].map((table) => [table, this.#fed.rows(table).rows]));
    }
}

/** One sequence over all staging tables. */
function stagedRows(given: Content) {
    const staged = [...given].filter(([table]) => isStaging(table));
    return staged
        .flatMap(([table, rows]) => {
            const place = table.columns.findIndex(({ name }) => name === '_seq');
            return rows.map((row) => ({ table, row, seq: row[place] as bigint }));
        })
        .sort((left, right) => (left.seq < right.seq ? -1 : left.seq > right.seq ? 1 : 0));
}
