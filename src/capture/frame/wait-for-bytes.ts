import { RejectCollector } from '../../core/rejected-bytes.ts';
import { brokenRecord } from './broken-regions.ts';
import type { Framing } from './framing.ts';

/** Waits for more bytes, holding those from `needed` unless they are too many. */
export function wait(framing: Framing, index: number, needed: number): number {
    const tooLong = index + framing.window.base - needed > framing.changeBytesMax;
    if (framing.collector === null && tooLong) {
        if (framing.open.tailAt !== -1) {
            return brokenRecord(framing, 'record-too-large', 'the members after "change" are too long', index);
        }
        if (framing.mode === 'change') {
            framing.open.stream();
            skipChange(framing);
        } else {
            framing.collector = new RejectCollector(needed);
        }
    }
    if (framing.collector !== null) {
        framing.release(index);
    } else if (framing.open.streamed !== null) {
        framing.release(needed - framing.window.base);
    }
    return framing.pause(index);
}

/** From now on the current change is only counted and hashed. */
export function skipChange(framing: Framing): void {
    const index = framing.changeAt - framing.window.base;
    if (index > framing.window.start) {
        framing.release(index);
    }
    framing.collector = new RejectCollector(framing.changeAt);
}
