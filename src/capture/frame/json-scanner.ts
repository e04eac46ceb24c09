import { BACKSLASH, QUOTE } from '../../core/ascii.ts';
import { defaultEnd } from '../../core/default-end.ts';
import { CLASS_COUNT, CLASSES, NEXT, State, Step } from './json-grammar.ts';
import { nextBeginning } from './resync.ts';

/** Deeper nesting is refused (wal2json needs six levels), which keeps resynchronising linear. */
const NESTING_DEPTH_MAX = 64;

const KEY_CHANGE = Buffer.from('"change"');
const KEY_ACTION = Buffer.from('"action"');
const KEY_DEFAULT = Buffer.from('"default"');
const KEY_DEFAULTS = Buffer.from('"columndefaults"');

/** Why a scan stopped: out of bytes; the object has closed; after the `[` of `"change":[`; an unexpected byte. */
type ScanStop = 'more' | 'closed' | 'list' | 'broken';

/**
 * Finds where a JSON object ends, byte by byte; can be resumed at any byte.
 *
 * Checks the grammar of tokens, so that damage is noticed near its place; the spelling of numbers, words and escapes is
 * left to `JSON.parse`. Accepts two things of wal2json that are not JSON: the type that it writes for a quoted name in a
 * schema, `"type":"S1"."Mood"` or `"S1".mood`, and defaults of columns, which are SQL between quotes.
 *
 * Owns the stack of open containers. Depth 1 is the inside of a record, depth 2 its list of changes.
 */
export class JsonScanner {
    stop: ScanStop = 'more';
    /** What is wrong, after `broken`. */
    reason = '';
    detail = '';
    /** Index of the depth-1 key `"change"`, after `list`; counted as the caller's `base` plus the index. */
    changeKeyAt = 0;
    #depth = 0;
    #state: number = State.ArrayComma;
    #inString = false;
    #escaped = false;
    #changeKey = false;
    /** The depth at which texts are defaults of columns; 0: none are. */
    #defaultDepth = 0;
    /** The record is certainly wal2json's: it has a list of changes or a member "action". */
    #known = false;
    readonly #isObject = new Uint8Array(NESTING_DEPTH_MAX + 2);

    /** Prepares for a record; its `{` is the next byte. */
    beginRecord(): void {
        this.#known = false;
        this.#begin(0);
    }

    /** Prepares for an object of the list of changes; its `{` is the next byte. */
    beginChange(): void {
        this.#known = true;
        this.#isObject[1] = 1;
        this.#begin(2);
    }

    /** The list of changes has closed; the record continues after its `]`. */
    closeList(): void {
        this.#begin(0);
        this.#depth = 1;
        this.#isObject[1] = 1;
        this.#state = State.ObjectAfter;
    }

