import type { ProjectFiles, TestFile } from '../project/model-files.ts';
import { CacheKib, type Database, turnToSearching, useCache } from '../sqlite/database.ts';
import { testsOf } from './built-in-tests.ts';
import { runTest, type TestResult } from './data-tests.ts';
import { CANNOT_RUN, type PlannedModel } from './plan/decide.ts';
import { planTransform } from './plan/plan-transform.ts';
import { testsOfRun } from './run-steps.ts';

/** The data tests of a run, in its transaction. */
export function testRun(
    database: Database,
    files: ProjectFiles,
    running: readonly PlannedModel[],
    isIncremental: boolean,
): readonly TestResult[] {
    if (!isIncremental) {
        turnToSearching(database, CacheKib.sorting);
    }
    const currentTables = new Set(running.filter(isCurrent).map((model) => model.ordered.model));
    return testsOfRun(files, running).map((test) => {
        if (!isIncremental) {
            useCache(database, currentTables.has(test.model) ? CacheKib.sorting : CacheKib.searching);
        }
        return runTest(database, test);
    });
}

/** The data tests of both scopes that can run: of all models, or of the selected ones. */
export function testsToRun(database: Database, files: ProjectFiles, select: readonly string[]): readonly TestFile[] {
    const { planned } = planTransform(database, files, { select, rebuild: false });
    const ready = new Set(planned.filter((model) => !CANNOT_RUN.has(model.action)).map((model) => model.ordered.model));
    return testsOf(files, planned).filter(
        (test) => ready.has(test.model) && (select.length === 0 || select.includes(test.model)),
    );
}

function isCurrent({ followed }: PlannedModel): boolean {
    return followed.model.kind === 'current';
}
