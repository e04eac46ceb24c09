import type { Skeleton } from '../../core/frame.ts';
import { arrayElements, type Member, memberNamed, objectMembers, type Span, skipSpace } from '../../core/json-spans.ts';
import type { ScannedValues } from '../../core/scanned-values.ts';
import { scanValue } from './scan-value.ts';
import type { ScannedAhead } from './scanned-ahead.ts';

const SKELETONS_MAX = 128;
const RECORD_BYTES_MAX = 32 * 1024;
const LITERAL_NEAR_BYTES = 80;
const MEMBERS = ['xid', 'lsn', 'nextlsn', 'timestamp'];
const SIDES = ['columns', 'identity'];

interface LearnedRecord {
    readonly skeleton: Skeleton;
    /** The bytes around the gaps: one more than there are gaps. */
    readonly literals: readonly Buffer[];
}

interface Gap extends Span {
    readonly name: string;
}

/**
 * Recognises records of format 2 that repeat the bytes of an earlier one except for their values, and scans only those.
 * In doubt there is no match, and the scanner goes byte by byte.
 */
export class RecordSkeletons {
    /** The skeleton of the last match, and the values that hold its own from index `first`. */
    skeleton: Skeleton | null = null;
    values: ScannedValues;
    first = 0;
    /** What the reading thread has already matched. */
    ahead: ScannedAhead | null = null;
    readonly #learned: LearnedRecord[] = [];
    readonly #values: ScannedValues;
    #attempts = 0;
    #matches = 0;

    /** `values` receives the contents of the gaps, one value per gap. */
    constructor(values: ScannedValues) {
        this.#values = values;
        this.values = values;
    }

    /** The end of the record that begins at `at`, or -1. */
    match(bytes: Buffer, at: number, end: number): number {
        const found = bytes === this.ahead?.chunk ? this.#takeAhead(this.ahead, at, end) : -1;
        return found === -1 ? this.#matchHere(bytes, at, end) : found;
    }

    #takeAhead(ahead: ScannedAhead, at: number, end: number): number {
        const match = ahead.find('record', at, end);
        if (match === -1) {
            return -1;
        }
        this.skeleton = ahead.skeletonOf(match);
        this.values = ahead.values;
        this.first = ahead.boundOf(match, 0);
        return ahead.endOf(match);
    }

    #matchHere(bytes: Buffer, at: number, end: number): number {
        const learned = this.#learned;
        for (let index = 0; index < learned.length; index++) {
            const candidate = learned[index] as LearnedRecord;
            this.#values.truncate(0);
            const recordEnd = scanRecord(candidate.literals, this.#values, bytes, at, end, []);
            if (recordEnd < 0) {
                continue;
            }
            if (index > 0) {
                // Frequent skeletons move to the front, one place at a time.
                learned[index] = learned[index - 1] as LearnedRecord;
                learned[index - 1] = candidate;
            }
            this.skeleton = candidate.skeleton;
            this.values = this.#values;
            this.first = 0;
            this.#matches++;
            return recordEnd;
        }
        return -1;
    }

    /** Learns the skeleton of the complete record `bytes[at, end)`. */
    learn(bytes: Buffer, at: number, end: number): void {
        if (end - at > RECORD_BYTES_MAX || this.#attempts > 4 * SKELETONS_MAX + this.#matches / 16) {
            return;
        }
        this.#attempts++;
        const learned = learnRecord(bytes, at, end);
        if (learned === null || this.#learned.some((one) => one.skeleton.text === learned.skeleton.text)) {
            return;
        }
        if (this.#learned.length === SKELETONS_MAX) {
            this.#learned.pop();
        }
        this.#learned.unshift(learned);
        this.ahead?.learn('record', learned.skeleton, learned.literals);
    }
}

/**
 * Compares the literals with the record that begins at `at`, scans the values between them, and pushes the index of
 * the first one. Returns the index after the record. If it does not repeat the skeleton, `values` is unchanged and the
 * result is the complement `~index` of the place where the comparison stopped.
 */