    #begin(depth: number): void {
        this.#depth = depth;
        this.#isObject[depth] = 0;
        this.#state = State.ArrayComma;
        this.#inString = false;
        this.#escaped = false;
        this.#changeKey = false;
        this.#defaultDepth = 0;
    }

    /**
     * Scans `bytes` from `at` to `end`; returns the index after the last byte taken, or of the unexpected byte.
     * `floor` is the depth around the object; with `watch` it stops after the `[` of the record's `"change":[`.
     */
    scan(bytes: Buffer, at: number, end: number, base: number, floor: number, watch: boolean): number {
        let index = at;
        this.stop = 'more';
        while (index < end) {
            if (this.#inString) {
                index = this.#scanString(bytes, index, end, base);
                if ((this.stop as ScanStop) === 'broken') {
                    return index;
                }
                continue;
            }
            const state = this.#state;
            const next = NEXT[state * CLASS_COUNT + (CLASSES[bytes[index] as number] as number)] as number;
            if (next < Step.Bad) {
                this.#state = next;
            } else if (next === Step.Text || next === Step.Key) {
                this.#beginString(next);
                if (next === Step.Text && this.#depth === this.#defaultDepth) {
                    const after = defaultEnd((place) => bytes[place] as number, index, end);
                    if (after === end) {
                        // Read again from its beginning when there is more.
                        this.#state = state;
                        this.#inString = false;
                        return index;
                    }
                    if (after !== -1 && !holdsRecord(bytes, index, after)) {
                        this.#inString = false;
                        index = after;
                        continue;
                    }
                }
            } else if (next === Step.Close) {
                this.#depth--;
                this.#state = this.#isObject[this.#depth] === 1 ? State.ObjectAfter : State.ArrayAfter;
                if (this.#depth === floor) {
                    return this.#stopWith('closed', index + 1);
                }
            } else if (next === Step.Bad) {
                return this.#unexpected(bytes, index);
            } else {
                if (!this.#open(next === Step.OpenObject)) {
                    return index;
                }
                if (watch && this.#changeKey && this.#depth === 2) {
                    return this.#stopWith('list', index + 1);
                }
            }
            index++;
        }
        return index;
    }

    #stopWith(stop: ScanStop, index: number): number {
        this.stop = stop;
        return index;
    }

    #beginString(step: number): void {
        this.#inString = true;
        if (step === Step.Key) {
            this.#state = State.ObjectColon;
        } else {
            this.#state = this.#isObject[this.#depth] === 1 ? State.ObjectAfterText : State.ArrayAfterText;
        }
    }

    #open(isObject: boolean): boolean {
        if (this.#depth >= NESTING_DEPTH_MAX) {
            this.stop = 'broken';
            this.reason = 'nested-too-deep';
            this.detail = `the record is nested deeper than ${NESTING_DEPTH_MAX} levels`;
            return false;
        }
        if (this.#depth === 1 && isObject) {
            this.#changeKey = false;
        }
        this.#depth++;
        this.#isObject[this.#depth] = isObject ? 1 : 0;
        this.#state = isObject ? State.ObjectStart : State.ArrayStart;
        return true;
    }

    #scanString(bytes: Buffer, at: number, end: number, base: number): number {
        let index = at;
        if (this.#escaped) {
            this.#escaped = false;
            if ((bytes[index] as number) < 0x20) {
                return this.#unexpected(bytes, index);
            }
            index++;
        }
        while (index < end) {
            const byte = bytes[index] as number;
            if (byte === QUOTE) {
                this.#inString = false;
                if (this.#state === State.ObjectColon && (this.#depth === 1 || this.#depth === 3)) {
                    return this.#judgeKey(bytes, index, base);
                }
                return index + 1;
            }
            if (byte === BACKSLASH) {
                if (index + 1 === end) {
                    this.#escaped = true;
                    return end;
                }
                index++;
            }
            if ((bytes[index] as number) < 0x20) {
                return this.#unexpected(bytes, index);
            }
            index++;
        }
        return index;
    }

    /** Checks the key whose closing quote is at `index`, at a depth where keys identify the record. */
    #judgeKey(bytes: Buffer, index: number, base: number): number {
        const isChange = endsWithKey(bytes, index, KEY_CHANGE);
        const isAction = !isChange && endsWithKey(bytes, index, KEY_ACTION);
        if (this.#depth === 1) {
            this.#changeKey = isChange;
            if (isChange) {
                this.changeKeyAt = base + index - 7;
            }
            if (isAction || isChange) {
                this.#known = true;
            }
        } else if (this.#known && (isChange || isAction) && this.#isObject[2] === 0) {
            this.stop = 'broken';
            this.reason = 'record-inside-record';
            this.detail = 'another record begins before this one has ended';
            return index;
        } else {
            this.#defaultDepth = this.#known ? defaultDepth(bytes, index) : 0;
        }
        return index + 1;
    }

    #unexpected(bytes: Buffer, index: number): number {
        const byte = bytes[index] as number;
        const shown = byte > 0x20 && byte < 0x7f ? `"${String.fromCharCode(byte)}"` : `0x${byte.toString(16)}`;
        this.stop = 'broken';
        this.reason = 'not-json';
        if (this.#inString) {
            this.detail = `a string contains the control character ${shown}`;
        } else {
            this.detail = `${shown} found where ${EXPECTED[this.#state] ?? 'the record'} was expected`;
        }
        return index;
    }
}

/** The depth of the defaults that follow the key at depth 3 whose closing quote is at `index`; 0: none do. */
function defaultDepth(bytes: Buffer, index: number): number {
    return endsWithKey(bytes, index, KEY_DEFAULT) ? 3 : endsWithKey(bytes, index, KEY_DEFAULTS) ? 4 : 0;
}

/** A default that seems to hold a record is a torn one, with the next record right behind it. */
function holdsRecord(bytes: Buffer, from: number, end: number): boolean {
    const found = nextBeginning(bytes, from, end, { lines: false, loose: false, changesAfter: -1, ended: true });
    return found.kind === 'record';
}

/** Whether the key that closes at `index` is `key`. An escaped quote before it would make it a longer key. */
function endsWithKey(bytes: Buffer, index: number, key: Buffer): boolean {
    const start = index - key.length + 1;
    if (start < 1 || bytes[start] !== QUOTE || bytes[start - 1] === BACKSLASH) {
        return false;
    }
    for (let offset = 1; offset < key.length - 1; offset++) {
        if (bytes[start + offset] !== key[offset]) {
            return false;
        }
    }
    return true;
}

const EXPECTED: Readonly<Record<number, string>> = {
    [State.ObjectStart]: 'a name or "}"',
    [State.ObjectColon]: '":"',
    [State.ObjectValue]: 'a value',
    [State.ObjectScalar]: '"," or "}"',
    [State.ObjectAfter]: '"," or "}"',
    [State.ObjectAfterText]: '"," or "}"',
    [State.ObjectDot]: 'a quoted name',
    [State.ObjectComma]: 'a name',
    [State.ArrayStart]: 'a value or "]"',
    [State.ArrayScalar]: '"," or "]"',
    [State.ArrayAfter]: '"," or "]"',
    [State.ArrayAfterText]: '"," or "]"',
    [State.ArrayDot]: 'a quoted name',
    [State.ArrayComma]: 'a value',
    [State.ObjectWord]: '"," or "}"',
    [State.ArrayWord]: '"," or "]"',
};
