import { Framer } from '../../src/capture/frame/framer.ts';
import type { FramerOptions, FramerState } from '../../src/capture/frame/framing.ts';
import type { EltError } from '../../src/core/errors.ts';
import type { Frame } from '../../src/core/frame.ts';
import type { StreamEvent } from '../../src/core/stream-event.ts';
import { Decoder, type DecoderOptions } from '../../src/decode/wal2json/decoder.ts';
import { type Ahead, frameAhead } from '../capture/frame-ahead.ts';
import { frameInto } from '../capture/frame-all.ts';

export interface DecodeOptions extends FramerOptions, DecoderOptions {
    /** Bytes of a piece, or the places of cuts. */
    readonly chunk?: number | readonly number[];
    /** A thread scans ahead. */
    readonly ahead?: Ahead;
}

/** Something decoded, with the framer's state at that moment: where it is a `recordEnd`, a place to resume. */
export interface Seen {
    readonly decoded: StreamEvent;
    readonly state: FramerState;
}

export interface AllDecoded {
    readonly seen: Seen[];
    readonly decoded: StreamEvent[];
    readonly error: EltError | null;
}

/** Frames and decodes `source`. */
export function decodeAll(source: Buffer | string, options: DecodeOptions = {}): AllDecoded {
    const framer = new Framer(options);
    const decoder = new Decoder(options);
    const seen: Seen[] = [];
    const bytes = Buffer.from(source);
    const emit = (frame: Frame): void => {
        decoder.decode(frame, (decoded) => seen.push({ decoded: keptOf(decoded), state: framer.state() }));
    };
    const { ahead, chunk = 1 << 20 } = options;
    const error = ahead === undefined ? frameInto(framer, bytes, chunk, emit) : frameAhead(framer, bytes, ahead, emit);
    return { seen, decoded: seen.map((one) => one.decoded), error };
}

/** A copy that outlives its delivery. A row that was only scanned becomes like the others. */
function keptOf(decoded: StreamEvent): StreamEvent {
    if (decoded.kind !== 'change') {
        return structuredClone(decoded);
    }
    const { kind, shape, values, old, lsn, xid, record, change, offset } = decoded;
    return structuredClone({ kind, shape, values, old, scanned: null, lsn, xid, record, change, offset });
}

/** The changes alone, without their places: what two sources of the same changes have in common. */
export function changesOf(decoded: readonly StreamEvent[]): unknown[] {
    return decoded.flatMap((one): unknown[] => {
        if (one.kind === 'change') {
            return [{ shape: one.shape, values: one.values, old: one.old, xid: one.xid }];
        }
        if (one.kind === 'message') {
            return [{ prefix: one.prefix, content: one.content }];
        }
        return [];
    });
}

/** The rows' values by name. */
export function rowsOf(decoded: readonly StreamEvent[]): Record<string, unknown>[] {
    return decoded.flatMap((one) => {
        if (one.kind !== 'change') {
            return [];
        }
        return [Object.fromEntries(one.shape.columns.map((column, index) => [column.name, one.values[index]]))];
    });
}

/** The reasons of what was put aside. */
export function reasonsOf(decoded: readonly StreamEvent[]): string[] {
    return decoded.flatMap((one) => (one.kind === 'reject' ? [one.reject.reason] : []));
}
