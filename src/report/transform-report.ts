import type { TestResult } from '../transform/data-tests.ts';
import { CANNOT_RUN } from '../transform/plan/decide.ts';
import type { ModelResult, TransformResult } from '../transform/transform.ts';
import { durationText, grouped, textTable } from './text-table.ts';

/** What a run did, for people: a line for each model but those that wrote nothing, which are counted; then the data tests. */
export function transformLines(result: TransformResult): readonly string[] {
    if (result.models.length === 0) {
        return ['transformed  nothing: the pipeline has no SQL files yet'];
    }
    const ran = result.models.filter((model) => model.action !== 'idle');
    if (ran.every((model) => model.action === 'waiting') && result.tests.length === 0) {
        const waiting = ran.map((model) => `waiting  ${model.model}: ${model.waitsFor} has not landed`);
        return [...waiting, ...(ran.length === result.models.length ? [] : ['transformed  nothing new'])];
    }
    const shown = ran.filter((model) => !wroteNothing(model));
    const rows = shown.map((model) => [
        model.model,
        what(model),
        ...(CANNOT_RUN.has(model.action)
            ? ['', '', '', '', '']
            : [
                  grouped(model.inserted),
                  grouped(model.updated),
                  grouped(model.deleted),
                  grouped(model.unchanged),
                  durationText(model.milliseconds),
              ]),
    ]);
    const columns = ['model', 'run', 'inserted', 'updated', 'deleted', 'unchanged', 'time'];
    const table = rows.length === 0 ? [] : alignNumbers(columns, rows, 2);
    return [...table, ...countedLines(shown.length, ran.length - shown.length), ...testLines(result.tests)];
}

/** It took in new changes, none of which reached its rows. A first run or a rebuild without rows is shown. */
function wroteNothing({ action, inserted, updated, deleted, unchanged }: ModelResult): boolean {
    return action === 'incremental' && inserted + updated + deleted + unchanged === 0;
}

function countedLines(shown: number, silent: number): readonly string[] {
    if (silent === 0) {
        return [];
    }
    const models = silent === 1 ? 'model' : 'models';
    return [
        shown === 0
            ? `transformed  ${silent} ${models}: nothing to write`
            : `${silent} more ${models}: nothing to write`,
    ];
}

/** `12 of 12 data tests passed`, after one line for each that failed. */
export function testLines(tests: readonly TestResult[]): readonly string[] {
    const failed = tests.filter((test) => test.badRows > 0);
    const time = durationText(tests.reduce((sum, test) => sum + test.milliseconds, 0));
    const passed = tests.length - failed.length;
    return [
        ...failed.map((test) => `FAILED  ${test.name}: ${grouped(test.badRows)} bad rows (${test.file})`),
        ...(tests.length === 0 ? [] : [`${grouped(passed)} of ${grouped(tests.length)} data tests passed (${time})`]),
    ];
}

function what(model: ModelResult): string {
    if (model.action === 'waiting') {
        return `waiting: ${model.waitsFor} has not landed`;
    }
    return model.action === 'stopped' || model.action === 'held' ? `${model.action}: ${model.reason}` : model.reason;
}

/** Right-aligns the counts, which are already texts with grouped digits. */
function alignNumbers(
    columns: readonly string[],
    rows: readonly (readonly string[])[],
    from: number,
): readonly string[] {
    const widths = columns.map((column, index) =>
        Math.max(column.length, ...rows.map((row) => (row[index] ?? '').length)),
    );
    const pad = (row: readonly string[]): string[] =>
        row.map((cell, index) => (index < from ? cell : cell.padStart(widths[index] ?? 0)));
    return textTable(pad(columns), rows.map(pad));
}
