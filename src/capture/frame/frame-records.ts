import { CLOSE_ARRAY, COMMA, isSpace, LINE_FEED, OPEN_ARRAY, OPEN_OBJECT } from '../../core/ascii.ts';
import { literalEnd } from '../../core/json-bytes.ts';
import { RejectCollector } from '../../core/rejected-bytes.ts';
import { brokenRecord, searchableFrom, searchFrom } from './broken-regions.ts';
import type { Framing } from './framing.ts';
import { OpenBrackets } from './open-brackets.ts';
import { wait } from './wait-for-bytes.ts';

/** A longer beginning of a record is not remembered. */
const OPENING_BYTES_MAX = 64;
/** Skipped at the very beginning of a source; offsets include it. */
const BYTE_ORDER_MARK = Buffer.from('\ufeff');

/** Between records: white space, commas, and the brackets of the arrays around them. */
export function between(framing: Framing, from: number): number {
    const { bytes, end } = framing.window;
    let index = from;
    for (; index < end; index++) {
        const byte = bytes[index] as number;
        if (byte === COMMA || isSpace(byte)) {
            continue;
        }
        if (byte === OPEN_OBJECT) {
            return beginRecord(framing, index);
        }
        if (byte === OPEN_ARRAY && framing.depth < 2) {
            framing.depth++;
        } else if (byte === CLOSE_ARRAY && framing.depth > 0) {
            closeArray(framing, index);
        } else {
            const isMark = index + framing.window.base === 0 ? isByteOrderMark(framing, index) : false;
            if (isMark === 'undecided') {
                break;
            }
            if (!isMark) {
                return notARecord(framing, index, byte);
            }
            index += BYTE_ORDER_MARK.length - 1;
        }
    }
    framing.window.start = index;
    return framing.pause(index);
}

function isByteOrderMark({ window, ended }: Framing, index: number): boolean | 'undecided' {
    const first = window.bytes.subarray(index, Math.min(index + BYTE_ORDER_MARK.length, window.end));
    if (!first.equals(BYTE_ORDER_MARK.subarray(0, first.length))) {
        return false;
    }
    return first.length === BYTE_ORDER_MARK.length || (ended ? false : 'undecided');
}

function closeArray(framing: Framing, index: number): void {
    framing.depth--;
    if (framing.depth === 0) {
        return;
    }
    framing.batches++;
    framing.emit({ kind: 'batch', offset: index + 1 + framing.window.base, batch: framing.batches });
}

function notARecord(framing: Framing, index: number, byte: number): number {
    framing.window.start = index;
    const at = index + framing.window.base;
    const [reason, detail] =
        byte === OPEN_ARRAY
            ? ['array-too-deep', 'records may be in an array or in an array of arrays, not deeper']
            : byte === CLOSE_ARRAY
              ? ['array-not-open', 'a "]" closes an array that was not opened']
              : ['not-a-record', 'this is not a JSON object'];
    const broken = { at, from: at, inList: false, loose: true, reason, detail };
    // An array without any record is another kind of file, and is refused at its end.
    if (framing.depth === 0 || (framing.depth === 1 && !framing.sound)) {
        return searchFrom(framing, broken, index + 1);
    }
    const brackets = new OpenBrackets();
    brackets.unmatchedClose(framing.window.bytes, index, index + 1);
    return searchFrom(framing, { ...broken, brackets }, index + 1);
}

function beginRecord(framing: Framing, index: number): number {
    framing.window.start = index;
    const { open } = framing;
    const { bytes, end, base } = framing.window;
    open.begin(framing.records + 1, index + base);
    framing.sound = true;
    const { opening } = framing;
    const opened = opening === null ? -1 : literalEnd(opening.bytes, bytes, index, end);
    if (opening !== null && opened !== -1) {
        open.openList(index + opening.keyIndex + base, opened + base);
        framing.mode = 'list';
        return opened;
    }
    const { recordMatcher } = framing;
    const recordEnd = recordMatcher?.match(bytes, index, end) ?? -1;
    if (recordEnd !== -1) {
        open.repeats = recordMatcher;
        return finishRecord(framing, recordEnd);
    }
    framing.scanner.beginRecord();
    framing.mode = 'record';
    return index;
}

/** In a record, outside its list of changes. */
export function inRecord(framing: Framing, from: number): number {
    const { bytes, end, base } = framing.window;
    const open = framing.open;
    const wantsList = framing.lists && open.listAt === -1 && framing.collector === null;
    const index = framing.scanner.scan(bytes, from, end, base, 0, wantsList);
    switch (framing.scanner.stop) {
        case 'more':
            return wait(framing, index, open.tailAt === -1 ? open.start : open.tailAt);
        case 'closed':
            return finishRecord(framing, index);
        case 'list':
            open.openList(framing.scanner.changeKeyAt, index + base);
            learnOpening(framing, index);
            framing.mode = 'list';
            return index;
        case 'broken':
            return brokenRecord(framing, framing.scanner.reason, framing.scanner.detail, searchableFrom(framing));
    }
}

function learnOpening(framing: Framing, index: number): void {
    const { bytes, base } = framing.window;
    const start = framing.open.start - base;
    if (framing.opening === null && index - start <= OPENING_BYTES_MAX) {
        const keyIndex = framing.scanner.changeKeyAt - framing.open.start;
        framing.opening = { bytes: Buffer.from(bytes.subarray(start, index)), keyIndex };
    }
}

/** The record ends before `index`. */
export function finishRecord(framing: Framing, index: number): number {
    const end = index + framing.window.base;
    const open = framing.open;
    if (framing.lines && framing.depth === 0 && !isOneLine(framing, index)) {
        framing.lines = false;
    }
    framing.records = open.record;
    framing.mode = 'between';
    if (open.listAt === -1 && (framing.collector !== null || end - open.start > framing.changeBytesMax)) {
        framing.collector ??= new RejectCollector(open.start);
        framing.release(index);
        const reject = framing.takeCollector('record-too-large', `a record of ${end - open.start} bytes is too large`);
        framing.emit({ kind: 'bad', reject, torn: false, record: open.record, change: null });
        return index;
    }
    if (open.listAt === -1 && open.repeats === null) {
        framing.recordMatcher?.learn(framing.window.bytes, open.start - framing.window.base, index);
    }
    open.finish(end);
    open.streamed = null;
    framing.window.start = index;
    return index;
}

/** Whether the record before `index` is on one line. */
function isOneLine(framing: Framing, index: number): boolean {
    if (framing.open.repeats !== null) {
        return true;
    }
    if (framing.open.streamed !== null || framing.collector !== null) {
        return false;
    }
    const { bytes, start, end, base } = framing.window;
    const from = Math.max(start, framing.lineFeedAt - base);
    if (from < index) {
        const found = bytes.indexOf(LINE_FEED, from);
        framing.lineFeedAt = base + (found === -1 ? end : Math.min(found, end));
    }
    return framing.lineFeedAt - base >= index;
}
