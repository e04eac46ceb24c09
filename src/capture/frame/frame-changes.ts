import { CLOSE_ARRAY, CLOSE_OBJECT, COMMA, isSpace, OPEN_OBJECT } from '../../core/ascii.ts';
import { NO_REPETITION } from '../../core/frame.ts';
import { brokenRecord, searchFrom } from './broken-regions.ts';
import { finishRecord } from './frame-records.ts';
import type { Framing } from './framing.ts';
import { skipChange, wait } from './wait-for-bytes.ts';

/** In the list of changes, between two of them. */
export function inList(framing: Framing, from: number): number {
    const { bytes, end, base } = framing.window;
    const open = framing.open;
    for (let index = from; index < end; index++) {
        const byte = bytes[index] as number;
        // wal2json writes `[,{` before a message outside of a transaction: nothing is missing there.
        if (byte === COMMA || isSpace(byte)) {
            continue;
        }
        if (byte === OPEN_OBJECT) {
            const matched = matchChange(framing, index);
            if (matched === -1) {
                return beginChange(framing, index);
            }
            index = matched - 1;
            continue;
        }
        if (byte === CLOSE_ARRAY) {
            return closeList(framing, index);
        }
        const at = index + base;
        const detail = `${JSON.stringify(String.fromCharCode(byte))} found where a change or "]" was expected`;
        return searchFrom(framing, { at, from: at, inList: true, loose: false, reason: 'not-json', detail }, index + 1);
    }
    if (open.streamed !== null) {
        framing.release(end);
    }
    return framing.pause(end);
}

function closeList(framing: Framing, index: number): number {
    framing.open.tailAt = index + 1 + framing.window.base;
    // Nearly always the record ends here.
    if (index + 1 < framing.window.end && framing.window.bytes[index + 1] === CLOSE_OBJECT) {
        return finishRecord(framing, index + 2);
    }
    framing.scanner.closeList();
    framing.mode = 'record';
    return index + 1;
}

/** The end of the change that begins at `index`, if it repeats a known skeleton; else -1. */
function matchChange(framing: Framing, index: number): number {
    const matcher = framing.changeMatcher;
    if (matcher === null) {
        return -1;
    }
    const { bytes, end, base } = framing.window;
    const matched = matcher.match(bytes, index, end);
    if (matched !== -1) {
        framing.open.addChange(index + base, matched + base, matcher);
    }
    return matched;
}

function beginChange(framing: Framing, index: number): number {
    framing.changeAt = index + framing.window.base;
    framing.scanner.beginChange();
    framing.mode = 'change';
    return index;
}

/** In a change without a known skeleton. */
export function inChange(framing: Framing, from: number): number {
    const { bytes, end, base } = framing.window;
    const index = framing.scanner.scan(bytes, from, end, base, 2, false);
    switch (framing.scanner.stop) {
        case 'more':
            return wait(framing, index, framing.changeAt);
        case 'broken': {
            const { reason, detail } = framing.scanner;
            if (framing.collector !== null) {
                return brokenRecord(framing, reason, detail, framing.window.start);
            }
            const at = framing.changeAt;
            return searchFrom(framing, { at, from: at, inList: true, loose: false, reason, detail }, at - base);
        }
        default:
            return finishChange(framing, index);
    }
}

function finishChange(framing: Framing, index: number): number {
    const { bytes, base } = framing.window;
    const length = index + base - framing.changeAt;
    framing.mode = 'list';
    if (framing.collector === null && length <= framing.changeBytesMax) {
        framing.changeMatcher?.learn(bytes, framing.changeAt - base, index);
        framing.open.addChange(framing.changeAt, index + base, NO_REPETITION);
        return index;
    }
    framing.open.stream();
    if (framing.collector === null) {
        skipChange(framing);
    }
    framing.release(index);
    framing.open.addBadChange(framing.takeCollector('change-too-large', `a change of ${length} bytes is too large`));
    return index;
}
