import { join } from 'node:path';
import { encodeFileName, type ProjectFiles, UPKEEP } from '../project/model-files.ts';
import { sqlFolder } from '../project/settings.ts';
import { writeProjectFile } from '../project/write-project-file.ts';
import { lineDifference } from '../report/line-difference.ts';
import type { Database } from '../sqlite/database.ts';
import { isUneditedUpkeep } from '../transform/marts/mart-upkeep.ts';
import { withGenerator } from '../transform/marts/with-generator.ts';
import type { PlannedModel } from '../transform/plan/decide.ts';
import { planTransform } from '../transform/plan/plan-transform.ts';
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
    return { file: shown, state, how: upkeep.how.text };
}
