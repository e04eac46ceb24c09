import { EltError } from '../core/errors.ts';
import { readProjectFiles } from '../project/model-files.ts';
import { migrationsOf } from '../project/open-database.ts';
import { sqlFolder } from '../project/settings.ts';
import { caseFailure } from '../report/case-report.ts';
import type { DevReport } from '../report/dev-report.ts';
import { databaseError } from '../sqlite/database-error.ts';
import type { CaseResult } from '../transform/cases/run-case.ts';
import { testError } from '../transform/data-tests.ts';
import { type RanModels, type TriedRun, tryRun } from '../transform/dev/try-run.ts';
import type { CommandContext } from './command.ts';
import type { DevCopy } from './dev-data.ts';
import { runCases } from './test-cases.ts';

const STATE = 'nothing was changed: files were tried on a copy';

/** Called while a check runs, so that a person need not wait for the rest. */
export interface DevProgress {
    /** Before anything runs: the models that will, with the reason. */
    readonly decided: (models: readonly string[]) => void;
    /** Before the data tests and the cases. */
    readonly ran: (run: RanModels) => void;
}

/** Tries the files as they are now on a copy of the data, and runs the cases. Fails only for what is not about files. */
export async function devCheck(
    context: CommandContext,
    data: DevCopy,
    changed: readonly string[],
    progress: DevProgress,
): Promise<DevReport> {
    const started = performance.now();
    const { settings } = context;
    const errors: EltError[] = [];
    const attempt = async <T>(work: () => T | Promise<T>): Promise<T | null> => {
        try {
            return await work();
        } catch (error) {
            const known = databaseError(error, settings.db);
            if (!(known instanceof EltError) || known.exitStatus === 70) {
                throw error;
            }
            errors.push(known.withNew({ state: STATE }));
            return null;
        }
    };
    const run = await attempt(() => {
        const files = readProjectFiles(sqlFolder(settings), settings.pipeline);
        return data.copy === null ? null : tryRun(data.copy.database, files, migrationsOf(settings), progress);
    });
    // What is wrong with the files is wrong for the cases too.
    const cases = errors.length > 0 ? null : await attempt(() => runCases(context, []));
    return {
        changed,
        data: data.copy === null ? { copied: null, why: data.why } : { copied: data.at, why: null },
        run,
        cases: cases ?? [],
        errors: [...errors, ...failures(run, cases ?? [])],
        milliseconds: performance.now() - started,
    };
}

function failures(run: TriedRun | null, cases: readonly CaseResult[]): readonly EltError[] {
    return [...(run?.stops ?? []), testError(run?.tests ?? [], STATE), caseFailure(cases)].flatMap((one) => one ?? []);
}
