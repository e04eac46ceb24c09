import { hash } from 'node:crypto';
import { lagJson } from '../answers/lag-json.ts';
import type { ServeContext } from '../answers/serve-context.ts';
import type { ServedPipeline } from '../answers/served-pipeline.ts';
import { dataPeriod } from './data-period.ts';
import { type FigureJson, figureJson, figureWords } from './figure-json.ts';
import { optionsOf } from './filter-options.ts';
import type { PageRequest } from './page-request.ts';

/** The whole page as one JSON text, once all its figures are there. */
export async function dashboardJson(context: ServeContext, page: PageRequest): Promise<FigureJson> {
    const head = pageHead(page);
    const [period, options, figures] = await Promise.all([
        dataPeriod(context, page),
        Promise.all(page.dashboard.filters.map((filter) => optionsOf(context, page, filter))),
        Promise.all(page.dashboard.figures.map((entry) => figureJson(context, page, entry))),
    ]);
    const parameters = head.parameters.map((parameter, index) => ({ ...parameter, options: options[index] ?? null }));
    const { figures: _, ignored: __, ...rest } = head;
    return {
        text: Buffer.concat([
            Buffer.from(`${JSON.stringify({ ...rest, period, parameters }).slice(0, -1)},"figures":[`),
            ...figures.flatMap(({ text }, index) => [Buffer.from(index === 0 ? '' : ','), text]),
            Buffer.from(']}\n'),
        ]),
        hasFailed: figures.some(({ hasFailed }) => hasFailed),
    };
}

/**
 * The page line by line, each a JSON object: first `page`, which needs no query, then `options` of a filter and
 * `period` and `figure` as they come, at last `end`. A slow figure holds up no other one. `onFailure` is called for each that failed
 * for now.
 */
export async function* dashboardLines(
    context: ServeContext,
    page: PageRequest,
    onFailure: () => void,
): AsyncGenerator<Buffer> {
    yield line('page', Buffer.from(JSON.stringify(pageHead(page))));
    const waiting = new Set<Promise<Buffer>>();
    const ready: Buffer[] = [];
    const add = (work: Promise<Buffer>): void => {
        const one = work.then((bytes) => {
            waiting.delete(one);
            ready.push(bytes);
            return bytes;
        });
        waiting.add(one);
    };
    add(dataPeriod(context, page).then((period) => line('period', Buffer.from(JSON.stringify(period)))));
    for (const filter of page.dashboard.filters.filter(({ options }) => options !== null)) {
        add(
            optionsOf(context, page, filter).then((values) =>
                line('options', Buffer.from(JSON.stringify({ name: filter.name, values }))),
            ),
        );
    }
    for (const entry of page.dashboard.figures) {
        add(
            figureJson(context, page, entry).then(({ text, hasFailed }) => {
                if (hasFailed) {
                    onFailure();
                }
                return line('figure', text);
            }),
        );
    }
    while (waiting.size > 0 || ready.length > 0) {
        if (ready.length === 0) {
            await Promise.race(waiting);
        }
        yield Buffer.concat(ready.splice(0));
    }
    yield line('end', Buffer.from(JSON.stringify({ version: page.state.version })));
}

/** What a page is made of: the same is the same page. `salt` differs for pages that failed. */
export function pageTag({ dashboard, state, given }: PageRequest, form: string, salt: number): string | null {
    if (state.version === null) {
        return null;
    }
    const texts = dashboard.figures.map((entry) =>
        'figure' in entry ? [entry.figure.text, entry.figure.rows?.text ?? ''] : [entry.error.message],
    );
    const options = dashboard.filters.map((filter) => [filter.name, filter.options?.text ?? '']);
    const parts = [state.version, form, salt, [...given], texts, options];
    return `"${hash('sha1', JSON.stringify(parts), 'base64url')}"`;
}

interface PageHead {
    readonly parameters: readonly Readonly<Record<string, unknown>>[];
    readonly [name: string]: unknown;
}

/** Null: the pipeline follows no server. */
function sourceOf(pipeline: ServedPipeline) {
    const lag = pipeline.sourceLag();
    return lag === null ? null : lagJson(lag);
}

function pageHead({ pipeline, dashboard, state, given, ignored }: PageRequest): PageHead {
    return {
        pipeline: pipeline.name,
        version: state.version,
        last_run: { finished_at: pipeline.lastRun() },
        source: sourceOf(pipeline),
        parameters: dashboard.filters.map(({ name, type, default: usual, range, options }) => {
            const value = given.get(name) ?? usual;
            // Until its options are there, a filter shows the value that it has.
            const known = options === null ? null : value === null ? [] : [{ value, text: value }];
            return { name, type, default: usual, range, value, options: known };
        }),
        figures: dashboard.figures.map((entry) => {
            const { name, title, why, chart, width } = figureWords(entry);
            return { name, title, why, chart, width };
        }),
        ignored,
    };
}

function line(kind: string, json: Buffer): Buffer {
    return Buffer.concat([Buffer.from(`{"${kind}":`), json, Buffer.from('}\n')]);
}
