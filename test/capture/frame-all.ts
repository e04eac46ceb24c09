import { Framer } from '../../src/capture/frame/framer.ts';
import type { FramerOptions, FramerState } from '../../src/capture/frame/framing.ts';
import { EltError } from '../../src/core/errors.ts';
import type { Frame } from '../../src/core/frame.ts';

/** A frame as a test sees it: with its own bytes instead of a view. */
export interface SeenFrame {
    readonly kind: Frame['kind'];
    readonly text: string;
    readonly offset: number;
    readonly length: number;
    readonly record: number;
    readonly change: number | null;
    readonly reason: string | null;
    readonly torn: boolean;
    readonly fast: boolean;
    /** The framer's state while the frame was delivered. */
    readonly state: FramerState;
}

export interface Framed {
    readonly frames: SeenFrame[];
    readonly error: EltError | null;
    readonly state: FramerState;
}

/** Frames `bytes`, given in pieces of `chunk` bytes (or cut at the places of a list). */
export function frameAll(
    bytes: Buffer | string,
    chunk: number | readonly number[] = 1 << 20,
    options: FramerOptions = {},
): Framed {
    const framer = new Framer(options);
    const frames: SeenFrame[] = [];
    const error = frameInto(framer, Buffer.from(bytes), chunk, (frame) => frames.push(seen(frame, framer.state())));
    return { frames, error, state: framer.state() };
}

/** Pushes all and ends; returns the error that the framer threw, if it is one of ours. */
export function frameInto(
    framer: Framer,
    bytes: Buffer,
    chunk: number | readonly number[],
    emit: (frame: Frame) => void,
): EltError | null {
    try {
        for (const piece of pieces(bytes, chunk)) {
            framer.push(piece, emit);
        }
        framer.end(emit);
        return null;
    } catch (error) {
        if (error instanceof EltError) {
            return error;
        }
        throw error;
    }
}

/** The pieces share one buffer that is overwritten, as a source's chunks may. */
function* pieces(bytes: Buffer, chunk: number | readonly number[]): Generator<Buffer> {
    const cuts = typeof chunk === 'number' ? [] : [...chunk].sort((left, right) => left - right);
    const shared = Buffer.alloc(bytes.length);
    let at = 0;
    while (at < bytes.length) {
        const end = typeof chunk === 'number' ? at + chunk : (cuts.find((cut) => cut > at) ?? bytes.length);
        const piece = bytes.subarray(at, Math.min(end, bytes.length));
        shared.fill(0x7b);
        piece.copy(shared);
        yield shared.subarray(0, piece.length);
        at += piece.length;
    }
}

function seen(frame: Frame, state: FramerState): SeenFrame {
    const base = {
        kind: frame.kind,
        offset: 0,
        length: 0,
        record: 0,
        change: null,
        reason: null,
        torn: false,
        fast: false,
        text: '',
        state,
    };
    if (frame.kind === 'batch') {
        return { ...base, offset: frame.offset, record: frame.batch };
    }
    if (frame.kind === 'bad') {
        const { offset, length, reason, bytes } = frame.reject;
        const { record, change, torn } = frame;
        return { ...base, offset, length, reason, record, change, torn, text: bytes.toString() };
    }
    const { source, start, end, offset, record } = frame;
    const text = source.toString('utf8', start, end);
    const extra = frame.kind === 'change' ? { change: frame.change, fast: frame.skeleton !== null } : {};
    return { ...base, offset, length: end - start, record, text, ...extra };
}

/** A short word for each frame, for tables of cases: `change:{"kind":1}`, `bad not-json:…`. */
export function words(frames: readonly SeenFrame[]): string[] {
    return frames.map(({ kind, text, reason, torn, record }) => {
        if (kind === 'batch') {
            return `batch ${record}`;
        }
        return `${kind}${torn ? ' torn' : ''}${reason === null ? '' : ` ${reason}`}:${text}`;
    });
}