export function scanRecord(
    literals: readonly Buffer[],
    values: ScannedValues,
    bytes: Buffer,
    at: number,
    end: number,
    first: number[],
): number {
    const before = values.count;
    let index = matchLiteral(literals[0] as Buffer, bytes, at, end);
    if (index === -1) {
        return ~at;
    }
    values.reserve(end - at);
    for (let gap = 1; gap < literals.length; gap++) {
        const valueEnd = index < end ? scanValue(values, bytes, index, end) : -1;
        const next = valueEnd === -1 ? -1 : matchLiteral(literals[gap] as Buffer, bytes, valueEnd, end);
        if (next === -1) {
            values.truncate(before);
            return ~(valueEnd === -1 ? end : valueEnd);
        }
        index = next;
    }
    first.push(before);
    return index;
}

/** The index after `literal`, if it stands at `at`; else -1. */
function matchLiteral(literal: Buffer, bytes: Buffer, at: number, end: number): number {
    const { length } = literal;
    if (at + length > end) {
        return -1;
    }
    // Byte by byte at first: a call of `compare` costs as much as 60 such steps.
    const near = Math.min(length, LITERAL_NEAR_BYTES);
    for (let index = 0; index < near; index++) {
        if (bytes[at + index] !== literal[index]) {
            return -1;
        }
    }
    if (near === length || bytes.compare(literal, near, length, at + near, at + length) === 0) {
        return at + length;
    }
    return -1;
}

function learnRecord(bytes: Buffer, at: number, end: number): LearnedRecord | null {
    // One character a byte, so that spans of the text are spans of the bytes.
    const text = bytes.toString('latin1', at, end);
    try {
        JSON.parse(text);
    } catch {
        return null;
    }
    // Only records on one line are learned: their repetitions need no search for line feeds.
    const gaps = text.includes('\n') ? null : gapsOf(text);
    if (gaps === null) {
        return null;
    }
    const literals: Buffer[] = [];
    let from = 0;
    for (const gap of gaps) {
        literals.push(Buffer.from(text.slice(from, gap.start), 'latin1'));
        from = gap.end;
    }
    literals.push(Buffer.from(text.slice(from), 'latin1'));
    const pieces = literals.map((literal) => literal.toString('utf8'));
    return { skeleton: { text: pieces.join('null'), gaps: gaps.map((gap) => gap.name) }, literals };
}

/** The values of a row change, or of a transaction's begin or end; null if the record is not one of wal2json's. */
function gapsOf(text: string): Gap[] | null {
    const members = uniqueMembers(text, skipSpace(text, 0));
    const action = members === null ? undefined : memberNamed(members, 'action');
    if (members === null || action === undefined || !/^"[BCIUDT]"$/.test(text.slice(action.start, action.end))) {
        return null;
    }
    const gaps: Gap[] = [];
    for (const member of members) {
        if (MEMBERS.includes(member.name)) {
            if (!isScalar(text, member)) {
                return null;
            }
            gaps.push(member);
        } else if (SIDES.includes(member.name)) {
            const side = valuesOf(text, member);
            if (side === null) {
                return null;
            }
            gaps.push(...side);
        }
    }
    return gaps;
}

function valuesOf(text: string, side: Member): Gap[] | null {
    if (text[side.start] !== '[') {
        return null;
    }
    const gaps: Gap[] = [];
    for (const element of arrayElements(text, side.start)) {
        const members = text[element.start] === '{' ? uniqueMembers(text, element.start) : null;
        const value = members === null ? undefined : memberNamed(members, 'value');
        if (value === undefined || !isScalar(text, value)) {
            return null;
        }
        gaps.push({ name: side.name, start: value.start, end: value.end });
    }
    return gaps;
}

function uniqueMembers(text: string, at: number): Member[] | null {
    const members = objectMembers(text, at);
    return new Set(members.map((member) => member.name)).size === members.length ? members : null;
}

function isScalar(text: string, { start }: Span): boolean {
    return text[start] !== '{' && text[start] !== '[';
}
