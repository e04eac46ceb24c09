import { utf8Text } from './utf8-text.ts';

/**
 * What a scanned value is. `number` and `string` are what the source's JSON says; a decoder that knows the column's
 * type puts in their place what is to be stored: `integer` (of 64 bits), `real`, or `text`.
 */
export const ValueKind = { null: 0, false: 1, true: 2, number: 3, string: 4, integer: 5, real: 6, text: 7 } as const;
export type ValueKind = (typeof ValueKind)[keyof typeof ValueKind];

const FIRST_BYTES = 64 * 1024;
const FIRST_VALUES = 1_024;
/** Digits of a whole number that a double surely holds. */
const SAFE_DIGITS = 15;
const ZERO = 0x30;
const MINUS = 0x2d;

/**
 * Scalars out of a JSON text, without a JavaScript value made for each: a kind, and bytes. Those of a string are its
 * UTF-8 without quotes and escapes, those of a number its JSON text; the others have none.
 *
 * The bytes of value `i` are `bytes[start(i), ends[i])`, one value's behind the other's. Good only while the frame that
 * names them is being delivered: all is used again for the next record.
 */
export class ScannedValues {
    bytes: Buffer;
    kinds: Uint8Array;
    ends: Int32Array;
    count = 0;

    /** With memory of one's own, which is used as long as it is large enough. */
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

    /** Makes room for so many bytes behind those in use. */
    reserve(more: number): void {
        const needed = this.length + more;
        if (needed > this.bytes.length) {
            const larger = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.bytes.length));
            larger.set(this.bytes.subarray(0, this.length));
            this.bytes = larger;
        }
    }

    /** Adds a value whose bytes, written before, end at `end`. */
    add(kind: ValueKind, end: number): void {
        if (this.count === this.kinds.length) {
            this.kinds = enlarged(this.kinds, new Uint8Array(2 * this.count));
            this.ends = enlarged(this.ends, new Int32Array(2 * this.count));
        }
        this.kinds[this.count] = kind;
        this.ends[this.count] = end;
        this.count++;
    }

    /** Adds the values `[from, to)` of others; gives by how much their indexes differ here. */
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

    /** The value of an `integer`: a bigint only where a number might not hold it. */
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

    /** The value as `JSON.parse` gives it. */
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

    /** The value that is stored, by what the decoder has said. */
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
                return Number(this.text(index));
            default:
                return this.text(index);
        }
    }

    /** Whether two values are the same to the byte. */
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
