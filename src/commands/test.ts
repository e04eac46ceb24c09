import { type ProjectFiles, readProjectFiles, type TestFile } from '../project/model-files.ts';
import { withMigrated } from '../project/open-database.ts';
import { sqlFolder } from '../project/settings.ts';
import { caseFailure, caseLines } from '../report/case-report.ts';
import { textTable } from '../report/text-table.ts';
import { testLines } from '../report/transform-report.ts';
import type { Database } from '../sqlite/database.ts';
import { BUILT_IN } from '../transform/built-in-tests.ts';
import { runTest, type TestResult, testError } from '../transform/data-tests.ts';
import { withGenerator } from '../transform/marts/with-generator.ts';
import { testsToRun } from '../transform/run-tests.ts';
import type { CommandContext, RunCommand } from './command.ts';
import { printCases, runCases } from './test-cases.ts';

/** Runs the data tests, which need a database, and the cases, which need none. */
export const test: RunCommand = async (context, words) => {
    const { options } = context;
    return options.print === true ? await print(context, words) : await run(context, words);
};

async function run(context: CommandContext, words: readonly string[]): Promise<number> {
    const { output, options } = context;
    const tests = options.cases === true ? [] : await withTests(context, words, runTests(context));
    const cases = await runCases(context, words);
    if (tests.length > 0 && cases.length > 0) {
        output.print('');
    }
    output.printLines(cases.length === 0 && options.cases === true ? ['there are no cases'] : caseLines(cases));
    output.result({ tests, cases });
    const failure = testError(tests, 'the tables were not changed: a test only reads') ?? caseFailure(cases);
    if (failure !== undefined) {
        throw failure;
    }
    return 0;
}

async function withTests<T>(
    { settings }: CommandContext,
    words: readonly string[],
    work: (database: Database, tests: readonly TestFile[]) => T,
): Promise<T> {
    return await withMigrated(settings, { readonly: true }, async (database) => {
        const files: ProjectFiles = readProjectFiles(sqlFolder(settings), settings.pipeline);
        return work(database, await withGenerator(() => testsToRun(database, files, words)));
    });
}

function runTests({ output }: CommandContext) {
    return (database: Database, tests: readonly TestFile[]): readonly TestResult[] => {
        const results = tests.map((one) => runTest(database, one));
        if (results.length > 0) {
            output.printLines(textTable(['data test', 'scope', 'from', 'bad rows'], results.map(lineOf)));
            output.print('');
        }
        output.printLines(testLines(results));
        return results;
    };
}

function lineOf({ name, scope, file, badRows }: TestResult): readonly unknown[] {
    return [name, scope, file === BUILT_IN ? BUILT_IN : 'file', badRows];
}

/** The SQL of each test or case, to be read or to be run in the shell. */
async function print(context: CommandContext, words: readonly string[]): Promise<number> {
    const { output, options } = context;
    if (options.cases === true) {
        const scripts = await printCases(context, words);
        if (!output.json) {
            // As it stands: the shell reads it.
            process.stdout.write(scripts.join('\n'));
        }
        output.result({ cases: scripts });
        return 0;
    }
    return await withTests(context, words, (_, tests) => {
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
    });
}
