import { EltError } from '../core/errors.ts';
import type { RowDifference } from '../transform/cases/compare-rows.ts';
import type { CaseResult } from '../transform/cases/run-case.ts';
import { counted, durationText, grouped, textTable } from './text-table.ts';

const CHANGES_SHOWN_MAX = 20;

/** What the cases showed, for people: a line for each, where it failed with expected beside got, then the count. */
export function caseLines(results: readonly CaseResult[]): readonly string[] {
    if (results.length === 0) {
        return [];
    }
    const passed = results.filter((one) => !isFailed(one)).length;
    const time = durationText(results.reduce((sum, one) => sum + one.milliseconds, 0));
    const histories = results.reduce((sum, one) => sum + one.histories, 0);
    return [
        ...results.flatMap((one) => (isFailed(one) ? failureLines(one) : [`ok      ${one.mart}: ${one.name}`])),
        '',
        `${grouped(passed)} of ${counted(results.length, 'case')} passed, ${historiesText(histories)} (${time})`,
    ];
}

function historiesText(count: number): string {
    return count === 1 ? 'with 1 random history' : `with ${grouped(count)} random histories`;
}

/** The cases that failed, with expected beside got. */
export function caseFailures(results: readonly CaseResult[]): readonly string[] {
    return results.filter(isFailed).flatMap(failureLines);
}

function isFailed({ differences, fault }: CaseResult): boolean {
    return differences.length > 0 || fault !== null;
}

function failureLines(one: CaseResult): readonly string[] {
    const where = `FAILED  ${one.mart}: ${one.name} (${one.file}:${one.line})`;
    if (one.fault === null) {
        return [where, ...indented(differenceTable(one.differences))];
    }
    const { seed, batch, changes, differences } = one.fault;
    const left = changes.length - CHANGES_SHOWN_MAX;
    return [
        where,
        `        after batch ${batch} of the history of seed ${seed} it is not what its SQL gives for the same rows:`,
        ...indented(differenceTable(differences)),
        '        the changes of that batch:',
        ...indented(changes.slice(0, CHANGES_SHOWN_MAX)),
        ...(left > 0 ? [`        … ${grouped(left)} more`] : []),
        `        again: elt test --cases ${one.mart} --seed ${seed} --histories 1`,
    ];
}

/** Expected beside got, a line for each column that differs. */
function differenceTable(differences: readonly RowDifference[]): readonly string[] {
    return textTable(
        ['row', 'column', 'expected', 'got'],
        differences.map(({ row, column, expected, got }) => [row, column, expected ?? 'no row', got ?? 'no row']),
    );
}

function indented(lines: readonly string[]): readonly string[] {
    return lines.map((line) => `        ${line}`);
}

/** The error of cases that failed: the first one with its differences, and the names of the others. */
export function caseFailure(results: readonly CaseResult[]): EltError | undefined {
    const [first, ...others] = results.filter(isFailed);
    if (first === undefined) {
        return undefined;
    }
    const differences = first.fault?.differences ?? first.differences;
    const [one] = differences;
    const more = differences.length - 1;
    return new EltError({
        code: 'CASE_FAILED',
        message:
            first.fault === null
                ? `"${first.mart}" does not have the rows that case "${first.name}" expects`
                : `"${first.mart}" is kept up to date wrongly in case "${first.name}", in the history of seed ${first.fault.seed}`,
        where: `${first.file}:${first.line}`,
        found: [
            `${one?.row}: ${one?.column} is ${one?.got ?? 'in no row'}; expected ${one?.expected ?? 'no such row'}${more > 0 ? `, and ${counted(more, 'difference')} more` : ''}`,
            ...(others.length > 0 ? [`also failed: ${others.map(({ name }) => `"${name}"`).join(', ')}`] : []),
        ].join('\n'),
        state: 'nothing was changed: a case runs in a database of its own',
        next: 'correct the mart or the case, then run "elt test --cases" again',
    });
}
