import { isUtf8 } from 'node:buffer';
import { objectMembers } from '../../core/json-spans.ts';
import type { PlacedValues } from '../../core/placed-values.ts';
import { utf8Text } from '../../core/utf8-text.ts';
import type { DeclaredColumn, DeclaredSource } from '../../project/declared-source.ts';
import { RowScanner } from './row-scanner.ts';

/** What a scanner of rows is made of, where no decoder is. */
export interface ScannedSource {
    readonly source: DeclaredSource;
    /** All columns of its table, as its decoder knows them now. */
    readonly columns: readonly DeclaredColumn[];
}

/**
 * Scans the rows of a topic where its messages are read, which may be in another thread than their decoder's. It learns
 * by itself how rows are written. A row that it does not know, or that has a column which it does not know, is the
 * decoder's.
 */
export class RowsAhead {
    readonly columns: number;
    readonly #key: readonly string[];
    readonly #places: ReadonlyMap<string, number>;
    readonly #scanner: RowScanner;

    constructor({ source, columns }: ScannedSource) {
        this.columns = columns.length;
        this.#key = source.key;
        this.#places = new Map(columns.map(({ name }, place) => [name, place]));
        this.#scanner = new RowScanner(columns);
    }

    /** Those of the row that was scanned last. */
    get values(): PlacedValues {
        return this.#scanner.values;
    }

    /** Whether the row `source[start, end)` could be read. */
    scan(source: Buffer, start: number, end: number): boolean {
        if (this.#scanner.scan(source, start, end)) {
            return true;
        }
        if (this.#scanner.wantsForm() && isUtf8(source.subarray(start, end))) {
            this.#learn(utf8Text(source, start, end));
        }
        return false;
    }

    #learn(text: string): void {
        const begin = text.indexOf('{');
        if (begin === -1 || !isObject(text)) {
            return;
        }
        const members = objectMembers(text, begin);
        const names = new Set(members.map(({ name }) => name));
        const isKnown = members.every(({ name }) => this.#places.has(name));
        // What the value lacks of the key may be in the message's key.
        if (isKnown && this.#key.every((name) => names.has(name))) {
            this.#scanner.learn(text, members, (name) => this.#places.get(name) as number);
        }
    }
}

function isObject(text: string): boolean {
    try {
        const value: unknown = JSON.parse(text);
        return typeof value === 'object' && value !== null && !Array.isArray(value);
    } catch {
        return false;
    }
}
