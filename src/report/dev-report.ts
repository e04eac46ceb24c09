import { type EltError, shorten } from '../core/errors.ts';
import type { CaseResult } from '../transform/cases/run-case.ts';
import type { RowSample } from '../transform/dev/table-difference.ts';
import type { RanModels, TriedModel, TriedRun } from '../transform/dev/try-run.ts';
import { caseFailures } from './case-report.ts';
import { counted, durationText, grouped, textTable } from './text-table.ts';

/** What the files as they are would do. */
export interface DevReport {
    /** Files that have changed since the last look. */
    readonly changed: readonly string[];
    /** When the data was copied; or why there is none. */
    readonly data: { readonly copied: Date; readonly why: null } | { readonly copied: null; readonly why: string };
    /** Null where the files are wrong, and where there is no data. */
    readonly run: TriedRun | null;
    readonly cases: readonly CaseResult[];
    /** In the order in which a person fixes them. */
    readonly errors: readonly EltError[];
    readonly milliseconds: number;
}

const COLUMNS_SHOWN_MAX = 6;
const VALUE_CHARACTERS_MAX = 40;

/** The data tests, the cases, and how it ends. The errors are printed apart. */
export function endLines({ data, run, cases, errors, milliseconds }: DevReport): readonly string[] {
    const about = data.why === null ? `data of ${clock(data.copied)}` : `${data.why}: only the cases are run`;
    const state = errors.length === 0 ? 'checked' : 'wrong';
    return [
        ...(run === null ? [] : testLines(run)),
        ...caseLines(cases),
        `${state}  in ${durationText(milliseconds)}, ${about}; nothing was published`,
    ];
}

/** `12:04:10`, as the clock on the wall shows it. */
export function clock(at: Date): string {
    return [at.getHours(), at.getMinutes(), at.getSeconds()].map((part) => String(part).padStart(2, '0')).join(':');
}

/** What the models would do to their tables, for people. */
export function ranLines({ models, migrations }: RanModels): readonly string[] {
    const applied = migrations.map((name) => `would apply  ${name}`);
    const ran = models.filter(({ action }) => action === 'full' || action === 'incremental');
    const stays = models.filter(({ action }) => ['waiting', 'stopped', 'held'].includes(action));
    const held = stays.map(
        ({ model, action, waitsFor }) =>
            `${action.padEnd(8)} ${model}${waitsFor === null ? '' : `: ${waitsFor} has not landed`}`,
    );
    if (ran.length === 0) {
        return [...applied, ...held, 'no model would run: all are up to date'];
    }
    const rows = ran.map((model) => {
        const { inserted, updated, deleted } = model.difference ?? model;
        return [model.model, model.reason, inserted, updated, deleted, durationText(model.milliseconds)];
    });
    return [
        ...applied,
        ...held,
        ...textTable(['model', 'why', 'inserted', 'updated', 'deleted', 'time'], rows),
        ...ran.flatMap(sampleLines),
    ];
}

/** What would differ in a model's table, with the first rows, old beside new. */
function sampleLines({ model, difference }: TriedModel): readonly string[] {
    if (difference === null) {
        return [];
    }
    const { columnsAdded, columnsRemoved, samples, limit } = difference;
    const rest = difference.inserted + difference.updated + difference.deleted - samples.length;
    const lines = [
        ...columnsAdded.map((name) => `  + column ${name}`),
        ...columnsRemoved.map((name) => `  - column ${name}`),
        ...samples.map((sample) => `  ${sampleLine(sample)}`),
        ...(limit === null ? [] : [`  ${limit}`]),
        ...(rest > 0 && samples.length > 0 ? [`  and ${counted(rest, 'row')} more`] : []),
    ];
    return lines.length === 0 ? [] : ['', `${model}:`, ...lines];
}

const SIGNS: Readonly<Record<RowSample['kind'], string>> = { inserted: '+', updated: '~', deleted: '-' };

function sampleLine({ kind, row, columns }: RowSample): string {
    const shown = columns.slice(0, COLUMNS_SHOWN_MAX).map(({ name, old, now }) => {
        const value = (text: string | null): string => shorten(text ?? 'null', VALUE_CHARACTERS_MAX);
        return kind === 'updated' ? `${name}: ${value(old)} -> ${value(now)}` : `${name}: ${value(now ?? old)}`;
    });
    const left = columns.length - shown.length;
    return [`${SIGNS[kind]} ${row}`, ...shown, ...(left > 0 ? [`and ${counted(left, 'column')} more`] : [])]
        .filter((part) => part.trim() !== '')
        .join('  ');
}

function testLines({ tests }: TriedRun): readonly string[] {
    const failed = tests.filter(({ badRows }) => badRows > 0);
    if (tests.length === 0) {
        return [];
    }
    return [
        '',
        ...failed.map(({ name, badRows, file }) => `FAILED  ${name}: ${counted(badRows, 'bad row')} (${file})`),
        `${grouped(tests.length - failed.length)} of ${grouped(tests.length)} data tests pass`,
    ];
}

function caseLines(cases: readonly CaseResult[]): readonly string[] {
    const failed = caseFailures(cases);
    const passed = cases.filter(({ differences, fault }) => differences.length === 0 && fault === null).length;
    return cases.length === 0 ? [] : [...failed, `${grouped(passed)} of ${counted(cases.length, 'case')} pass`];
}
