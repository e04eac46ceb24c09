import { Framer } from '../capture/frame/framer.ts';
import type { FramerState } from '../capture/frame/framing.ts';
import type { FrameReader, TableFramerState } from '../capture/rows/table-framer.ts';
import type { Source } from '../capture/source/source.ts';
import type { SqliteType } from '../core/storage-types.ts';
import { Decoder } from '../decode/wal2json/decoder.ts';
import { readCatalogue } from '../ledger/catalogue.ts';
import { isFromStream } from '../ledger/from-streams.ts';
import type { LoadRow, NewLoad } from '../ledger/loads.ts';
import { type DeclaredSource, formatOfName } from '../project/declared-source.ts';
import { declaredText, type PipelineSettings } from '../project/pipeline-settings.ts';
import type { Database } from '../sqlite/database.ts';

/** What cuts a source into frames, and what makes changes of them. */
export interface SourceReader {
    readonly framer: FrameReader;
    /** `decodeBytes`: decodes a frame that is not UTF-8; false, or absent, if the source cannot be read further. */
    readonly decoder: Pick<Decoder, 'decode'> & Partial<Pick<Decoder, 'decodeBytes'>>;
}

/** Where reading begins. */
export interface ReadPlace {
    readonly source: Source;
    readonly load: Pick<LoadRow | NewLoad, 'frame_state'>;
    readonly startByte: number;
}

export interface ReaderOptions {
    readonly settings: PipelineSettings;
    /** A longer record, change or row is put aside; undefined: as the framer of its format does. */
    readonly recordBytesMax?: number | undefined;
}

/** A source of rows, and the columns that its table will have where it is not there yet. */
export interface RowSource {
    readonly rows: DeclaredSource;
    readonly expected: readonly { readonly name: string; readonly stored: SqliteType }[];
}

export function streamReader({ load, startByte, source }: ReadPlace, options: ReaderOptions): SourceReader {
    const { settings, recordBytesMax: changeBytesMax } = options;
    const state = JSON.parse(load.frame_state) as FramerState | null;
    const framer = new Framer({
        offset: startByte,
        source: source.name,
        ...(changeBytesMax === undefined ? {} : { changeBytesMax }),
        ...(state === null ? {} : { state }),
    });
    return { framer, decoder: new Decoder({ declared: declaredText(settings) }) };
}

/**
 * The same for a source of rows. Its modules are imported only here: a change stream needs no parser of CSV, and a
 * process that loads none starts sooner.
 */
export async function rowReader(
    database: Database,
    { load, startByte, source }: ReadPlace,
    { rows, expected }: RowSource,
    { recordBytesMax: rowBytesMax }: ReaderOptions,
): Promise<SourceReader> {
    const { TableFramer } = await import('../capture/rows/table-framer.ts');
    const { TableDecoder } = await import('../decode/rows/table-decoder.ts');
    const { copiedColumn, columnStored } = await import('../decode/rows/copied-value.ts');
    const framer = new TableFramer({
        offset: startByte,
        state: JSON.parse(load.frame_state) as TableFramerState | null,
        source: source.name,
        format: rows.format ?? formatOfName(source.name),
        delimiter: rows.delimiter,
        required: rows.columns.filter((column) => column.type !== 'record').map((column) => column.name),
        rowBytesMax,
    });
    const relation = readCatalogue(database).find(
        ({ schema, table }) => schema === rows.schema && table === rows.table,
    );
    const known = relation?.columns ?? [];
    if (rows.isCopy || (rows.file === null && relation && isFromStream(database, relation.stagingTable))) {
        // It keeps its types and its key, whatever way its rows come.
        const columns =
            relation === undefined
                ? expected.map(({ name, stored }) => columnStored(name, stored))
                : known.map(({ sourceName, pgType, sqliteType }) =>
                      pgType === null ? columnStored(sourceName, sqliteType) : copiedColumn(sourceName, pgType),
                  );
        const copied = { ...rows, isCopy: true, key: relation?.primaryKey ?? [] };
        return { framer, decoder: new TableDecoder(copied, columns) };
    }
    const columns = known.map(({ sourceName }) => ({ name: sourceName, type: 'text', required: false }) as const);
    return { framer, decoder: new TableDecoder(rows, columns) };
}
