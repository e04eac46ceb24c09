import { RowFramer, type RowFramerState } from './capture/row-framer.ts';
import { RowDecoder } from './decode/row-decoder.ts';
import type { LoadStart } from './recognise-source.ts';
import { formatOfName } from './sources/match-row-source.ts';
import type { RowSource } from './sources/row-source.ts';
import { readCatalogue } from './store/catalogue.ts';
import type { Database } from './store/database.ts';

/** How a source of rows is read: what `pipeline.ts` puts in the place of the change stream's framer and decoder. */
export function rowReading(
    database: Database,
    { load, startByte, source }: Exclude<LoadStart, { kind: 'same' }>,
    rows: RowSource,
): { readonly framer: RowFramer; readonly decoder: RowDecoder } {
    const known = readCatalogue(database).find(({ schema, table }) => schema === 'public' && table === rows.table);
    const framer = new RowFramer({
        offset: startByte,
        state: JSON.parse(load.frame_state) as RowFramerState | null,
        source: source.name,
        format: rows.format ?? formatOfName(source.name),
        delimiter: rows.delimiter,
        required: rows.columns.filter((column) => column.type !== 'record').map((column) => column.name),
    });
    return { framer, decoder: new RowDecoder(rows, known?.columns.map((column) => column.sourceName) ?? []) };
}
