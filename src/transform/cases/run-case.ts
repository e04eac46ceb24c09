import { EltError } from '../../core/errors.ts';
import { caseError, type MartCase } from '../../project/case-files.ts';
import { CaseDatabase } from './case-database.ts';
import type { CaseGround } from './case-ground.ts';
import { compareRows, type GotRows, type RowDifference } from './compare-rows.ts';
import { type HistoryFault, randomHistory } from './random-history.ts';
import { type ReadCase, readCase } from './read-case.ts';

/** What a case showed. */
export interface CaseResult {
    readonly mart: string;
    readonly name: string;
    readonly file: string;
    readonly line: number;
    /** Number of rows that it expects. */
    readonly rows: number;
    /** Expected beside got; empty: the mart has the rows that the case expects. */
    readonly differences: readonly RowDifference[];
    /** Random histories that were played. */
    readonly histories: number;
    /** The first one in which the mart was kept up to date wrongly. */
    readonly fault: HistoryFault | null;
    readonly milliseconds: number;
}

export interface CaseOptions {
    /** Of the first random history; the others have the numbers after it. */
    readonly seed: number;
    readonly histories: number;
}

/** Runs a case: a first run on its rows, then the same rows in random batches. */
export function runCase(ground: CaseGround, one: MartCase, { seed, histories }: CaseOptions): CaseResult {
    const started = performance.now();
    const read = readCase(one, ground);
    const empty = CaseDatabase.of(ground, read.chain, [...read.given.keys()]);
    try {
        const differences = compareRows(read.expected, firstRun(empty, read), read.key);
        let played = 0;
        let fault: HistoryFault | undefined;
        while (differences.length === 0 && played < histories && fault === undefined) {
            fault = randomHistory(empty, read, seed + played);
            played++;
        }
        const { mart, name, file, line } = one;
        const rows = read.expected.length;
        const milliseconds = performance.now() - started;
        return { mart, name, file, line, rows, differences, histories: played, fault: fault ?? null, milliseconds };
    } finally {
        empty.close();
    }
}

function firstRun(empty: CaseDatabase, { source, given, table }: ReadCase): GotRows {
    try {
        return empty.whole(given, table);
    } catch (error) {
        if (error instanceof EltError) {
            throw error.withNew({ found: [`in case "${source.name}"`, error.facts.found ?? ''].join('\n').trim() });
        }
        throw caseError(source, source.line, {
            message: `the rows of case "${source.name}" do not fit the tables that they are given to`,
            found: error instanceof Error ? error.message : String(error),
            next: 'correct the rows',
        });
    }
}
