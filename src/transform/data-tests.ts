import { EltError, shorten } from '../core/errors.ts';
import { watchedRows } from '../process/statement-watch.ts';
import type { TestFile } from '../project/model-files.ts';
import type { Database } from '../sqlite/database.ts';
import { prepared } from '../sqlite/kept-statements.ts';
import { placeOf, statementError } from '../sqlite/run-statement.ts';

/** The outcome of a data test. */
export interface TestResult {
    readonly name: string;
    readonly file: string;
    readonly scope: 'changed' | 'all';
    /** Number of bad rows, counted up to `BAD_ROWS_MAX`; 0 is a pass. */
    readonly badRows: number;
    readonly columns: readonly string[];
    /** The first bad rows. */
    readonly examples: readonly (readonly unknown[])[];
    readonly milliseconds: number;
}

const BAD_ROWS_MAX = 1_000;
const EXAMPLES_MAX = 5;

export function runTest(database: Database, test: TestFile): TestResult {
    const started = performance.now();
    const examples: (readonly unknown[])[] = [];
    let badRows = 0;
    let columns: readonly string[] = [];
    try {
        const statement = prepared(database, test.statement.sql, 'test').raw().safeIntegers();
        columns = statement.columns().map((column) => column.name);
        const rows = statement.iterate() as IterableIterator<unknown[]>;
        for (const row of watchedRows(placeOf(test, test.statement), rows)) {
            badRows++;
            if (examples.length < EXAMPLES_MAX) {
                examples.push(row);
            }
            if (badRows >= BAD_ROWS_MAX) {
                break;
            }
        }
    } catch (error) {
        throw statementError(database, test, test.statement, error);
    }
    const { name, file, scope } = test;
    return { name, file, scope, badRows, columns, examples, milliseconds: performance.now() - started };
}

/** The error of a run whose tests found rows: the first failing test with its first rows. */
export function testError(results: readonly TestResult[], state: string): EltError | undefined {
    const failed = results.filter((result) => result.badRows > 0);
    const [first] = failed;
    if (first === undefined) {
        return undefined;
    }
    const rows = first.examples.map((row) =>
        row.map((value, index) => `${first.columns[index]}=${shorten(String(value), 60)}`).join(', '),
    );
    const count = first.badRows >= BAD_ROWS_MAX ? `at least ${BAD_ROWS_MAX}` : String(first.badRows);
    const others = failed.slice(1).map((result) => result.name);
    return new EltError({
        code: 'TEST_FAILED',
        message: `data test "${first.name}" found ${count} bad rows`,
        where: first.file,
        found: [...rows, ...(others.length > 0 ? [`also failed: ${others.join(', ')}`] : [])].join('\n'),
        state,
        next: 'look at the rows, correct the model or the test, then run "elt transform" again',
    });
}
