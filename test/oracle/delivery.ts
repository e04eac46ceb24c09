import { createHash } from 'node:crypto';
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import type { Random } from '../support/random.ts';
import type { Coverage, CoverageCase } from './coverage.ts';
import type { WorldPlan } from './world-plan.ts';

/** One source for `elt`: a file, by its path or through standard input. */
export interface Delivery {
    readonly path: string;
    readonly byStandardInput: boolean;
    /** The same bytes were delivered before, and nothing in them tells that they are new. */
    readonly asNew: boolean;
    /** A list of batches, which `elt run --each-batch` can take one by one. */
    readonly isBatches: boolean;
    /** How many transactions of what was captured have ended when this is loaded; undefined where that cannot be seen. */
    readonly commits: number | undefined;
}

/** Rows of the stream as the plugin wrote them. `whole`: each is a JSON text by itself. */
export interface Captured {
    readonly rows: readonly string[];
    readonly whole: boolean;
}

/**
 * Writes what was captured as files of random shapes, cut at random places, compressed or not.
 * Remembers what it wrote before: equal bytes need `--as-new`, a growing file needs its name, a repetition its rows.
 */
export class Deliverer {
    readonly #folder: string;
    readonly #random: Random;
    readonly #coverage: Coverage;
    readonly #hashes = new Set<string>();
    readonly #growing: string;
    /** With positions a transaction that is sent twice must land once. */
    readonly #positions: boolean;
    readonly #linesOnly: boolean;
    #previous: readonly string[] = [];
    #number = 0;

    constructor(folder: string, random: Random, coverage: Coverage, plan: WorldPlan) {
        this.#folder = folder;
        this.#random = random;
        this.#coverage = coverage;
        this.#positions = plan.positions;
        this.#linesOnly = plan.showsDefaults;
        this.#growing = join(folder, 'growing.ndjson');
    }

    deliver(captured: Captured): Delivery[] {
        const { rows, whole } = captured;
        if (rows.length === 0) {
            return [];
        }
        if (!whole) {
            this.#previous = [];
            return [this.#write(rows.join('\n'), undefined, false)];
        }
        const again = this.#repeated();
        this.#previous = rows;
        if (again.length === 0 && this.#random.chance(12)) {
            appendFileSync(this.#growing, rows.map((row) => `${row}\n`).join(''));
            this.#coverage.hit('growing file');
            return [
                { path: this.#growing, byStandardInput: false, asNew: false, isBatches: false, commits: undefined },
            ];
        }
        let delivered = -again.length;
        return this.#cut([...again, ...rows]).map((piece) => {
            delivered += piece.length;
            const { name, text } = this.#shape(piece);
            return this.#write(text, countCommits(rows.slice(0, Math.max(delivered, 0))), name === 'list of batches');
        });
    }

    /** The last transactions of the piece before, from the beginning of one. */
    #repeated(): readonly string[] {
        if (!this.#positions || this.#previous.length === 0 || !this.#random.chance(30)) {
            return [];
        }
        const starts = this.#previous.flatMap((row, index) =>
            /^\{"(action":"B"|xid"|nextlsn")/.test(row) ? [index] : [],
        );
        if (starts.length === 0) {
            return [];
        }
        this.#coverage.hit('sent twice');
        return this.#previous.slice(this.#random.pick(starts));
    }

    #cut(rows: readonly string[]): (readonly string[])[] {
        if (rows.length < 2 || this.#random.chance(55)) {
            return [rows];
        }
        this.#coverage.hit('cut into pieces');
        const places = Array.from({ length: this.#random.int(1, 3) }, () => this.#random.int(1, rows.length - 1));
        const sorted = [...new Set(places)].sort((left, right) => left - right);
        if (
            sorted.some(
                (place) =>
                    /^\{"action":"[IUDT]"/.test(rows[place] as string) &&
                    rows.some((row) => row.startsWith('{"action":"B"')),
            )
        ) {
            this.#coverage.hit('cut inside a transaction');
        }
        return [0, ...sorted].map((place, index) => rows.slice(place, sorted[index] ?? rows.length));
    }

    #shape(rows: readonly string[]): { name: CoverageCase; text: string } {
        const shapes: Partial<Record<CoverageCase, () => string>> = {
            lines: () => rows.map((row) => `${row}${this.#random.pick(['\n', '\n', '\r\n'])}`).join(''),
            array: () => `[${rows.join(this.#random.pick([',', ', ', ',\n']))}]`,
            'list of batches': () => {
                const middle = this.#random.int(0, rows.length);
                const batches = [rows.slice(0, middle), rows.slice(middle)].map((batch) => `[${batch.join(', ')}]`);
                return `[${batches.join(',\n ')}]`;
            },
            concatenated: () => rows.join(''),
        };
        const name = this.#linesOnly ? 'lines' : this.#random.pick(Object.keys(shapes) as CoverageCase[]);
        this.#coverage.hit(name);
        return { name, text: shapes[name]?.() ?? '' };
    }

    #write(text: string, commits: number | undefined, isBatches: boolean): Delivery {
        const path = join(this.#folder, `piece-${++this.#number}.json`);
        const hash = createHash('sha256').update(text).digest('hex');
        const seenBefore = this.#hashes.has(hash);
        this.#hashes.add(hash);
        const compress = this.#random.pick([undefined, undefined, undefined, gzipSync, zstdCompressSync]);
        if (compress !== undefined) {
            this.#coverage.hit('compressed');
        }
        writeFileSync(path, compress === undefined ? text : compress(text));
        const byStandardInput = this.#random.chance(20);
        if (byStandardInput) {
            this.#coverage.hit('standard input');
        }
        return { path, byStandardInput, asNew: seenBefore && !this.#positions, isBatches, commits };
    }
}

/** Format 1: one row a transaction (messages outside of transactions have rows of their own); format 2: a row `C`. */
function countCommits(rows: readonly string[]): number {
    return rows.filter((row) =>
        row.startsWith('{"action":') ? row.startsWith('{"action":"C"') : !/"transactional": ?false/.test(row),
    ).length;
}
