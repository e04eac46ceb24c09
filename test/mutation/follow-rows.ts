import { AssertionError } from 'node:assert';
import { EltError } from '../../src/core/errors.ts';
import { runByHand } from '../support/bench-database.ts';
import { RowPipeline } from '../support/row-pipeline.ts';
import type { RowHistory, RowPipelineName } from './row-histories.ts';

/**
 * Follows one history of row files with the SQL of a project: a run after each group, runs of every file by hand, a
 * rebuild, a fill by hand. Returns what gives the SQL away: the first difference from the model of the rules, or the
 * error; null if all is well.
 */
export async function followRows(
    project: string,
    pipeline: RowPipelineName,
    history: RowHistory,
): Promise<string | null> {
    const rows = await RowPipeline.create(pipeline, project, ':memory:');
    try {
        await follow(rows, history);
        return null;
    } catch (error) {
        if (error instanceof AssertionError) {
            return `differs from the model: ${error.message.slice(0, 200)}`;
        }
        return error instanceof EltError ? `${error.code}: ${error.message}` : `by hand: ${String(error)}`;
    } finally {
        rows.close();
    }
}

async function follow(rows: RowPipeline, { groups, check }: RowHistory): Promise<void> {
    // Another mart that has never run, as a project may have one: nothing of it concerns these.
    rows.database.exec("insert into elt_watermarks (model) values ('a_mart_of_tomorrow')");
    let order: readonly string[] = [];
    for (const [index, group] of groups.entries()) {
        for (const { name, text } of group) {
            await rows.load(name, Buffer.from(text));
        }
        // Every third group is taken in by a person who runs the files, in the order of the last run.
        if (index % 3 === 2) {
            for (const text of filesInOrder(rows, order)) {
                runByHand(rows.database, text);
            }
        } else {
            order = (await rows.transform()).models.map(({ model }) => model);
        }
        check(rows, index + 1);
    }
    await rows.transform();
    check(rows, groups.length);
    await rows.transform(true);
    check(rows, groups.length);
    await expectNothingToDo(rows);
    for (const name of marts(order)) {
        rows.database.exec(`update elt_watermarks set watermark = 0 where model = '${name}'`);
        for (const text of filesInOrder(rows, order)) {
            runByHand(rows.database, text);
        }
        check(rows, groups.length);
    }
    await rows.transform();
    check(rows, groups.length);
}

/** The files' texts in the order in which a run takes them. */
function filesInOrder(rows: RowPipeline, order: readonly string[]): readonly string[] {
    return [...rows.projectFiles().models]
        .sort((left, right) => order.indexOf(left.name) - order.indexOf(right.name))
        .map(({ text }) => text);
}

/** Models that are filled from others; what folds staging takes in only what is behind its watermark. */
function marts(order: readonly string[]): readonly string[] {
    return order.filter((name) => !name.startsWith('current_') && name !== 'events');
}

/** What is up to date is known to be, and another model's watermark was left alone. */
async function expectNothingToDo(rows: RowPipeline): Promise<void> {
    const { models } = await rows.transform();
    const busy = models.find(({ action }) => action === 'full' || action === 'incremental');
    if (busy !== undefined) {
        throw new AssertionError({ message: `${busy.model} is run again though nothing is new` });
    }
    const [other] = rows.rows("select watermark from elt_watermarks where model = 'a_mart_of_tomorrow'");
    if (other?.watermark !== 0) {
        throw new AssertionError({ message: "another model's watermark was moved" });
    }
}
