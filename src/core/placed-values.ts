import { ScannedValues, ValueKind } from './scanned-values.ts';

/** Values that lie anywhere in bytes that are somebody else's: their starts are kept, and nothing is copied. */
export class PlacedValues extends ScannedValues {
    #starts: Int32Array;

    /** Takes values that are there already, if any are given. */
    constructor(
        bytes: Buffer = Buffer.alloc(0),
        kinds: Uint8Array = new Uint8Array(64),
        starts: Int32Array = new Int32Array(64),
        ends: Int32Array = new Int32Array(64),
    ) {
        super(bytes, kinds, ends);
        this.#starts = starts;
    }

    /** Values are added from here on, out of `bytes`. */
    begin(bytes: Buffer): void {
        this.bytes = bytes;
        this.count = 0;
    }

    place(kind: ValueKind, start: number, end: number): void {
        if (this.count === this.#starts.length) {
            const larger = new Int32Array(2 * this.count);
            larger.set(this.#starts);
            this.#starts = larger;
        }
        this.#starts[this.count] = start;
        this.add(kind, end);
    }

    /** `count` values out of `bytes`, all of them null until `put` sets them. */
    beginNulls(bytes: Buffer, count: number): void {
        this.begin(bytes);
        for (let index = 0; index < count; index++) {
            this.place(ValueKind.null, 0, 0);
        }
    }

    /** Sets value `index`, in any order. */
    put(index: number, kind: ValueKind, start: number, end: number): void {
        this.kinds[index] = kind;
        this.#starts[index] = start;
        this.ends[index] = end;
    }

    override start(index: number): number {
        return this.#starts[index] as number;
    }
}
