import type { RunStatement } from './print-spark.ts';

/** A script for `spark-sql -f`. */
export function* printedSpark(
    statements: readonly RunStatement[],
    run: string,
    waiting: readonly string[],
): Generator<string, void> {
    yield `-- Run with: spark-sql -f this.sql, then: elt lake publish ${run}\n`;
    yield waiting.map((one) => `-- left out: ${one}\n`).join('');
    let before = '';
    for (const { sql, of } of statements) {
        yield `${of === before ? '' : `\n-- ${of}\n`}${sql};\n`;
        before = of;
    }
}
