import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { PROJECT } from '../support/elt.ts';
import { type HistoryPlan, historyPlan, type Step } from '../support/history.ts';
import { PAYMENTS_TABLES } from '../support/payments-model.ts';
import type { Action } from '../support/postgres-model.ts';
import { explanationOf } from './explained.ts';
import { type Mutant, mutantsOf } from './mutants.ts';

/** What became of a mutant. */
export interface Verdict extends Mutant {
    /** `sql/payments_v1/marts/metrics.sql` */
    readonly file: string;
    /** What gave it away; null if no history did. */
    readonly caughtBy: string | null;
    /** How many histories it took, or how many there were. */
    readonly histories: number;
    /** Why it may survive; undefined if nothing says so. */
    readonly explanation: string | undefined;
}

/** One row in each table, so that every model runs from the start: an edited file waits for no column. */
const FIRST_ROWS: readonly Action[] = PAYMENTS_TABLES.map((_, table) => {
    return { kind: 'insert', table, row: 0, choices: [0, 0, 0, 0, 0, 0, 0, 0], leftOut: 0, identity: 'changed' };
});
const FIRST_STEPS: readonly Step[] = [{ kind: 'land', lines: FIRST_ROWS.length + 2 }, { kind: 'transform' }];

const TOKEN = 3;
const REQUEST = 2;

/**
 * A token gets another key and stays the same otherwise, twice; the second time a request waits for the new key. Only
 * the image of the row as it is tells the mart: too rare to wait for.
 */
const PURE_MOVES: HistoryPlan = {
    transactions: [
        FIRST_ROWS,
        [changed('move', TOKEN, [1, 0, 0, 0])],
        [changed('update', REQUEST, [0, 0, 2, 0, 0])],
        [changed('move', TOKEN, [2, 0, 0, 0])],
    ],
    steps: [...FIRST_STEPS, ...[1, 2, 3].flatMap((): Step[] => [{ kind: 'land', lines: 3 }, { kind: 'transform' }])],
    withStops: true,
};

/** Columns whose choice is 0 stay as they are, and are left out. */
function changed(kind: Action['kind'], table: number, choices: readonly number[]): Action {
    return { kind, table, row: 0, choices, leftOut: 255, identity: 'changed' };
}

/**
 * Histories that are the same for each mutant, and on every machine. Short ones in a row make a dense one; it arrives
 * in small pieces, so that a run often sees one change alone.
 */
export function histories(seed: number, count: number): readonly HistoryPlan[] {
    const dense = fc.array(historyPlan(false), { minLength: 9, maxLength: 9 }).map((plans) => ({
        transactions: [FIRST_ROWS, ...plans.slice(0, 4).flatMap((plan) => plan.transactions)],
        steps: [...FIRST_STEPS, ...plans.flatMap((plan) => plan.steps).map(inSmallPieces)],
    }));
    return [PURE_MOVES, ...fc.sample(dense, { seed, numRuns: count - 1 })];
}

function inSmallPieces(step: Step): Step {
    return step.kind === 'land' ? { kind: 'land', lines: 1 + (step.lines % 8) } : step;
}

/** A copy of the project's SQL whose files may be spoilt. */
export class MutatedProject {
    readonly folder = mkdtempSync(join(tmpdir(), 'elt-mutate-'));

    constructor() {
        for (const name of ['sql', 'migrations']) {
            cpSync(join(PROJECT, name), join(this.folder, name), { recursive: true });
        }
    }

    dispose(): void {
        rmSync(this.folder, { recursive: true, force: true });
    }

    /** `file`: `sql/payments_v1/marts/metrics.sql` */
    mutants(file: string): readonly Mutant[] {
        return mutantsOf(readFileSync(join(PROJECT, file), 'utf8'), file);
    }

    /** The first history that gives a mutant away; `follow` says by what, or null. */
    async judge<History>(
        file: string,
        mutant: Mutant,
        histories: readonly History[],
        follow: (project: string, history: History) => Promise<string | null>,
    ): Promise<Verdict> {
        const path = join(this.folder, file);
        const known = { ...mutant, file, explanation: explanationOf(mutant, file) };
        const original = readFileSync(path, 'utf8');
        writeFileSync(path, mutant.text);
        try {
            for (const [index, history] of histories.entries()) {
                const caughtBy = await follow(this.folder, history);
                if (caughtBy !== null) {
                    return { ...known, caughtBy, histories: index + 1 };
                }
            }
            return { ...known, caughtBy: null, histories: histories.length };
        } finally {
            writeFileSync(path, original);
        }
    }
}
