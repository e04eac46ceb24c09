import { hash } from 'node:crypto';
import { EltError } from '../../core/errors.ts';
import type { Dashboard, Filter } from '../../query/dashboard.ts';
import type { Question } from '../../query/question.ts';
import { parameterValue } from '../../query/question-parameter.ts';
import { type Asked, askReader } from '../answers/ask-readers.ts';
import type { ServeContext } from '../answers/serve-context.ts';
import type { DatabaseState, ServedPipeline } from '../answers/served-pipeline.ts';
import { HttpError } from '../http/http-error.ts';
import { requestValues } from '../http/request-values.ts';

/** What a request asks of a page: its figures with these filters, as the database is now. */
export interface PageRequest {
    readonly pipeline: ServedPipeline;
    readonly dashboard: Dashboard;
    readonly state: DatabaseState;
    /** Filters of the address that the page knows and whose values can be taken. */
    readonly given: ReadonlyMap<string, string>;
    /** The others, and why they were left out. */
    readonly ignored: readonly IgnoredFilter[];
}

export interface IgnoredFilter {
    readonly name: string;
    readonly value: string;
    readonly why: string;
}

/** Reads the filters of an address. A link may be old, or be typed by hand: what is wrong in it is left out. */
export function pageRequest(
    pipeline: ServedPipeline,
    dashboard: Dashboard,
    address: ReadonlyMap<string, string>,
): PageRequest {
    const given = new Map<string, string>();
    const ignored: IgnoredFilter[] = [];
    for (const [name, value] of address) {
        const filter = dashboard.filters.find((one) => one.name === name);
        const why = filter === undefined ? 'this page has no such filter' : wrongValue(filter, value);
        if (why !== null) {
            ignored.push({ name, value, why });
        } else if (value !== '') {
            given.set(name, value);
        }
    }
    return { pipeline, dashboard, state: pipeline.state(), given, ignored };
}

/** For programs, to whom a wrong filter is an error. @throws HttpError PARAMETER_UNKNOWN, PARAMETER_WRONG. */
export function refuseIgnored({ ignored, dashboard }: PageRequest): void {
    const [first] = ignored;
    if (first !== undefined) {
        const isKnown = dashboard.filters.some(({ name }) => name === first.name);
        throw isKnown
            ? new HttpError('PARAMETER_WRONG', `${first.name.slice(0, 60)} ${first.why}`)
            : new HttpError('PARAMETER_UNKNOWN', `no figure has a parameter "${first.name.slice(0, 60)}"`);
    }
}

/** Null: it is none. */
function wrongValue(filter: Filter, value: string): string | null {
    try {
        parameterValue(filter, value === '' ? undefined : value);
        return null;
    } catch (error) {
        if (value === '' || !(error instanceof EltError)) {
            return null;
        }
        return `must be ${error.facts.found?.replace(/^expected /, 'a ') ?? 'another value'}`;
    }
}

/** Asks a question of the page with the filters that it declares. Many viewers share the answer. */
export async function askShared(context: ServeContext, page: PageRequest, question: Question): Promise<Asked> {
    const { pipeline, state, given } = page;
    const own = new Map([...given].filter(([name]) => question.parameters.some((one) => one.name === name)));
    const { values } = requestValues({ ...question, page: null }, new Map(), own, 1);
    const key = hash('sha1', JSON.stringify([question.file, question.text, values]), 'base64url');
    return await context.shared.get({ pipeline: pipeline.name, version: state.version, question: key }, () =>
        askReader(
            { ...context, pipeline, state },
            { question, values, format: 'table', page: null },
            `${pipeline.name} ${question.file}`,
        ),
    );
}
