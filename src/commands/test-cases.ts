import { schemaOfFiles } from '../load/schema-of-files.ts';
import { type MartCase, readCases } from '../project/case-files.ts';
import { type ProjectFiles, readProjectFiles } from '../project/model-files.ts';
import { sqlFolder } from '../project/settings.ts';
import { type CaseGround, caseGround } from '../transform/cases/case-ground.ts';
import { printCase } from '../transform/cases/print-case.ts';
import { type CaseResult, runCase } from '../transform/cases/run-case.ts';
import { withGenerator } from '../transform/marts/with-generator.ts';
import { refuseUnknownModels } from '../transform/plan/plan-transform.ts';
import type { CommandContext } from './command.ts';
import { wholeNumber } from './whole-number.ts';

const SEEDS_MAX = 2 ** 32;
const HISTORIES_MAX = 1_000_000;

/** The cases of these marts, or of all; none where the pipeline has no cases of them. */
export async function runCases(context: CommandContext, marts: readonly string[]): Promise<readonly CaseResult[]> {
    const seed = wholeNumber(context.options.seed ?? 1, '--seed', 0, SEEDS_MAX);
    const histories = wholeNumber(context.options.histories ?? 5, '--histories', 0, HISTORIES_MAX);
    return await withCases(context, marts, (ground, cases) =>
        cases.map((one) => runCase(ground, one, { seed, histories })),
    );
}

/** The cases as scripts for the sqlite3 shell. */
export async function printCases(context: CommandContext, marts: readonly string[]): Promise<readonly string[]> {
    return await withCases(context, marts, (ground, cases) => cases.map((one) => printCase(ground, one)));
}

async function withCases<T>(
    { settings }: CommandContext,
    marts: readonly string[],
    work: (ground: CaseGround, cases: readonly MartCase[]) => readonly T[],
): Promise<readonly T[]> {
    const all = readCases(sqlFolder(settings), settings.pipeline);
    const cases = marts.length === 0 ? all : all.filter(({ mart }) => marts.includes(mart));
    const files: ProjectFiles = readProjectFiles(sqlFolder(settings), settings.pipeline);
    refuseUnknownModels(files, marts);
    if (cases.length === 0) {
        return [];
    }
    const schema = schemaOfFiles(settings, files);
    try {
        return await withGenerator(() => work(caseGround(schema, files), cases));
    } finally {
        schema.database.close();
    }
}
