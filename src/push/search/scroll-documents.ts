import type { SearchConnection } from './search-connection.ts';

export interface HeldDocument {
    readonly _id: string;
    readonly _version: number;
    /** Numbers as they are written (`exactJson`). */
    readonly _source?: Readonly<Record<string, unknown>>;
}

interface Page {
    readonly _scroll_id: string;
    readonly hits: { readonly hits: readonly HeldDocument[] };
}

/** A page is held in memory, with the documents where they are asked for. */
const PAGE_IDS = 5_000;
const PAGE_DOCUMENTS = 1_000;
const KEPT = '2m';

/** All documents of an index as they were when this began, in no order. */
export async function* scrollDocuments(
    connection: SearchConnection,
    index: string,
    withSource: boolean,
): AsyncGenerator<HeldDocument> {
    const size = withSource ? PAGE_DOCUMENTS : PAGE_IDS;
    const ask = async (path: string, body: unknown): Promise<Page> => {
        const answer = await connection.send('POST', path, body);
        if (answer.status >= 300) {
            throw connection.refusal(answer, 'list its documents');
        }
        return exactJson(answer.body) as unknown as Page;
    };
    let page = await ask(`/${index}/_search?scroll=${KEPT}`, {
        size,
        _source: withSource,
        version: true,
        sort: ['_doc'],
        query: { match_all: {} },
    });
    while (page.hits.hits.length > 0) {
        for (const hit of page.hits.hits) {
            yield { ...hit, _version: Number((hit._version as unknown as { readonly number: string }).number) };
        }
        page = await ask('/_search/scroll', { scroll: KEPT, scroll_id: page._scroll_id });
    }
    await connection.send('DELETE', '/_search/scroll', { scroll_id: [page._scroll_id] });
}

/** JSON with numbers as they are written: two that only a double makes equal are not. */
export function exactJson(text: string): Readonly<Record<string, unknown>> {
    const exact = (_: string, value: unknown, context?: { readonly source?: string }): unknown =>
        typeof value === 'number' ? { number: context?.source ?? String(value) } : value;
    return JSON.parse(text, exact as Parameters<typeof JSON.parse>[1]) as Readonly<Record<string, unknown>>;
}
