import type { EltError } from '../core/errors.ts';
import { type HeaderEntry, type HeaderKey, headError, headerValue } from '../project/file-head.ts';
import { parseParameter, type QuestionParameter } from './question-parameter.ts';
import { parseRoute, type QuestionRoute, routeParameters } from './question-route.ts';

/** The keys that the head of a question may contain. */
export const QUESTION_KEYS: readonly HeaderKey[] = [
    { name: 'row' },
    { name: 'why' },
    { name: 'param', repeatable: true },
    { name: 'route' },
    { name: 'page' },
    { name: 'column', repeatable: true },
    { name: 'no_row', values: ['empty', 'not found'] },
    { name: 'example' },
    { name: 'reads' },
];

export const COLUMN_TYPES = ['integer', 'number', 'text', 'date', 'timestamp'] as const;

/** A column as the head describes it: `-- column: datetime timestamp cut to seconds`. */
interface QuestionColumn {
    readonly name: string;
    readonly type: (typeof COLUMN_TYPES)[number];
    /** Over HTTP a timestamp is written as `2023-03-25T11:31:26+00:00`: its fraction is truncated, not rounded. */
    readonly isCutToSeconds: boolean;
    readonly line: number;
}

/** The contents of a question's head. */
export interface QuestionHead {
    /** In the order of the head. */
    readonly parameters: readonly QuestionParameter[];
    /** What one row is. */
    readonly row: string | null;
    readonly why: string | null;
    /** Its route over HTTP; null: it is not served. */
    readonly route: QuestionRoute | null;
    /** Columns of the answer that order it and identify its rows; null: it cannot be paged. */
    readonly page: readonly string[] | null;
    readonly columns: readonly QuestionColumn[];
    /** An answer without rows means that the requested thing does not exist (404 over HTTP). */
    readonly isNotFoundWithoutRow: boolean;
    /** Tables of elt itself that the question may read, and nothing else of the kind: `-- reads: elt_models`. */
    readonly reads: readonly string[];
    /** Parameters with which the question can be tried: `-- example: userId=31373`. */
    readonly example: Readonly<Record<string, string>>;
}

const COLUMN = /^([A-Za-z_][A-Za-z0-9_]*)[ \t]+([a-z]+)([ \t]+cut to seconds)?$/;
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** @throws EltError SQL_HEADER with the line. */
export function questionHead(entries: readonly HeaderEntry[], file: string): QuestionHead {
    const all = (key: string) => entries.filter((entry) => entry.key === key);
    const [route] = all('route').map(({ value, line }) => parseRoute(value, file, line));
    const parameters = all('param').map(({ value, line }) => parseParameter(value, file, line));
    const [page] = all('page').map((entry) => parsePage(entry, parameters, file));
    const [example] = all('example').map((entry) => parseExample(entry, parameters, file));
    for (const entry of all('route')) {
        checkRouteParameters(route ?? null, parameters, file, entry.line);
    }
    return {
        parameters,
        row: headerValue(entries, 'row') ?? null,
        why: headerValue(entries, 'why') ?? null,
        route: route ?? null,
        page: page ?? null,
        columns: all('column').map((entry) => parseColumn(entry, file)),
        isNotFoundWithoutRow: headerValue(entries, 'no_row') === 'not found',
        example: example ?? {},
        reads: all('reads').flatMap((entry) => parseReads(entry, file)),
    };
}

function parsePage({ value, line }: HeaderEntry, parameters: readonly QuestionParameter[], file: string): string[] {
    const names = value.split(',').map((name) => name.trim());
    if (names.some((name) => !NAME.test(name)) || new Set(names).size < names.length) {
        throw wrong(file, line, `"${value}"; expected columns of the answer: a, b`);
    }
    const taken = parameters.find(({ name }) => ['limit', 'after'].includes(name));
    if (taken !== undefined) {
        throw wrong(file, taken.line, `a parameter "${taken.name}"; pages are asked for with "limit" and "after"`);
    }
    return names;
}

function parseReads({ value, line }: HeaderEntry, file: string): readonly string[] {
    const names = value.split(',').map((name) => name.trim());
    const other = names.find((name) => !/^(?:elt_\w+|pragma_database_list)$/.test(name));
    if (other !== undefined) {
        throw wrong(file, line, `"${other}"; expected tables of elt itself, like "elt_models": others need no naming`);
    }
    return names;
}

function parseColumn({ value, line }: HeaderEntry, file: string): QuestionColumn {
    const [, name, written, cut] = COLUMN.exec(value) ?? [];
    const type = COLUMN_TYPES.find((one) => one === written);
    if (name === undefined || type === undefined || (cut !== undefined && type !== 'timestamp')) {
        const types = COLUMN_TYPES.join(', ');
        throw wrong(file, line, `"${value}"; expected "name type", type ${types}, or "timestamp cut to seconds"`);
    }
    return { name, type, isCutToSeconds: cut !== undefined, line };
}

function parseExample(
    { value, line }: HeaderEntry,
    parameters: readonly QuestionParameter[],
    file: string,
): Readonly<Record<string, string>> {
    const words = value.split(/\s+/).map((word) => {
        const at = word.indexOf('=');
        return [word.slice(0, Math.max(0, at)), word.slice(at + 1)] as const;
    });
    const unknown = words.find(([name]) => !parameters.some((parameter) => parameter.name === name));
    if (unknown !== undefined) {
        throw wrong(file, line, `"${value}"; expected name=value words with the names of parameters`);
    }
    return Object.fromEntries(words);
}

/** Every parameter of the path must be declared, and occur in the path once. */
function checkRouteParameters(
    route: QuestionRoute | null,
    parameters: readonly QuestionParameter[],
    file: string,
    line: number,
): void {
    const names = route === null ? [] : routeParameters(route);
    const declared = new Set(parameters.map(({ name }) => name));
    const unknown = names.find((name) => !declared.has(name));
    if (unknown !== undefined || new Set(names).size < names.length) {
        throw wrong(file, line, `{${unknown ?? names.join('}, {')}}; expected declared parameters, each once`);
    }
}

function wrong(file: string, line: number, found: string): EltError {
    return headError(file, line, {
        message: `the head of "${file}" cannot be read`,
        found,
        next: 'correct the line',
    });
}
