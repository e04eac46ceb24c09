import { EltError, shorten } from '../../core/errors.ts';
import { didYouMeanOrList } from '../../core/nearest-name.ts';
import type { QuestionHead } from '../../query/question-head.ts';
import {
    expectedText,
    type ParameterType,
    type ParameterValue,
    parameterValue,
} from '../../query/question-parameter.ts';
import type { JobPage, JobValue } from '../readers/reader-wire.ts';
import { HttpError } from './http-error.ts';
import { decodeAfter } from './page-place.ts';

/** The values to bind for a request, and the page that it requests. */
interface RequestValues {
    readonly values: Readonly<Record<string, JobValue>>;
    readonly page: JobPage | null;
}

const KINDS: Readonly<Record<ParameterType, string>> = {
    integer: 'an integer',
    digits: 'an integer',
    text: 'text',
    date: 'a date like 2010-12-31',
    uuid: 'a UUID',
};

/** The parameters that request a page. */
const PAGE_NAMES = ['limit', 'after'];

/**
 * Checks the parameters of a request against those of a question. An optional one with an empty value is not given.
 * @throws HttpError PARAMETER_…
 */
export function requestValues(
    head: QuestionHead,
    inPath: ReadonlyMap<string, string>,
    given: ReadonlyMap<string, string>,
    rowsMax: number,
): RequestValues {
    const names = head.parameters.map(({ name }) => name);
    const known = [
        ...names.filter((name) => !inPath.has(name)),
        ...(head.page === null ? [] : PAGE_NAMES.slice(0, head.page.length === 0 ? 1 : 2)),
    ];
    for (const name of given.keys()) {
        if (!known.includes(name)) {
            throw new HttpError('PARAMETER_UNKNOWN', `there is no parameter "${shorten(name, 60)}"`, {
                found: didYouMeanOrList(name, known, 'parameters'),
            });
        }
    }
    const values: Record<string, JobValue> = {};
    for (const parameter of head.parameters) {
        const text = inPath.get(parameter.name) ?? (given.get(parameter.name) || undefined);
        values[parameter.name] = jobValueOf(readParameter(parameter, text));
    }
    return { values, page: head.page === null ? null : readPage(head.page, given, rowsMax) };
}

function readParameter(parameter: QuestionHead['parameters'][number], text: string | undefined): ParameterValue {
    try {
        return parameterValue(parameter, text);
    } catch (error) {
        if (!(error instanceof EltError)) {
            throw error;
        }
        const { name, type, range } = parameter;
        if (text === undefined) {
            throw new HttpError('PARAMETER_MISSING', `${name} is missing`, {
                found: `expected ${expectedText(parameter)}`,
            });
        }
        const bounds = range === null ? '' : ` from ${range.from} to ${range.to}`;
        throw new HttpError('PARAMETER_WRONG', `${name} must be ${KINDS[type]}${bounds}`, {
            found: `"${shorten(text, 60)}"`,
        });
    }
}

function readPage(columns: readonly string[], given: ReadonlyMap<string, string>, rowsMax: number): JobPage | null {
    const limit = given.get('limit') || undefined;
    const after = given.get('after') || undefined;
    if (limit === undefined && after === undefined) {
        return null;
    }
    const count = limit === undefined ? rowsMax : /^\d{1,9}$/.test(limit) ? Number(limit) : 0;
    if (count < 1 || count > rowsMax) {
        throw new HttpError('PARAMETER_WRONG', `limit must be an integer from 1 to ${rowsMax}`, {
            found: `"${shorten(limit ?? '', 60)}"`,
        });
    }
    return { columns, limit: count, after: after === undefined ? null : readAfter(after, columns.length) };
}

function readAfter(text: string, columns: number): readonly JobValue[] {
    const values = decodeAfter(text, columns);
    if (values === null) {
        throw new HttpError('PARAMETER_WRONG', 'after must come from the link of a page', {
            next: 'begin again without it',
        });
    }
    return values;
}

function jobValueOf(value: ParameterValue): JobValue {
    return typeof value === 'bigint' ? { integer: String(value) } : value;
}
