import {
    BACKSLASH,
    CLOSE_ARRAY,
    CLOSE_OBJECT,
    COLON,
    COMMA,
    isSpace,
    LOWER_F,
    LOWER_N,
    LOWER_T,
    LOWER_U,
    OPEN_ARRAY,
    OPEN_OBJECT,
    QUOTE,
    SPACE,
} from '../../core/ascii.ts';
import { literalEnd, numberEnd } from '../../core/json-bytes.ts';

/** Deeper documents are for the caller to read. */
const DEPTH_MAX = 32;
const WORDS: ReadonlyMap<number, Buffer> = new Map([
    [LOWER_N, Buffer.from('null')],
    [LOWER_T, Buffer.from('true')],
    [LOWER_F, Buffer.from('false')],
]);
const ESCAPED: ReadonlySet<number> = new Set(Buffer.from('"\\/bfnrt'));
const HEX_DIGITS = 4;

/** Whether a value that begins with this byte is a list or an object. */
export function isContainer(byte: number): boolean {
    return byte === OPEN_OBJECT || byte === OPEN_ARRAY;
}

/** Tells by its bytes where a value of JSON ends, and that it is one, without making anything of it. */
export class DocumentScanner {
    /** All bytes of strings since the caller set it to 0, or'ed: up to 0x7f they are ASCII. */
    bits = 0;
    #source: Buffer = Buffer.alloc(0);
    #end = 0;

    /** The index after the value at `at`; -1: it is none by JSON's grammar, or too deep. */
    valueEnd(source: Buffer, at: number, end: number): number {
        this.#source = source;
        this.#end = end;
        return this.#value(at, DEPTH_MAX);
    }

    #value(at: number, depth: number): number {
        const source = this.#source;
        const byte = source[at] as number;
        if (at >= this.#end) {
            return -1;
        }
        if (byte === QUOTE) {
            return this.#string(at + 1);
        }
        if (isContainer(byte)) {
            return depth === 0 ? -1 : this.#container(at, byte === OPEN_OBJECT, depth - 1);
        }
        const word = WORDS.get(byte);
        return word === undefined ? numberEnd(source, at, this.#end) : literalEnd(word, source, at, this.#end);
    }

    /** The list or object that begins at `from`. */
    #container(from: number, isObject: boolean, depth: number): number {
        const source = this.#source;
        const close = isObject ? CLOSE_OBJECT : CLOSE_ARRAY;
        let at = this.#blanks(from + 1);
        if (source[at] === close) {
            return at < this.#end ? at + 1 : -1;
        }
        for (;;) {
            at = isObject ? this.#name(at) : at;
            at = at === -1 ? -1 : this.#value(at, depth);
            if (at === -1) {
                return -1;
            }
            at = this.#blanks(at);
            if (at >= this.#end || source[at] !== COMMA) {
                return at < this.#end && source[at] === close ? at + 1 : -1;
            }
            at = this.#blanks(at + 1);
        }
    }

    /** A name, and the colon after it; the index where its value begins. */
    #name(at: number): number {
        const end = at < this.#end && this.#source[at] === QUOTE ? this.#string(at + 1) : -1;
        const colon = end === -1 ? -1 : this.#blanks(end);
        return colon !== -1 && colon < this.#end && this.#source[colon] === COLON ? this.#blanks(colon + 1) : -1;
    }

    /** The index after the quote that ends the string. */
    #string(from: number): number {
        const source = this.#source;
        const end = this.#end;
        let bits = 0;
        for (let at = from; at < end; at++) {
            const byte = source[at] as number;
            if (byte === QUOTE) {
                this.bits |= bits;
                return at + 1;
            }
            if (byte < SPACE) {
                return -1;
            }
            if (byte === BACKSLASH) {
                at = this.#escape(at + 1);
                if (at === -1) {
                    return -1;
                }
            }
            bits |= byte;
        }
        return -1;
    }

    /** The index of the last byte of the escape whose letter is at `at`. */
    #escape(at: number): number {
        const letter = this.#source[at] as number;
        if (letter !== LOWER_U) {
            return ESCAPED.has(letter) ? at : -1;
        }
        const digits = this.#source.toString('latin1', at + 1, at + 1 + HEX_DIGITS);
        return /^[0-9a-f]{4}$/i.test(digits) ? at + HEX_DIGITS : -1;
    }

    #blanks(from: number): number {
        let at = from;
        while (at < this.#end && isSpace(this.#source[at] as number)) {
            at++;
        }
        return at;
    }
}
