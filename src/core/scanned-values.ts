import { MINUS, POINT, ZERO } from './ascii.ts';
import { utf8Text } from './utf8-text.ts';

/**
 * The kind of a scanned value. `number` and `string` are kinds of the source's JSON; a decoder, which knows the column's
 * type, replaces them by the kinds to store: `integer` (of 64 bits), `real`, or `text`.
 */
export const ValueKind = { null: 0, false: 1, true: 2, number: 3, string: 4, integer: 5, real: 6, text: 7 } as const;
export type ValueKind = (typeof ValueKind)[keyof typeof ValueKind];

const FIRST_BYTES = 64 * 1024;
const FIRST_VALUES = 1_024;
/** A double holds any whole number of up to this many digits. */
const SAFE_DIGITS = 15;
const POWERS_OF_TEN = Array.from({ length: SAFE_DIGITS + 1 }, (_, power) => 10 ** power);

/**
 * Scalars of a JSON text as kinds and bytes, without a JavaScript value for each. A string's bytes are its UTF-8 without
 * quotes and escapes, a number's are its JSON text; other values have none.
 *
 * The bytes of value `i` are `bytes[start(i), ends[i])`, in order. Valid only while the frame that names them is being
 * delivered: the memory is reused for the next record.
 */
export class ScannedValues {
    bytes: Buffer;
    kinds: Uint8Array;
    ends: Int32Array;
    count = 0;

    /** Takes caller-supplied memory; replaced when it grows too small. */
    constructor(
        bytes: Buffer = Buffer.allocUnsafeSlow(FIRST_BYTES),
        kinds: Uint8Array = new Uint8Array(FIRST_VALUES),
        ends: Int32Array = new Int32Array(FIRST_VALUES),
    ) {
        this.bytes = bytes;
        this.kinds = kinds;
        this.ends = ends;
    }

    /** Bytes in use. */
    get length(): number {
        return this.count === 0 ? 0 : (this.ends[this.count - 1] as number);
    }

    /** Forgets all values but the first `count`. */
    truncate(count: number): void {
        this.count = count;
    }

    /** Makes room for that many bytes after those in use. */
    reserve(more: number): void {
        const needed = this.length + more;
        if (needed > this.bytes.length) {
            const larger = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.bytes.length));
            larger.set(this.bytes.subarray(0, this.length));
            this.bytes = larger;
        }
    }

    /** Adds a value whose bytes have been written and end at `end`. */
    add(kind: ValueKind, end: number): void {
        if (this.count === this.kinds.length) {
            this.kinds = enlarged(this.kinds, new Uint8Array(2 * this.count));
            this.ends = enlarged(this.ends, new Int32Array(2 * this.count));
        }
        this.kinds[this.count] = kind;
        this.ends[this.count] = end;
        this.count++;
    }

    /** Adds the values `[from, to)` of `others`; returns by how much their indexes differ here. */
    copyFrom(others: ScannedValues, from: number, to: number): number {
        const shift = this.count - from;
        if (from === to) {
            return shift;
        }
        const bytes = others.bytes.subarray(others.start(from), others.ends[to - 1]);
        this.reserve(bytes.length);
        const moved = this.length - others.start(from);
        this.bytes.set(bytes, this.length);
        for (let index = from; index < to; index++) {
            this.add(others.kinds[index] as ValueKind, (others.ends[index] as number) + moved);
        }
        return shift;
    }

    start(index: number): number {
        return index === 0 ? 0 : (this.ends[index - 1] as number);
    }

    /** The bytes of a value as text. */
    text(index: number): string {
        return utf8Text(this.bytes, this.start(index), this.ends[index] as number);
    }

    /** The value of an `integer`: a bigint where a number may not hold it. */
    integer(index: number): number | bigint {
        const { bytes } = this;
        const start = this.start(index);
        const end = this.ends[index] as number;
        const isNegative = bytes[start] === MINUS;
        const from = isNegative ? start + 1 : start;
        if (end - from > SAFE_DIGITS) {
            const value = BigInt(utf8Text(bytes, start, end));
            return Number.isSafeInteger(Number(value)) ? Number(value) : value;
        }
        let value = 0;
        for (let at = from; at < end; at++) {
            value = value * 10 + (bytes[at] as number) - ZERO;
        }
        return isNegative ? -value : value;
    }

    /** The value as `JSON.parse` returns it. */
    json(index: number): null | boolean | number | string {
        switch (this.kinds[index]) {
            case ValueKind.null:
                return null;
            case ValueKind.false:
                return false;
            case ValueKind.true:
                return true;
            case ValueKind.number:
                return Number(this.text(index));
            default:
                return this.text(index);
        }
    }

    /** The value to store, by the kind that the decoder has set. */
    stored(index: number): null | number | bigint | string {
        switch (this.kinds[index]) {
            case ValueKind.null:
                return null;
            case ValueKind.false:
                return 0;
            case ValueKind.true:
                return 1;
            case ValueKind.integer:
                return this.integer(index);
            case ValueKind.real:
                return this.real(index);
            default:
                return this.text(index);
        }
    }

    /**
     * The double of a decimal number. Up to 15 digits as a whole number, and the power of ten that they are to be divided
     * by, are doubles themselves, so their quotient is the nearest double: what `Number` finds by way of a text.
     */
    real(index: number): number {
        const { bytes } = this;
        const start = this.start(index);
        const end = this.ends[index] as number;
        const isNegative = bytes[start] === MINUS;
        const from = isNegative ? start + 1 : start;
        if (end - from > SAFE_DIGITS) {
            return Number(this.text(index));
        }
        let digits = 0;
        let pointAt = end - 1;
        for (let at = from; at < end; at++) {
            const digit = (bytes[at] as number) - ZERO;
            if (digit >= 0 && digit <= 9) {
                digits = digits * 10 + digit;
            } else if (bytes[at] === POINT && pointAt === end - 1) {
                pointAt = at;
            } else {
                return Number(this.text(index));
            }
        }
        const value = digits / (POWERS_OF_TEN[end - 1 - pointAt] as number);
        return isNegative ? -value : value;
    }

    /** Whether two values are equal byte for byte. */
    same(one: number, other: number): boolean {
        const { bytes, kinds, ends } = this;
        const start = this.start(other);
        const end = ends[other] as number;
        return (
            kinds[one] === kinds[other] &&
            (ends[one] as number) - this.start(one) === end - start &&
            bytes.compare(bytes, start, end, this.start(one), ends[one]) === 0
        );
    }
}

function enlarged<T extends Uint8Array | Int32Array>(from: T, to: T): T {
    to.set(from);
    return to;
}
