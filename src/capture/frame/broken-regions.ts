import { RejectCollector, rejectedBytes } from '../../core/rejected-bytes.ts';
import { notJson } from './framer-errors.ts';
import { type Broken, type Framing, MIB } from './framing.ts';
import { closingListAt, nextBeginning, trimmedEnd } from './resync.ts';

/**
 * What to do after something broken: find the place where framing can resume (src/capture/frame/resync.ts) and put
 * everything before it aside as one bad frame. A region of more than a MiB is hashed as it passes, and not held.
 */

/** Begins to search for the end of `broken` at `index`. */
export function searchFrom(framing: Framing, broken: Broken, index: number): number {
    // A change that was being skipped is broken: so is its record.
    if (framing.collector !== null && framing.open.streamed !== null) {
        framing.collector = null;
    }
    framing.broken = broken;
    framing.mode = 'search';
    return index;
}

/** The open record is broken; the search for its end begins at `index`. */
export function brokenRecord(framing: Framing, reason: string, detail: string, index: number): number {
    const from = index + framing.window.base;
    return searchFrom(framing, { at: framing.open.start, from, inList: false, loose: false, reason, detail }, index);
}

/** The earliest place where the broken open record can end. */
export function searchableFrom(framing: Framing): number {
    const { start, base } = framing.window;
    if (framing.collector !== null) {
        return start;
    }
    return framing.open.tailAt === -1 ? start + 1 : framing.open.tailAt - base;
}

/** Searches for the end of a broken region. */
export function search(framing: Framing, from: number): number {
    const { bytes, end, base } = framing.window;
    const broken = framing.broken as Broken;
    const found = nextBeginning(bytes, from, end, {
        lines: framing.onLines,
        loose: broken.loose,
        changesAfter: broken.inList ? broken.at - base : -1,
        ended: framing.ended,
    });
    const arrayEnd = broken.brackets?.unmatchedClose(bytes, from, found.at) ?? -1;
    if (arrayEnd !== -1) {
        return badRecord(framing, arrayEnd, false);
    }
    const atEnd = found.kind === 'more' && framing.ended;
    if (broken.inList && found.at + base - broken.at > MIB) {
        // Too long for one change: the record is torn.
        framing.broken = { ...broken, at: framing.open.start, inList: false };
        return found.at;
    }
    if (found.kind === 'more' && !atEnd) {
        return waitInSearch(framing, found.at);
    }
    if (broken.inList && found.kind === 'change') {
        return badChange(framing, found.at, found.at);
    }
    if (broken.inList) {
        const listEnd = closingListAt(bytes, broken.at - base, found.at, atEnd || found.kind === 'line');
        if (listEnd !== -1) {
            return badChange(framing, listEnd, listEnd);
        }
        framing.broken = { ...broken, at: framing.open.start, inList: false };
    }
    return badRecord(framing, found.at, atEnd);
}

function waitInSearch(framing: Framing, index: number): number {
    const { base } = framing.window;
    const broken = framing.broken as Broken;
    if (broken.inList && framing.open.streamed !== null) {
        framing.release(broken.at - base);
    }
    if (!broken.inList && index + base - broken.from > MIB) {
        if (broken.loose && !framing.sound) {
            throw notJson(framing, broken);
        }
        if (framing.open.streamed === null) {
            framing.collector ??= new RejectCollector(broken.at);
        }
        framing.release(index - 1);
    }
    return framing.pause(index);
}

/** The broken region was one change; the list continues at `next`. */
function badChange(framing: Framing, regionEnd: number, next: number): number {
    const { bytes, base } = framing.window;
    const { at, reason, detail } = framing.broken as Broken;
    const end = trimmedEnd(bytes, at - base, regionEnd);
    framing.open.addBadChange(rejectedBytes(bytes.subarray(at - base, end), at, reason, detail));
    framing.broken = null;
    framing.mode = 'list';
    return next;
}

/** The broken region was a record, or none at all. */
function badRecord(framing: Framing, index: number, atEnd: boolean): number {
    const { bytes, base } = framing.window;
    const { at, from, loose, reason, detail } = framing.broken as Broken;
    if (atEnd && loose && !framing.sound) {
        throw notJson(framing, framing.broken as Broken);
    }
    const torn = !loose && framing.open.streamed !== null;
    const end = index + base - from > MIB ? index : trimmedEnd(bytes, (torn ? from : at) - base, index);
    if (!torn) {
        framing.collector ??= new RejectCollector(at);
    }
    framing.release(end);
    if (torn) {
        framing.collector = framing.open.streamed;
    }
    framing.open.streamed = null;
    framing.broken = null;
    framing.mode = 'between';
    framing.records++;
    const reject = framing.takeCollector(reason, detail);
    framing.emit({ kind: 'bad', reject, torn, record: framing.records, change: null });
    return end;
}

/** At the end of the source: whether another record begins inside the unfinished one, which is then broken. */
export function searchInUnfinished(framing: Framing): boolean {
    const { bytes, start, end, base } = framing.window;
    const inChange = framing.mode === 'change' && framing.collector === null;
    const from = inChange ? framing.changeAt - base : searchableFrom(framing);
    if (framing.mode === 'list' || start === end) {
        return false;
    }
    const lines = framing.onLines;
    const found = nextBeginning(bytes, from, end, { lines, loose: false, changesAfter: -1, ended: true });
    if (found.kind === 'more') {
        return false;
    }
    const at = inChange ? framing.changeAt : framing.open.start;
    const detail = 'the record does not end before another line or record begins';
    const broken = { at, from: from + base, inList: inChange, loose: false, reason: 'record-inside-record', detail };
    framing.at = searchFrom(framing, broken, found.at) + base;
    return true;
}
