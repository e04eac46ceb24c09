import { COLON, MINUS, NINE, PLUS, POINT, SPACE, ZERO } from './ascii.ts';

/**
 * How PostgreSQL writes values whose text depends on the settings of a session. A receiver that does not pin them gets
 * `06/05/2024`, of which nobody can say which month it is, or bytea with its first bytes cut off by wal2json.
 */
export type ValueForm = 'bytea' | 'date' | 'timestamp' | 'timestamptz';

const DAY = String.raw`\d{4,}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])`;
const TIME = String.raw`(?:[01]\d|2[0-4]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?`;
const OFFSET = String.raw`[+-](?:0\d|1[0-5])(?::[0-5]\d){0,2}`;

const FORMS: Readonly<Record<ValueForm, RegExp>> = {
    // With include-domain-data-type, format 2 keeps the `\x` of a domain over bytea.
    bytea: /^(?:\\x)?(?:[0-9a-f]{2})*$/i,
    date: new RegExp(`^(?:${DAY}(?: BC)?|-?infinity)$`),
    timestamp: new RegExp(`^(?:${DAY} ${TIME}(?: BC)?|-?infinity)$`),
    timestamptz: new RegExp(`^(?:${DAY} ${TIME}${OFFSET}(?: BC)?|-?infinity)$`),
};

const FORM_OF_TYPE: readonly (readonly [RegExp, ValueForm])[] = [
    [/^bytea$/, 'bytea'],
    [/^date$/, 'date'],
    [/^timestamp(?:\(\d\))?(?: without time zone)?$/, 'timestamp'],
    [/^(?:timestamptz|timestamp(?:\(\d\))? with time zone)$/, 'timestamptz'],
];

/** The form of a type's values; undefined where any text may be one. */
export function formOf(type: string | null): ValueForm | undefined {
    return type === null ? undefined : FORM_OF_TYPE.find(([pattern]) => pattern.test(type))?.[1];
}

export function hasForm(text: string, form: ValueForm): boolean {
    return FORMS[form].test(text);
}

/** Has the form, told by bytes alone, without making a text. False says nothing. */
export function surelyHasForm(bytes: Buffer, start: number, end: number, form: ValueForm): boolean {
    if (form === 'bytea') {
        return isHex(bytes, start, end);
    }
    if (end - start < 10 || !isDay(bytes, start)) {
        return false;
    }
    if (form === 'date') {
        return end - start === 10;
    }
    const clockEnd = form === 'timestamp' ? end : end - 3;
    return isClock(bytes, start + 10, clockEnd) && (form === 'timestamp' || isUtc(bytes, clockEnd));
}

/** The number of two digits; 100 if they are none. */
function twoDigits(bytes: Buffer, at: number): number {
    const tens = (bytes[at] as number) - ZERO;
    const ones = (bytes[at + 1] as number) - ZERO;
    return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? 10 * tens + ones : 100;
}

/** `2024-02-29` of a year of four digits. */
function isDay(bytes: Buffer, at: number): boolean {
    const month = twoDigits(bytes, at + 5);
    const day = twoDigits(bytes, at + 8);
    const isYear = twoDigits(bytes, at) < 100 && twoDigits(bytes, at + 2) < 100;
    const isSplit = bytes[at + 4] === MINUS && bytes[at + 7] === MINUS;
    return isYear && isSplit && month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

/** ` 12:30:59`, with digits after a point or without. */
function isClock(bytes: Buffer, at: number, end: number): boolean {
    const isSplit = bytes[at] === SPACE && bytes[at + 3] === COLON && bytes[at + 6] === COLON;
    const isTime = twoDigits(bytes, at + 1) <= 24 && twoDigits(bytes, at + 4) < 60 && twoDigits(bytes, at + 7) <= 60;
    return end - at >= 9 && isSplit && isTime && isFraction(bytes, at + 9, end);
}

function isFraction(bytes: Buffer, at: number, end: number): boolean {
    for (let index = at + 1; index < end; index++) {
        const byte = bytes[index] as number;
        if (byte < ZERO || byte > NINE) {
            return false;
        }
    }
    return at === end || (bytes[at] === POINT && at + 1 < end);
}

function isUtc(bytes: Buffer, at: number): boolean {
    return bytes[at] === PLUS && bytes[at + 1] === ZERO && bytes[at + 2] === ZERO;
}

function isHex(bytes: Buffer, start: number, end: number): boolean {
    for (let index = start; index < end; index++) {
        const byte = bytes[index] as number;
        if (!((byte >= ZERO && byte <= NINE) || (byte >= 0x61 && byte <= 0x66))) {
            return false;
        }
    }
    return (end - start) % 2 === 0;
}
