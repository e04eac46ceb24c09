import type { Filter } from '../../query/dashboard.ts';
import { type Asked, isFailed } from '../answers/ask-readers.ts';
import type { ServeContext } from '../answers/serve-context.ts';
import { askShared, type IgnoredFilter, type PageRequest } from './page-request.ts';

/** What a filter offers: the value, and what people see of it. */
interface Choice {
    readonly value: string;
    readonly text: string;
}

/** Null: any value may be typed, or the choices cannot be read. */
export async function optionsOf(
    context: ServeContext,
    page: PageRequest,
    { options }: Filter,
): Promise<readonly Choice[] | null> {
    if (options === null) {
        return null;
    }
    try {
        return choicesOf(await askShared(context, page, options));
    } catch {
        return null;
    }
}

/** Of one column, or of two: the value, and its text. */
function choicesOf(answer: Asked): readonly Choice[] | null {
    if (isFailed(answer)) {
        return null;
    }
    const { rows } = JSON.parse(answer.body.toString('utf8')) as { readonly rows: readonly (readonly unknown[])[] };
    return rows.flatMap(([value, text]) =>
        value === null || value === undefined ? [] : [{ value: String(value), text: String(text ?? value) }],
    );
}

/**
 * The page without the filters whose value is none of the choices that there are now: a link may be older than a run.
 * Choices that cannot be read leave any value.
 */
export async function withoutStale(context: ServeContext, page: PageRequest): Promise<PageRequest> {
    const asked = page.dashboard.filters.filter(({ name }) => page.given.has(name));
    const stale = await Promise.all(
        asked.map(async (filter): Promise<readonly IgnoredFilter[]> => {
            const value = page.given.get(filter.name) ?? '';
            const options = await optionsOf(context, page, filter);
            return options === null || options.length === 0 || options.some((one) => one.value === value)
                ? []
                : [{ name: filter.name, value, why: 'it is none of the choices' }];
        }),
    );
    const left = stale.flat();
    const given = new Map([...page.given].filter(([name]) => !left.some((one) => one.name === name)));
    return { ...page, given, ignored: [...page.ignored, ...left] };
}
