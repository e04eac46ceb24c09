import { isUtf8 } from 'node:buffer';
import { BACKSLASH, LOWER_F, LOWER_N, LOWER_T, MINUS, NINE, QUOTE, SPACE, ZERO } from '../../core/ascii.ts';
import { literalEnd, numberEnd } from '../../core/json-bytes.ts';
import type { Member } from '../../core/json-spans.ts';
import { PlacedValues } from '../../core/placed-values.ts';
import { ValueKind } from '../../core/scanned-values.ts';
import type { DeclaredColumn } from '../../project/declared-source.ts';
import { DocumentScanner, isContainer } from './document-scanner.ts';
import { storedKind } from './stored-kind.ts';

/** The forms of rows that are kept: rows of a table differ by the members that they leave out. */
const FORMS_MAX = 8;
/** Once that many forms are known, one is learned of every so many rows that are of none. */
const MISSES_MAX = 1_000;

/** The bytes around the values of a row, one more than there are values, and the columns of the values. */
interface RowForm {
    readonly literals: readonly Buffer[];
    readonly places: readonly number[];
}

const WORDS = [
    { first: LOWER_N, kind: ValueKind.null, bytes: Buffer.from('null') },
    { first: LOWER_T, kind: ValueKind.true, bytes: Buffer.from('true') },
    { first: LOWER_F, kind: ValueKind.false, bytes: Buffer.from('false') },
] as const;

/**
 * Reads JSON rows that are written like one before them, with the same names in the same order and the same spaces:
 * their values are told by their bytes, where they lie, and no text is made of them. What it reads is JSON, so such a
 * row needs no parse; any other row (a string with an escape outside a document; a value that does not fit) is for the
 * caller to read.
 */
export class RowScanner {
    /** Those of the row that was read last, by the places of their columns. */
    readonly values = new PlacedValues();
    readonly #columns: readonly DeclaredColumn[];
    readonly #documents = new DocumentScanner();
    /** The one that matched last is the first. */
    readonly #forms: RowForm[] = [];
    #misses = 0;
    #learned = 0;
    /** All bytes of the strings of a row, or'ed. */
    #bits = 0;

    /** `columns` may grow. */
    constructor(columns: readonly DeclaredColumn[]) {
        this.#columns = columns;
    }

    /** Whether the row `source[start, end)` is written like one before it. */
    scan(source: Buffer, start: number, end: number): boolean {
        const forms = this.#forms;
        for (let index = 0; index < forms.length; index++) {
            const form = forms[index] as RowForm;
            if (this.#matches(form, source, start, end)) {
                if (index > 0) {
                    forms.copyWithin(1, 0, index);
                    forms[0] = form;
                }
                return true;
            }
        }
        return false;
    }

    /** To be asked for each row that `scan` did not know: whether it should be learned. */
    wantsForm(): boolean {
        this.#misses++;
        if (this.#learned >= FORMS_MAX && this.#misses < MISSES_MAX) {
            return false;
        }
        this.#misses = 0;
        this.#learned++;
        return true;
    }

    /** Learns how a row is written, with the place of the column of each member. */
    learn(text: string, members: readonly Member[], placeOf: (name: string) => number): void {
        const places = members.map(({ name }) => placeOf(name));
        const starts = [0, ...members.map((member) => member.end)];
        const ends = [...members.map((member) => member.start), text.length];
        const literals = starts.map((start, index) => Buffer.from(text.slice(start, ends[index])));
        const form = { literals, places };
        const source = Buffer.from(text);
        const lacks = this.#columns.some(({ required }, place) => required && !places.includes(place));
        if (!lacks && this.#matches(form, source, 0, source.length)) {
            this.#forms.unshift(form);
            this.#forms.length = Math.min(this.#forms.length, FORMS_MAX);
        }
    }

    #matches({ literals, places }: RowForm, source: Buffer, start: number, end: number): boolean {
        const { values } = this;
        const columns = this.#columns;
        let at = literalEnd(literals[0] as Buffer, source, start, end);
        if (at === -1) {
            return false;
        }
        this.#bits = 0;
        this.#documents.bits = 0;
        values.beginNulls(source, columns.length);
        for (let index = 0; index < places.length && at !== -1; index++) {
            at = this.#value(places[index] as number, source, at, end);
            at = at === -1 ? -1 : literalEnd(literals[index + 1] as Buffer, source, at, end);
        }
        if (at !== end || ((this.#bits | this.#documents.bits) > 0x7f && !isUtf8(source.subarray(start, end)))) {
            return false;
        }
        for (let place = 0; place < columns.length; place++) {
            if ((columns[place] as DeclaredColumn).type === 'record') {
                values.put(place, ValueKind.text, start, end);
            }
        }
        return true;
    }

    /** Reads the value at `at` into value `place`; returns the index after it, or -1. */
    #value(place: number, source: Buffer, at: number, end: number): number {
        const byte = source[at] as number;
        const { type } = this.#columns[place] as DeclaredColumn;
        if (type === 'json' || (type === 'text' && isContainer(byte))) {
            const stop = this.#documents.valueEnd(source, at, end);
            if (stop !== -1) {
                this.values.put(place, ValueKind.text, at, stop);
            }
            return stop;
        }
        if (byte === QUOTE) {
            const stop = this.#stringEnd(source, at + 1, end);
            return stop === -1 || !this.#put(place, ValueKind.string, source, at + 1, stop) ? -1 : stop + 1;
        }
        if (byte === MINUS || (byte >= ZERO && byte <= NINE)) {
            const stop = numberEnd(source, at, end);
            return stop === -1 || !this.#put(place, ValueKind.number, source, at, stop) ? -1 : stop;
        }
        for (const { first, kind, bytes } of WORDS) {
            if (byte === first) {
                const stop = literalEnd(bytes, source, at, end);
                return stop === -1 || !this.#put(place, kind, source, at, stop) ? -1 : stop;
            }
        }
        return -1;
    }

    #put(place: number, kind: ValueKind, source: Buffer, start: number, end: number): boolean {
        const stored = storedKind(this.#columns[place] as DeclaredColumn, kind, source, start, end);
        if (stored === undefined) {
            return false;
        }
        this.values.put(place, stored, start, end);
        return true;
    }

    /** The index of the quote that ends the string; -1: it has an escape, or is none. */
    #stringEnd(source: Buffer, start: number, end: number): number {
        let bits = 0;
        for (let at = start; at < end; at++) {
            const byte = source[at] as number;
            if (byte === QUOTE) {
                this.#bits |= bits;
                return at;
            }
            if (byte === BACKSLASH || byte < SPACE) {
                return -1;
            }
            bits |= byte;
        }
        return -1;
    }
}
