/**
 * JSON's grammar of tokens as a table: `NEXT[state * CLASS_COUNT + CLASSES[byte]]` is the next state or, at
 * `Step.Bad` and above, something that the scanner does itself.
 */

/** What may come next; `Object…` inside `{}`, `Array…` inside `[]`. */
export const State = {
    ObjectStart: 0,
    ObjectColon: 1,
    ObjectValue: 2,
    ObjectScalar: 3,
    ObjectAfter: 4,
    ObjectAfterText: 5,
    ObjectDot: 6,
    ObjectComma: 7,
    ArrayStart: 8,
    ArrayScalar: 9,
    ArrayAfter: 10,
    ArrayAfterText: 11,
    ArrayDot: 12,
    ArrayComma: 13,
    ObjectWord: 14,
    ArrayWord: 15,
} as const;

/** Steps that do more than change the state. */
export const Step = { Bad: 16, Key: 17, Text: 18, OpenObject: 19, OpenArray: 20, Close: 21 } as const;

const Class = {
    Other: 0,
    Space: 1,
    Quote: 2,
    OpenObject: 3,
    CloseObject: 4,
    OpenArray: 5,
    CloseArray: 6,
    Comma: 7,
    Colon: 8,
    Scalar: 9,
    Dot: 10,
    Letter: 11,
} as const;

export const CLASS_COUNT = 16;

/** Class of each byte outside strings. */
export const CLASSES: Uint8Array = classes();

export const NEXT: Uint8Array = transitions();

function classes(): Uint8Array {
    const table = new Uint8Array(256);
    const set = (text: string, value: number): void => {
        for (const character of text) {
            table[character.charCodeAt(0)] = value;
        }
    };
    set(' \t\r\n', Class.Space);
    set('"', Class.Quote);
    set('{', Class.OpenObject);
    set('}', Class.CloseObject);
    set('[', Class.OpenArray);
    set(']', Class.CloseArray);
    set(',', Class.Comma);
    set(':', Class.Colon);
    for (let byte = 0x80; byte < 256; byte++) {
        table[byte] = Class.Letter;
    }
    set('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_$', Class.Letter);
    // The letters of true, false, null, and of e in a number. JSON.parse checks what they spell.
    set('0123456789+-eEtrufalsn', Class.Scalar);
    set('.', Class.Dot);
    return table;
}

type Entries = readonly (readonly [byteClass: number, next: number])[];

function transitions(): Uint8Array {
    const table = new Uint8Array(CLASS_COUNT * CLASS_COUNT).fill(Step.Bad);
    const on = (state: number, entries: Entries): void => {
        for (const [byteClass, next] of entries) {
            table[state * CLASS_COUNT + byteClass] = next;
        }
    };
    beforeValues(on);
    afterValues(on, {
        scalar: State.ObjectScalar,
        value: State.ObjectAfter,
        text: State.ObjectAfterText,
        dot: State.ObjectDot,
        word: State.ObjectWord,
        comma: State.ObjectComma,
        close: Class.CloseObject,
    });
    afterValues(on, {
        scalar: State.ArrayScalar,
        value: State.ArrayAfter,
        text: State.ArrayAfterText,
        dot: State.ArrayDot,
        word: State.ArrayWord,
        comma: State.ArrayComma,
        close: Class.CloseArray,
    });
    return table;
}

function beforeValues(on: (state: number, entries: Entries) => void): void {
    const value = (state: number, scalar: number): void =>
        on(state, [
            [Class.Space, state],
            [Class.Quote, Step.Text],
            [Class.OpenObject, Step.OpenObject],
            [Class.OpenArray, Step.OpenArray],
            [Class.Scalar, scalar],
        ]);
    on(State.ObjectStart, [
        [Class.Space, State.ObjectStart],
        [Class.Quote, Step.Key],
        [Class.CloseObject, Step.Close],
    ]);
    on(State.ObjectColon, [
        [Class.Space, State.ObjectColon],
        [Class.Colon, State.ObjectValue],
    ]);
    value(State.ObjectValue, State.ObjectScalar);
    on(State.ObjectComma, [
        [Class.Space, State.ObjectComma],
        [Class.Quote, Step.Key],
    ]);
    value(State.ArrayStart, State.ArrayScalar);
    on(State.ArrayStart, [[Class.CloseArray, Step.Close]]);
    value(State.ArrayComma, State.ArrayScalar);
}

/** The states after a value of an object, or of an array. */
interface After {
    readonly scalar: number;
    readonly value: number;
    readonly text: number;
    readonly dot: number;
    readonly word: number;
    readonly comma: number;
    readonly close: number;
}

function afterValues(on: (state: number, entries: Entries) => void, states: After): void {
    const { scalar, value, text, dot, word, comma, close } = states;
    for (const state of [scalar, value, text, word]) {
        on(state, [
            [Class.Space, value],
            [Class.Comma, comma],
            [close, Step.Close],
        ]);
    }
    on(scalar, [
        [Class.Scalar, scalar],
        [Class.Dot, scalar],
    ]);
    // wal2json writes the types "S1"."Mood" and "S1".mood without escapes.
    on(text, [[Class.Dot, dot]]);
    on(dot, [
        [Class.Quote, Step.Text],
        [Class.Letter, word],
        [Class.Scalar, word],
    ]);
    on(word, [
        [Class.Letter, word],
        [Class.Scalar, word],
    ]);
}
