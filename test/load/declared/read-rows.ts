import { TableFramer, type TableFramerState } from '../../../src/capture/rows/table-framer.ts';
import { TableDecoder } from '../../../src/decode/rows/table-decoder.ts';
import type { DeclaredSource } from '../../../src/project/declared-source.ts';

/** What framing and decoding give for the bytes of a source of rows. */
export interface ReadRows {
    readonly rows: Record<string, unknown>[];
    /** `reason: bytes`. */
    readonly rejects: string[];
    /** Every byte that was put aside, where it was put. */
    readonly places: { offset: number; bytes: string }[];
    /** Where the source could be resumed, with the state to do it. */
    readonly ends: { offset: number; state: TableFramerState }[];
}

export function readRows(
    source: DeclaredSource,
    bytes: Buffer,
    options: { chunkBytes?: number; from?: { offset: number; state: TableFramerState } } = {},
): ReadRows {
    const read: ReadRows = { rows: [], rejects: [], places: [], ends: [] };
    const { offset = 0, state = null } = options.from ?? {};
    const { format, delimiter, columns } = source;
    const required = columns.filter((column) => column.type !== 'record').map((column) => column.name);
    const framer = new TableFramer({ offset, state, source: 'rows', format, delimiter, required });
    const decoder = new TableDecoder(source, []);
    const take: Parameters<TableFramer['push']>[1] = (frame) =>
        decoder.decode(frame, (decoded) => {
            if (decoded.kind === 'change') {
                const names = decoded.shape.columns.map((column) => column.name);
                read.rows.push(Object.fromEntries(names.map((name, index) => [name, decoded.values[index]])));
            } else if (decoded.kind === 'reject') {
                const { reject } = decoded;
                read.rejects.push(`${reject.reason}: ${reject.bytes.toString('utf8')}`);
                read.places.push({ offset: reject.offset, bytes: reject.bytes.toString('utf8') });
            } else if (decoded.kind === 'recordEnd') {
                const now = JSON.parse(JSON.stringify(framer.state())) as TableFramerState;
                read.ends.push({ offset: decoded.offset, state: now });
            }
        });
    const chunkBytes = options.chunkBytes ?? 65_536;
    for (let at = offset; at < bytes.length; at += chunkBytes) {
        // A chunk's memory is used again: what is kept of it must be a copy.
        const chunk = Buffer.from(bytes.subarray(at, at + chunkBytes));
        framer.push(chunk, take);
        chunk.fill(0x21);
    }
    framer.end(take);
    return read;
}
