import { readProjectFiles } from '../project/model-files.ts';
import { withMigrated } from '../project/open-database.ts';
import { sqlFolder } from '../project/settings.ts';
import { testLines } from '../report/transform-report.ts';
import { testError } from '../transform/data-tests.ts';
import { testModels } from '../transform/transform.ts';
import type { RunCommand } from './command.ts';

export const test: RunCommand = async ({ settings, output }, words) => {
    return await withMigrated(settings, { readonly: true }, async (database) => {
        const files = readProjectFiles(sqlFolder(settings), settings.pipeline);
        const tests = testModels(database, files, words);
        output.printLines(testLines(tests));
        output.result({ tests });
        const failure = testError(tests, 'the tables were not changed: a test only reads');
        if (failure !== undefined) {
            throw failure;
        }
        return 0;
    });
};
