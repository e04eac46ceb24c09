import type { BulkWriter } from './bulk-writer.ts';
import type { SearchConnection } from './search-connection.ts';

interface Page {
    readonly _scroll_id: string;
    readonly hits: { readonly hits: readonly { readonly _id: string; readonly _version: number }[] };
}

const PAGE_DOCUMENTS = 5_000;
const KEPT = '2m';

/** After all rows were written under a version: deletes the documents of older ones, whose rows are gone. */
export async function deleteOlder(
    connection: SearchConnection,
    index: string,
    writer: BulkWriter,
    version: number,
): Promise<void> {
    const refused = new Set(writer.rejects.map(({ document }) => document));
    await connection.json('POST', `/${index}/_refresh`, undefined, 'refresh');
    let page = await connection.json<Page>(
        'POST',
        `/${index}/_search?scroll=${KEPT}`,
        { size: PAGE_DOCUMENTS, _source: false, version: true, sort: ['_doc'], query: { match_all: {} } },
        'list its documents',
    );
    while (page.hits.hits.length > 0) {
        for (const { _id: id, _version: found } of page.hits.hits) {
            if (found < version && !refused.has(id)) {
                await writer.add({ id, key: id, text: null });
            }
        }
        page = await connection.json<Page>(
            'POST',
            '/_search/scroll',
            { scroll: KEPT, scroll_id: page._scroll_id },
            'list its documents',
        );
    }
    await connection.send('DELETE', '/_search/scroll', { scroll_id: [page._scroll_id] });
    await writer.end();
}
