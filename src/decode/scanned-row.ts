import { MINUS, NINE, POINT } from '../core/ascii.ts';
import { type ScannedValues, ValueKind } from '../core/scanned-values.ts';
import type { Shape, SqlValue, StreamChange } from '../core/stream-event.ts';
import { type TopicPlace, topicPlaceText } from '../core/topic-place.ts';
import { hasForm, surelyHasForm, type ValueForm } from '../core/value-forms.ts';
import { integerOf, realOf } from '../core/value-texts.ts';
import type { KnownShape } from './shapes.ts';
import type { ColumnRule } from './values.ts';

/** A whole number of at most this many digits fits in 64 bits. */
const INT64_DIGITS = 18;
/** A decimal without an exponent of at most this many bytes is within a double's range. */
const FINITE_BYTES = 300;

/** The place of a row's values: those of `shape.columns` begin at `newAt`, those of `shape.oldColumns` at `oldAt`. */
export type Sides = NonNullable<StreamChange['scanned']>;

type Place = Pick<StreamChange, 'lsn' | 'xid' | 'record' | 'change' | 'offset'>;

/** A row without any JavaScript values. Valid only while it is delivered. */
export class ScannedRow implements StreamChange {
    readonly kind = 'change';
    readonly shape: Shape;
    readonly scanned: Sides;
    topicPlace: TopicPlace | null = null;
    #lsn: string | null;
    readonly xid: string | null;
    record: number;
    readonly change: number;
    offset: number;

    constructor({ shape }: Pick<KnownShape, 'shape'>, scanned: Sides, { lsn, xid, record, change, offset }: Place) {
        this.shape = shape;
        this.scanned = scanned;
        this.#lsn = lsn;
        this.xid = xid;
        this.record = record;
        this.change = change;
        this.offset = offset;
    }

    get lsn(): string | null {
        return this.topicPlace === null ? this.#lsn : topicPlaceText(this.topicPlace);
    }

    /** The same row at another place: it is delivered there alone. */
    moveTo(lsn: string | null, topicPlace: TopicPlace | null, record: number): void {
        this.#lsn = lsn;
        this.topicPlace = topicPlace;
        this.record = record;
    }

    get values(): readonly SqlValue[] {
        return storedValues(this.scanned.values, this.scanned.newAt, this.shape.columns.length);
    }

    get old(): readonly SqlValue[] {
        return storedValues(this.scanned.values, this.scanned.oldAt, this.shape.oldColumns.length);
    }
}

/** So many values from index `from` on, as they are stored. */
export function storedValues(values: ScannedValues, from: number, count: number): SqlValue[] {
    return Array.from({ length: count }, (_, index) => values.stored(from + index));
}

/** The change at another place. A spread would lose the values of a scanned row, which it computes on access. */
export function placedAt(change: StreamChange, lsn: string | null, record: number): StreamChange {
    if (!(change instanceof ScannedRow)) {
        return { ...change, lsn, record };
    }
    change.moveTo(lsn, null, record);
    return change;
}

/** The change at the place of a message in a topic. */
export function placedInTopic(change: StreamChange, place: TopicPlace): StreamChange {
    if (!(change instanceof ScannedRow)) {
        return { ...change, lsn: topicPlaceText(place) };
    }
    change.moveTo(null, place, change.record);
    return change;
}

/**
 * Sets how the values from index `from` are stored, by the rules of their columns. False at the first one whose JSON
 * must be parsed; the kinds set by then are meaningless.
 */
export function markStored(values: ScannedValues, from: number, rules: readonly ColumnRule[]): boolean {
    const { kinds } = values;
    for (let index = 0; index < rules.length; index++) {
        const at = from + index;
        const kind = kinds[at] as ValueKind;
        if (kind === ValueKind.null) {
            continue;
        }
        const { rule, form } = rules[index] as ColumnRule;
        const stored = storedKind(values, at, kind, rule);
        if (stored === undefined || (form !== undefined && !isOfForm(values, at, form))) {
            return false;
        }
        kinds[at] = stored;
    }
    return true;
}

function isOfForm(values: ScannedValues, at: number, form: ValueForm): boolean {
    const { bytes, ends } = values;
    return surelyHasForm(bytes, values.start(at), ends[at] as number, form) || hasForm(values.text(at), form);
}

function storedKind(
    values: ScannedValues,
    at: number,
    kind: ValueKind,
    rule: ColumnRule['rule'],
): ValueKind | undefined {
    const isString = kind === ValueKind.string;
    const isNumber = kind === ValueKind.number;
    switch (rule) {
        case 'text':
        case 'numeric':
            return isString || isNumber ? ValueKind.text : undefined;
        case 'boolean':
            return isString || isNumber ? undefined : kind;
        case 'integer':
            return isInteger(values, at, kind) ? ValueKind.integer : undefined;
        case 'number':
            return isDecimal(values, at, kind) ? ValueKind.real : undefined;
        case 'any':
            if (isString) {
                return ValueKind.text;
            }
            return isNumber ? (isInteger(values, at, kind) ? ValueKind.integer : undefined) : kind;
    }
}

/** A whole number of 64 bits, or a text that spells one. */
function isInteger(values: ScannedValues, at: number, kind: ValueKind): boolean {
    const { bytes, ends } = values;
    const start = values.start(at);
    const end = ends[at] as number;
    if (end - start > INT64_DIGITS) {
        return false;
    }
    if (kind === ValueKind.string) {
        return integerOf(values.text(at)) !== undefined;
    }
    if (kind !== ValueKind.number) {
        return false;
    }
    for (let index = start; index < end; index++) {
        const byte = bytes[index] as number;
        // A JSON number is whole if it has only digits and a leading minus.
        if (byte > NINE || byte === POINT || (byte === MINUS && index > start)) {
            return false;
        }
    }
    return true;
}

/** A number that a double can hold, or a text that spells one. */
function isDecimal(values: ScannedValues, at: number, kind: ValueKind): boolean {
    if (kind === ValueKind.number) {
        const { bytes, ends } = values;
        const start = values.start(at);
        const end = ends[at] as number;
        let index = start;
        while (index < end && (bytes[index] as number) <= NINE) {
            index++;
        }
        return (index === end && end - start < FINITE_BYTES) || Number.isFinite(Number(values.text(at)));
    }
    return kind === ValueKind.string && realOf(values.text(at)) !== undefined;
}
