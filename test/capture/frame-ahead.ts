import type { Framer } from '../../src/capture/frame/framer.ts';
import { AheadScanner } from '../../src/capture/skeleton/ahead-scanner.ts';
import { aheadMemory, ScannedAhead, valuesIn } from '../../src/capture/skeleton/scanned-ahead.ts';
import { EltError } from '../../src/core/errors.ts';
import type { Frame } from '../../src/core/frame.ts';

/** How the bytes come: in chunks of so many, of which so many are scanned before the first of them is framed. */
export interface Ahead {
    readonly chunkBytes: number;
    readonly depth: number;
    /** A chunk is shown in two pieces, the first of which is this share of it. */
    readonly shown?: number;
}

/** Frames as where a thread scans ahead, but in one thread: chunks lie in memory that is used again and again. */
export function frameAhead(
    framer: Framer,
    bytes: Buffer,
    { chunkBytes, depth, shown = 1 }: Ahead,
    emit: (frame: Frame, ahead: ScannedAhead) => void,
): EltError | null {
    const slots = Array.from({ length: depth }, () => {
        const memory = aheadMemory(chunkBytes);
        return { memory, values: valuesIn(memory), chunk: Buffer.from(new SharedArrayBuffer(chunkBytes)), length: 0 };
    });
    const scanner = new AheadScanner();
    const ahead = new ScannedAhead(
        slots.map(({ memory }) => memory),
        (skeleton) => scanner.learn(skeleton),
    );
    let read = 0;
    const readInto = (slot: (typeof slots)[number]): void => {
        slot.chunk.fill(0x7b);
        slot.length = bytes.copy(slot.chunk, 0, read, read + chunkBytes);
        scanner.scan(slot.chunk, slot.length, slot.memory, slot.values);
        read += slot.length;
    };
    for (const slot of slots) {
        readInto(slot);
    }
    try {
        for (let number = 0; ; number = (number + 1) % depth) {
            const slot = slots[number] as (typeof slots)[number];
            if (slot.length === 0) {
                break;
            }
            const cut = Math.floor(slot.length * shown);
            for (const [from, to] of [
                [0, cut],
                [cut, slot.length],
            ]) {
                const piece = slot.chunk.subarray(from, to);
                ahead.begin(piece, number);
                framer.push(piece, (frame) => emit(frame, ahead), ahead);
            }
            readInto(slot);
        }
        framer.end((frame) => emit(frame, ahead));
        return null;
    } catch (error) {
        if (error instanceof EltError) {
            return error;
        }
        throw error;
    }
}
