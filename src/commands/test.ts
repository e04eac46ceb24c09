import { type ProjectFiles, readProjectFiles, type TestFile } from '../project/model-files.ts';
import { withMigrated } from '../project/open-database.ts';
import { sqlFolder } from '../project/settings.ts';
import { textTable } from '../report/text-table.ts';
import { testLines } from '../report/transform-report.ts';
import type { Database } from '../sqlite/database.ts';
import { BUILT_IN } from '../transform/built-in-tests.ts';
import { runTest, type TestResult, testError } from '../transform/data-tests.ts';
import { withGenerator } from '../transform/marts/with-generator.ts';
import { testsToRun } from '../transform/transform.ts';
import type { CommandContext, RunCommand } from './command.ts';

export const test: RunCommand = async (context, words) => {
    const { settings, options } = context;
    return await withMigrated(settings, { readonly: true }, async (database) => {
        const files: ProjectFiles = readProjectFiles(sqlFolder(settings), settings.pipeline);
        const tests = await withGenerator(() => testsToRun(database, files, words));
        return options.print === true ? printTests(context, tests) : runTests(context, database, tests);
    });
};

function runTests({ output }: CommandContext, database: Database, tests: readonly TestFile[]): number {
    const results = tests.map((one) => runTest(database, one));
    if (results.length > 0) {
        output.printLines(textTable(['data test', 'scope', 'from', 'bad rows'], results.map(lineOf)));
        output.print('');
    }
    output.printLines(testLines(results));
    output.result({ tests: results });
    const failure = testError(results, 'the tables were not changed: a test only reads');
    if (failure !== undefined) {
        throw failure;
    }
    return 0;
}

function lineOf({ name, scope, file, badRows }: TestResult): readonly unknown[] {
    return [name, scope, file === BUILT_IN ? BUILT_IN : 'file', badRows];
}

/** The SQL of each test, to be read or to be run in the shell. */
function printTests({ output }: CommandContext, tests: readonly TestFile[]): number {
    for (const { name, file, text } of tests) {
        output.print(`-- ${name} (${file})\n${text}`);
    }
    output.result({
        tests: tests.map(({ name, model, scope, file, statement }) => ({
            name,
            model,
            scope,
            file,
            sql: statement.sql,
        })),
    });
    return 0;
}
