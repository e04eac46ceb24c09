import type { SqlValue } from '../core/stream-event.ts';
import { integerOf, realOf } from '../core/value-texts.ts';
import {
    type ConnectType,
    DATE_TYPES,
    DECIMAL,
    pgTypeOf,
    TIME_DIGITS,
    TIMESTAMP_DIGITS,
    VARIABLE_DECIMAL,
} from './connect-type.ts';
import { Refusal, requireUnicode, shown } from './refusal.ts';

/** A value as it was read: a number of JSON is its text, so that no digit is lost; a structure is its JSON text. */
export type RawValue =
    | null
    | boolean
    | number
    | bigint
    | string
    | Buffer
    | { readonly number: string }
    | { readonly json: string };

/** The longest precision of a numeric that a double keeps. */
const DOUBLE_DIGITS = 15;
const DAY_MS = 86_400_000n;

/**
 * The one value to store for a field, exactly: decimals out of their bytes, moments as PostgreSQL's text.
 * @throws Refusal `value-does-not-fit`, `lone-surrogate`.
 */
export function connectValue(raw: RawValue, type: ConnectType, column: string): SqlValue {
    if (raw === null) {
        return null;
    }
    const value = exactOf(raw, type);
    if (value === undefined) {
        const pgType = pgTypeOf(type);
        const ofType = pgType === null ? '' : ` of type ${pgType}`;
        throw new Refusal('value-does-not-fit', `column "${column}"${ofType} cannot hold ${shown(forPeople(raw))}`);
    }
    if (typeof value === 'string') {
        requireUnicode(value, `column "${column}"`);
    }
    return value;
}

function exactOf(raw: Exclude<RawValue, null>, type: ConnectType): SqlValue | undefined {
    const { name } = type;
    if (name === DECIMAL) {
        return decimalOf(raw, type);
    }
    if (name === VARIABLE_DECIMAL) {
        return variableDecimal(raw);
    }
    if (name !== null && DATE_TYPES.has(name)) {
        const days = wholeOf(raw);
        return days === undefined ? undefined : dateText(days);
    }
    const timestampDigits = TIMESTAMP_DIGITS.get(name ?? '');
    if (timestampDigits !== undefined) {
        const moment = wholeOf(raw);
        return moment === undefined ? undefined : timestampText(moment, timestampDigits);
    }
    const timeDigits = TIME_DIGITS.get(name ?? '');
    if (timeDigits !== undefined) {
        const moment = wholeOf(raw);
        return moment === undefined ? undefined : timeText(moment, timeDigits);
    }
    return plainOf(raw, type.kind);
}

function plainOf(raw: Exclude<RawValue, null>, kind: ConnectType['kind']): SqlValue | undefined {
    switch (kind) {
        case 'boolean':
            return typeof raw === 'boolean' ? Number(raw) : undefined;
        case 'int8':
        case 'int16':
        case 'int32':
        case 'int64': {
            const whole = wholeOf(raw);
            return whole === undefined ? undefined : integerOf(String(whole));
        }
        case 'float':
        case 'double':
            return numberOf(raw);
        case 'bytes':
            return bytesOf(raw)?.toString('hex');
        case 'string':
            return typeof raw === 'string' ? raw : undefined;
        case 'structure':
            return typeof raw === 'object' && 'json' in raw ? raw.json : undefined;
        default:
            return anyOf(raw);
    }
}

/** Of a value without a type: whole numbers, else text. */
function anyOf(raw: Exclude<RawValue, null>): SqlValue {
    if (typeof raw === 'object' && !Buffer.isBuffer(raw)) {
        return 'json' in raw ? raw.json : (integerOf(raw.number) ?? raw.number);
    }
    return Buffer.isBuffer(raw) ? raw.toString('hex') : typeof raw === 'boolean' ? Number(raw) : raw;
}

function wholeOf(raw: Exclude<RawValue, null>): bigint | undefined {
    if (typeof raw === 'bigint') {
        return raw;
    }
    if (typeof raw === 'number') {
        return Number.isSafeInteger(raw) ? BigInt(raw) : undefined;
    }
    const text = typeof raw === 'object' && 'number' in raw ? raw.number : '';
    return /^-?\d{1,20}$/.test(text) ? BigInt(text) : undefined;
}

function numberOf(raw: Exclude<RawValue, null>): SqlValue | undefined {
    if (typeof raw === 'number') {
        // What a double of PostgreSQL can hold and SQLite's cannot is kept as its text.
        return Number.isFinite(raw) ? raw : Number.isNaN(raw) ? 'NaN' : raw > 0 ? 'Infinity' : '-Infinity';
    }
    if (typeof raw === 'string') {
        return /^(?:NaN|-?Infinity)$/.test(raw) ? raw : undefined;
    }
    return typeof raw === 'object' && 'number' in raw ? realOf(raw.number) : undefined;
}

