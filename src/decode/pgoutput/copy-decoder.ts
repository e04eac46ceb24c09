import { PlacedValues } from '../../core/placed-values.ts';
import { ValueKind } from '../../core/scanned-values.ts';
import type { EmitEvent } from '../../core/stream-event.ts';
import { type DeclaredType, type KnownShape, Shapes } from '../shapes.ts';
import type { ColumnRule } from '../values.ts';
import { PlacedRow } from './placed-row.ts';
import { plainForm, Relation, type RelationColumns } from './relation.ts';
import { spelledOut } from './spelled-out.ts';
import { kindOfText } from './text-kind.ts';
import { UnknownMessage } from './unknown-message.ts';

const [TAB, LINE_FEED, BACKSLASH, UPPER_N, LOWER_X] = [0x09, 0x0a, 0x5c, 0x4e, 0x78];
/** A place that no value ends at: the row holds what must be unescaped. */
const IS_ESCAPED = -1;
const FIRST_SCRATCH_BYTES = 4_096;
const UNESCAPED: Readonly<Record<number, number>> = { 98: 8, 102: 12, 110: 10, 114: 13, 116: 9, 118: 11 };

/**
 * Decodes rows in the text format of COPY: inserts of one relation, all at one place of the log. Their values are the
 * same bytes that a stream of the server gives.
 * Source: https://www.postgresql.org/docs/current/sql-copy.html#SQL-COPY-FILE-FORMATS
 */
export class CopyDecoder {
    rows = 0;
    /** The row under way: `[rowStart, rowEnd)` of the bytes given. */
    rowStart = 0;
    rowEnd = 0;
    readonly #relation: Relation;
    readonly #rules: readonly ColumnRule[];
    readonly #isSpelled: boolean;
    readonly #lsn: string;
    readonly #values = new PlacedValues();
    readonly #placed = new PlacedRow(this.#values);
    readonly #plain: KnownShape;
    /** Of the current row: columns of numbers that hold a text. */
    readonly #texts: number[] = [];
    #offset = 0;
    /** A row whose values are unescaped: those of other rows stay where they are. */
    #scratch = Buffer.allocUnsafeSlow(FIRST_SCRATCH_BYTES);

    /** `lsn`: where the snapshot stands. */
    constructor(columns: RelationColumns, lsn: string, declared: DeclaredType) {
        this.#relation = new Relation(columns, new Shapes(declared));
        this.#rules = this.#relation.rules;
        this.#plain = this.#relation.shape(plainForm('insert', 'none'));
        this.#isSpelled = this.#rules.some(({ rule, type }) => rule === 'text' && type === 'boolean');
        this.#lsn = lsn;
        this.#placed.change = 1;
        this.#placed.placeAt(lsn);
    }

    /** A truncate: what was staged of the relation before is no part of what comes. */
    empty(emit: EmitEvent): void {
        const { shape } = this.#relation.truncate();
        const place = { lsn: this.#lsn, xid: null, record: 0, change: 0, offset: 0 };
        emit({ kind: 'change', shape, values: [], old: [], scanned: null, ...place });
    }

    /** Whole rows, each ended by a line feed. @throws UnknownMessage they are not. */
    decode(bytes: Buffer, emit: EmitEvent): void {
        if (bytes.length > 0 && bytes[bytes.length - 1] !== LINE_FEED) {
            throw new UnknownMessage(`row ${this.rows + 1} of a copy without its end`);
        }
        for (let at = 0; at < bytes.length; ) {
            at = this.#row(bytes, at, emit);
        }
        emit({ kind: 'recordEnd', record: this.rows, offset: this.#offset, inTransaction: false });
    }

    #row(bytes: Buffer, from: number, emit: EmitEvent): number {
        const placed = this.#placeRow(bytes, from, null);
        const at = placed === IS_ESCAPED ? this.#placeUnescaped(bytes, from) : placed;
        this.rows++;
        this.rowStart = from;
        this.rowEnd = at;
        this.#offset += at - from;
        const known = this.#texts.length === 0 ? this.#plain : this.#withTexts();
        const row = this.#placed;
        row.shape = known.shape;
        row.record = this.rows;
        row.offset = this.#offset;
        emit(this.#isSpelled ? spelledOut(row, known) : row);
        return at;
    }

    #withTexts(): KnownShape {
        return this.#relation.shape({ ...plainForm('insert', 'none'), texts: this.#texts.splice(0) });
    }

    /** Places the values of a row; gives the index after it. `ownEnd`: the bytes may be written over, up to there. */
    #placeRow(bytes: Buffer, from: number, ownEnd: number | null): number {
        const rules = this.#rules;
        this.#values.begin(bytes);
        this.#texts.length = 0;
        if (rules.length === 0) {
            // A table without columns has rows all the same.
            return from + 1;
        }
        let at = from;
        for (let place = 0; place < rules.length; place++) {
            at = this.#value(bytes, at, rules[place] as ColumnRule, place, ownEnd);
            if (at === IS_ESCAPED) {
                return at;
            }
            if (bytes[at - 1] !== (place === rules.length - 1 ? LINE_FEED : TAB)) {
                throw new UnknownMessage(`row ${this.rows + 1} of a copy has not the columns that were asked for`);
            }
        }
        return at;
    }

    /** The bytes of the copy stay as they are: a row that is put aside is kept as it came. */
    #placeUnescaped(bytes: Buffer, from: number): number {
        const end = bytes.indexOf(LINE_FEED, from) + 1;
        if (end - from >= this.#scratch.length) {
            this.#scratch = Buffer.allocUnsafeSlow(2 * (end - from));
        }
        bytes.copy(this.#scratch, 0, from, end);
        // Nothing that an earlier row has left ends a value of this one.
        this.#scratch[end - from] = 0;
        this.#placeRow(this.#scratch, 0, end - from);
        return end;
    }

    /** Places a value; gives the index after what ends it. */
    #value(bytes: Buffer, from: number, { rule, type }: ColumnRule, place: number, ownEnd: number | null): number {
        const values = this.#values;
        let start = from;
        let end = from;
        if (bytes[from] === BACKSLASH) {
            if (bytes[from + 1] === UPPER_N) {
                values.place(ValueKind.null, from, from);
                return from + 3;
            }
            if (type === 'bytea' && bytes[from + 1] === BACKSLASH && bytes[from + 2] === LOWER_X) {
                // A backslash is doubled, that of `\x` too.
                start = end = from + 3;
            }
        }
        while (bytes[end] !== TAB && bytes[end] !== LINE_FEED && bytes[end] !== BACKSLASH) {
            end++;
        }
        if (bytes[end] === BACKSLASH) {
            return ownEnd === null ? IS_ESCAPED : this.#unescape(bytes, start, end, ownEnd);
        }
        const kind = kindOfText(bytes, start, rule);
        if (kind === ValueKind.text && rule === 'number') {
            this.#texts.push(place);
        }
        values.place(kind, start, end);
        return end + 1;
    }

    /** Only texts hold what must be escaped. It becomes shorter, where it is. */
    #unescape(bytes: Buffer, start: number, firstEscape: number, ownEnd: number): number {
        let to = firstEscape;
        let at = firstEscape;
        for (; at < ownEnd && bytes[at] !== TAB && bytes[at] !== LINE_FEED; at++) {
            let byte = bytes[at] as number;
            if (byte === BACKSLASH) {
                at++;
                byte = UNESCAPED[bytes[at] as number] ?? (bytes[at] as number);
            }
            bytes[to++] = byte;
        }
        this.#values.place(ValueKind.text, start, to);
        return at + 1;
    }
}
