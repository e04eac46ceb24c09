import type { EltError } from '../core/errors.ts';
import { type LackingRelation, lackingLine, lackingRelations } from '../ledger/first-contents.ts';
import { type LastPosition, lastPosition } from '../ledger/loads.ts';
import { readProjectFiles } from '../project/model-files.ts';
import { withMigrated } from '../project/open-database.ts';
import { refuseUnknownPipeline, sqlFolder } from '../project/settings.ts';
import { textTable } from '../report/text-table.ts';
import { transformLines } from '../report/transform-report.ts';
import { warningLines } from '../report/warning-lines.ts';
import type { Database } from '../sqlite/database.ts';
import { leftUpkeepNote, looseEndNotes } from '../transform/loose-ends.ts';
import { howWords } from '../transform/marts/how-text.ts';
import { isUneditedUpkeep } from '../transform/marts/mart-upkeep.ts';
import { withGenerator } from '../transform/marts/with-generator.ts';
import type { RunRequest } from '../transform/plan/decide.ts';
import { planTransform } from '../transform/plan/plan-transform.ts';
import { type TransformResult, transform as transformModels } from '../transform/transform.ts';
import type { CommandContext, RunCommand } from './command.ts';
import { tellAlerts } from './tell-alerts.ts';

export const transform: RunCommand = async (context) => {
    const { settings, options, output } = context;
    refuseUnknownPipeline(settings);
    if (options.engine !== undefined) {
        const { transformOnEngine } = await import('./transform-engine.ts');
        return await transformOnEngine(context);
    }
    const select = Array.isArray(options.select) ? (options.select as string[]) : [];
    const request: RunRequest = { select, rebuild: options.rebuild === true };
    if (options.dryRun === true || options.print === true) {
        return await withMigrated(settings, { readonly: true }, async (database) => {
            const files = readProjectFiles(sqlFolder(settings), settings.pipeline);
            if (options.print === true) {
                const { printRun } = await import('../transform/print-run.ts');
                process.stdout.write(await withGenerator(() => printRun(database, files, request)));
            } else {
                await printPlan(database, context, request);
            }
            return 0;
        });
    }
    return await withMigrated(settings, {}, async (database) => {
        const result = await transformAndPrint(database, context, request);
        output.result(resultOf(result));
        refuseStops(result.stops);
        return 0;
    });
};

export const rebuild: RunCommand = async (context, words) => {
    refuseUnknownPipeline(context.settings);
    return await withMigrated(context.settings, {}, async (database) => {
        const result = await transformAndPrint(database, context, { select: words, rebuild: true });
        context.output.result(resultOf(result));
        refuseStops(result.stops);
        return 0;
    });
};

/** What a run did, and what its tables lack after it. */
interface RunResult extends TransformResult {
    readonly lacking: readonly LackingRelation[];
    readonly position: LastPosition;
}

/** Runs the models in one SQLite transaction and prints what was done; `around` is called with the run alone. */
export async function transformAndPrint(
    database: Database,
    context: CommandContext,
    request: RunRequest,
    around: <T>(work: () => T) => T = (work) => work(),
): Promise<RunResult> {
    const { settings, output } = context;
    const files = readProjectFiles(sqlFolder(settings), settings.pipeline);
    let notes: readonly string[] = [];
    const work = (): TransformResult =>
        transformModels(database, files, request, (planned) => {
            notes = looseEndNotes(database, planned);
        });
    const result = await withGenerator(() => around(work));
    const lacking = lackingRelations(database);
    const all = [...notes, ...files.leftUpkeep.map(leftUpkeepNote), ...lacking.map(lackingLine)];
    for (const line of [...warningLines(result.models), ...all.map((line) => `note: ${line}`)]) {
        output.note(line);
    }
    output.printLines(transformLines(result));
    await tellAlerts(database, context);
    return { ...result, lacking, position: lastPosition(database) };
}

/** What `--json` prints of a run. */
export function resultOf({ position, models, tests, stops, lacking }: RunResult) {
    return {
        position,
        models,
        tests,
        stops: stops.map(({ facts: { code, message } }) => ({ code, message })),
        lacking,
    };
}

/** Throws the first stop, after all else was published and printed. */
export function refuseStops(stops: readonly EltError[]): void {
    const [first, ...others] = stops;
    if (first !== undefined) {
        const more = others.map(({ facts }) => `also: ${facts.message}`);
        throw first.withNew({ found: [first.facts.found ?? '', ...more].join('\n') });
    }
}

async function printPlan(database: Database, { settings, output }: CommandContext, request: RunRequest): Promise<void> {
    const files = readProjectFiles(sqlFolder(settings), settings.pipeline);
    const { planned } = await withGenerator(() => planTransform(database, files, request));
    const models = planned.map(({ ordered, action, reason, lag, followed, upkeep }) => ({
        model: ordered.model,
        action,
        reason: ordered.waitsFor === null ? reason : `${ordered.waitsFor} has not landed`,
        lag,
        how:
            upkeep === undefined
                ? null
                : isUneditedUpkeep(followed.model.text)
                  ? howWords(upkeep.how)
                  : 'edited by hand',
    }));
    const rows = models.map((model) => [model.model, model.action, model.reason, model.lag, model.how]);
    const how = models.some((model) => model.how !== null) ? ['how'] : [];
    output.printLines(textTable(['model', 'action', 'reason', 'lag', ...how], rows));
    output.result({ position: lastPosition(database), models });
}