/** Bytes in JSON are base64. */
function bytesOf(raw: Exclude<RawValue, null>): Buffer | undefined {
    if (Buffer.isBuffer(raw)) {
        return raw;
    }
    return typeof raw === 'string' && /^[A-Za-z0-9+/]*={0,2}$/.test(raw) ? Buffer.from(raw, 'base64') : undefined;
}

function decimalOf(raw: Exclude<RawValue, null>, { scale, precision }: ConnectType): SqlValue | undefined {
    const bytes = bytesOf(raw);
    if (bytes === undefined || scale === null) {
        return undefined;
    }
    const text = decimalText(unscaled(bytes), scale);
    return precision !== null && precision <= DOUBLE_DIGITS ? Number(text) : text;
}

function variableDecimal(raw: Exclude<RawValue, null>): string | undefined {
    if (typeof raw !== 'object' || Buffer.isBuffer(raw) || !('json' in raw)) {
        return undefined;
    }
    const { scale, value } = JSON.parse(raw.json) as { scale?: unknown; value?: unknown };
    const bytes = typeof value === 'string' ? bytesOf(value) : undefined;
    return bytes === undefined || !Number.isSafeInteger(scale)
        ? undefined
        : decimalText(unscaled(bytes), scale as number);
}

/** A whole number in two's complement, the highest byte first. */
function unscaled(bytes: Buffer): bigint {
    return bytes.length === 0 ? 0n : BigInt.asIntN(bytes.length * 8, BigInt(`0x${bytes.toString('hex')}`));
}

/** `-12.50`: with all digits of its scale, as PostgreSQL writes a numeric. */
export function decimalText(number: bigint, scale: number): string {
    const sign = number < 0n ? '-' : '';
    const digits = (number < 0n ? -number : number).toString();
    if (scale <= 0) {
        return number === 0n ? '0' : sign + digits + '0'.repeat(-scale);
    }
    const padded = digits.padStart(scale + 1, '0');
    return `${sign}${padded.slice(0, -scale)}.${padded.slice(-scale)}`;
}

/** `2024-02-29`, `0044-03-15 BC`. */
function dateText(days: bigint): string {
    const { text, era } = dayOf(days);
    return text + era;
}

/** `2024-02-29 12:00:00.5`, without zeros at the end, as PostgreSQL writes it. */
function timestampText(moment: bigint, digits: number): string {
    const perDay = (DAY_MS / 1_000n) * 10n ** BigInt(digits);
    const days = floorDivision(moment, perDay);
    const { text, era } = dayOf(days);
    return `${text} ${timeText(moment - days * perDay, digits)}${era}`;
}

function timeText(moment: bigint, digits: number): string | undefined {
    const unit = 10n ** BigInt(digits);
    if (moment < 0n || moment > 86_400n * unit) {
        return undefined;
    }
    const seconds = moment / unit;
    const two = (number: bigint): string => String(number).padStart(2, '0');
    const fraction = String(moment % unit)
        .padStart(digits, '0')
        .replace(/0+$/, '');
    const clock = `${two(seconds / 3_600n)}:${two((seconds / 60n) % 60n)}:${two(seconds % 60n)}`;
    return fraction === '' ? clock : `${clock}.${fraction}`;
}

/** Of days since 1970, in the calendar that PostgreSQL reckons by. Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms". */
function dayOf(days: bigint): { readonly text: string; readonly era: string } {
    const shifted = days + 719_468n;
    const era = floorDivision(shifted, 146_097n);
    const dayOfEra = shifted - era * 146_097n;
    const yearOfEra = (dayOfEra - dayOfEra / 1_460n + dayOfEra / 36_524n - dayOfEra / 146_096n) / 365n;
    const dayOfYear = dayOfEra - (365n * yearOfEra + yearOfEra / 4n - yearOfEra / 100n);
    const march = (5n * dayOfYear + 2n) / 153n;
    const day = dayOfYear - (153n * march + 2n) / 5n + 1n;
    const month = march < 10n ? march + 3n : march - 9n;
    const year = yearOfEra + era * 400n + (month <= 2n ? 1n : 0n);
    const shownYear = year > 0n ? year : 1n - year;
    const two = (number: bigint): string => String(number).padStart(2, '0');
    return {
        text: `${String(shownYear).padStart(4, '0')}-${two(month)}-${two(day)}`,
        era: year > 0n ? '' : ' BC',
    };
}

function floorDivision(number: bigint, by: bigint): bigint {
    const quotient = number / by;
    return number % by < 0n ? quotient - 1n : quotient;
}

function forPeople(raw: Exclude<RawValue, null>): unknown {
    if (Buffer.isBuffer(raw)) {
        return raw.toString('hex');
    }
    return typeof raw === 'object' ? Object.values(raw)[0] : typeof raw === 'bigint' ? String(raw) : raw;
}
