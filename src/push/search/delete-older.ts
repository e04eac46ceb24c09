import type { BulkWriter } from './bulk-writer.ts';
import { scrollDocuments } from './scroll-documents.ts';
import type { SearchConnection } from './search-connection.ts';

/** After all rows were written under a version: deletes the documents of older ones, whose rows are gone. */
export async function deleteOlder(
    connection: SearchConnection,
    index: string,
    writer: BulkWriter,
    version: number,
): Promise<void> {
    const refused = new Set(writer.rejects.map(({ document }) => document));
    await connection.json('POST', `/${index}/_refresh`, undefined, 'refresh');
    for await (const { _id: id, _version: found } of scrollDocuments(connection, index, false)) {
        if (found < version && !refused.has(id)) {
            await writer.add({ id, key: id, text: null });
        }
    }
    await writer.end();
}
