import { join } from 'node:path';
import { encodeFileName, type ProjectFiles, UPKEEP } from '../project/model-files.ts';
import { sqlFolder } from '../project/settings.ts';
import { writeProjectFile } from '../project/write-project-file.ts';
import { lineDifference } from '../report/line-difference.ts';
import type { Database } from '../sqlite/database.ts';
import { explainQuestion, type QuestionPlan } from '../transform/marts/find-scans.ts';
import { martFindings } from '../transform/marts/mart-findings.ts';
import { isUneditedUpkeep, type MartUpkeep } from '../transform/marts/mart-upkeep.ts';
import { withGenerator } from '../transform/marts/with-generator.ts';
import type { PlannedModel } from '../transform/plan/decide.ts';
import { planTransform } from '../transform/plan/plan-transform.ts';
import { missingTable } from '../transform/plan/try-file.ts';
import type { CommandContext } from './command.ts';

interface WrittenUpkeep {
    readonly file: string;
    readonly state: 'written' | 'unchanged' | 'edited' | 'waiting';
    readonly how: string | null;
}

/** Names of the marts of one SELECT. */
export function martNames(files: ProjectFiles): readonly string[] {
    return files.models.flatMap(({ name, definition }) => (definition === undefined ? [] : [name]));
}

/** Writes the upkeep of these marts; a file that a person has edited is shown the difference and left alone. */
export async function scaffoldMarts(
    context: CommandContext,
    database: Database,
    files: ProjectFiles,
    names: readonly string[],
): Promise<readonly WrittenUpkeep[]> {
    if (names.length === 0) {
        return [];
    }
    const { planned } = await withGenerator(() => planTransform(database, files, { select: [], rebuild: false }));
    return planned
        .filter(({ ordered }) => names.includes(ordered.model))
        .map((model) => writeUpkeep(context, files, model));
}

function writeUpkeep(
    { settings, output, options }: CommandContext,
    files: ProjectFiles,
    model: PlannedModel,
): WrittenUpkeep {
    const { ordered, upkeep } = model;
    const file = join(settings.pipeline, UPKEEP, encodeFileName(ordered.model));
    const shown = `sql/${file}`;
    if (upkeep === undefined) {
        output.note(`${shown} cannot be written yet: ${ordered.waitsFor ?? 'a table that it reads'} has not landed`);
        return { file: shown, state: 'waiting', how: null };
    }
    const before = files.models.find(({ name }) => name === ordered.model)?.text ?? '';
    const state = before === upkeep.text ? 'unchanged' : isUneditedUpkeep(before) ? 'written' : 'edited';
    const isDryRun = options.dryRun === true;
    if (state === 'written' && !isDryRun) {
        writeProjectFile(settings.project, join(sqlFolder(settings), file), shown, upkeep.text);
    }
    const words = { unchanged: 'unchanged', edited: 'edited   ', written: isDryRun ? 'would be ' : 'written  ' };
    output.print(`${words[state]}  ${shown}: ${upkeep.how.text}`);
    for (const line of state === 'unchanged' || before === '' ? [] : lineDifference(before, upkeep.text)) {
        output.print(`    ${line}`);
    }
    for (const { finding } of martFindings(shown, upkeep.how).filter(({ isInHow }) => !isInHow)) {
        output.print(`    note: ${finding}`);
    }
    if (state === 'edited') {
        output.print('    you have edited this file, so it stays: delete it, and "elt scaffold" writes it anew');
    }
    return { file: shown, state, how: upkeep.how.text };
}

/** Prints what a run asks of each of these marts, and how SQLite answers: its own plan, with the tables it reads whole. */
export async function explainMarts(
    { output }: CommandContext,
    database: Database,
    files: ProjectFiles,
    names: readonly string[],
): Promise<void> {
    const { planned } = await withGenerator(() => planTransform(database, files, { select: [], rebuild: false }));
    const marts = planned.flatMap(({ ordered, upkeep }) => {
        const isAsked = names.includes(ordered.model) && upkeep !== undefined;
        return isAsked ? [{ mart: ordered.model, how: upkeep.how, questions: explained(database, upkeep) }] : [];
    });
    for (const { mart, how, questions } of marts) {
        output.print(`${mart}: ${how.text}`);
        for (const { title, sql, steps, scanned } of questions) {
            const all = scanned.length === 0 ? '' : `, reads every row of ${scanned.join(', ')}`;
            output.printLines(['', `  ${title}${all}`]);
            output.printLines([...sql.split('\n').map((line) => `    ${line}`), '  plan']);
            output.printLines(steps.map((step) => `    ${step}`));
        }
    }
    output.result({ marts });
}

function explained(database: Database, upkeep: MartUpkeep): readonly QuestionPlan[] {
    try {
        return upkeep.questions.map((question) => explainQuestion(database, question));
    } catch (error) {
        // Tables that the first run creates are not there yet.
        if (missingTable(error) === undefined) {
            throw error;
        }
        return upkeep.questions.map((question) => ({ ...question, steps: ['known after its first run'], scanned: [] }));
    }
}
