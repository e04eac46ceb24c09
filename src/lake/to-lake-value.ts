import { decimalDigits, type ParquetType } from '../parquet/parquet-type.ts';

/** A value that a type cannot hold so that it is got back as it was. */
export const MISFIT = Symbol('misfit');

/** SQLite's value (integers as bigints) in the form in which Parquet stores it; null stays null. */
export type ToLakeValue = (value: unknown) => unknown;

/**
 * Days and times are typed from here on. Source: before these days Spark reads Parquet by another calendar unless it is
 * told otherwise (`spark.sql.parquet.datetimeRebaseModeInRead`); `infinity`, years BC and `24:00:00` have no place either.
 */
const FIRST_YEAR_OF_DATES = 1583;
const FIRST_YEAR_OF_TIMES = 1901;

const MICROS = 1_000_000n;
const DAY_MS = 86_400_000;

/** The conversion for a type. It returns `MISFIT` for every value whose text the type would not give back. */
export function toLakeValue(type: ParquetType): ToLakeValue {
    const digits = decimalDigits(type);
    if (digits !== undefined) {
        return (value) => (value === null ? null : decimalOf(value, digits.precision, digits.scale));
    }
    return CONVERSIONS[type as keyof typeof CONVERSIONS];
}

const CONVERSIONS: Readonly<Record<Exclude<ParquetType, `decimal(${number},${number})`>, ToLakeValue>> = {
    integer: (value) => (value === null || typeof value === 'bigint' ? value : MISFIT),
    boolean: (value) => (value === null ? null : value === 1n ? true : value === 0n ? false : MISFIT),
    double: (value) => (value === null || typeof value === 'number' ? value : MISFIT),
    text: (value) => (value === null || typeof value === 'string' ? value : MISFIT),
    bytes: (value) => (typeof value === 'string' ? bytesOf(value) : value === null ? null : MISFIT),
    date: (value) => (typeof value === 'string' ? dateOf(value) : value === null ? null : MISFIT),
    timestamp: (value) => (typeof value === 'string' ? microsOf(value) : value === null ? null : MISFIT),
    timestamptz: (value) => {
        if (typeof value !== 'string') {
            return value === null ? null : MISFIT;
        }
        return value.endsWith('+00') ? microsOf(value.slice(0, -3)) : MISFIT;
    },
};

/** Without its point. A number has at most 15 digits then, so its shortest text is the number that PostgreSQL has. */
function decimalOf(value: unknown, precision: number, scale: number): unknown {
    const text = typeof value === 'number' ? value.toFixed(scale) : value;
    if (typeof text !== 'string' || !/^-?\d+(?:\.\d+)?$/.test(text)) {
        return MISFIT;
    }
    if (typeof value === 'number' && Number(text) !== value) {
        return MISFIT;
    }
    const [whole = '', fraction = ''] = text.split('.');
    const unscaled = BigInt(whole + fraction);
    const isLost = fraction.length !== scale || textOf(unscaled, scale) !== text;
    // Of a number -0 is 0; of a text it is not.
    return (isLost && !(typeof value === 'number' && unscaled === 0n)) || lengthOf(unscaled) > precision
        ? MISFIT
        : unscaled;
}

function lengthOf(unscaled: bigint): number {
    return String(unscaled < 0n ? -unscaled : unscaled).length;
}

/** The text of a decimal, with exactly `scale` digits after the point. */
export function textOf(unscaled: bigint, scale: number): string {
    const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0');
    const whole = digits.slice(0, digits.length - scale);
    return `${unscaled < 0n ? '-' : ''}${whole}${scale === 0 ? '' : `.${digits.slice(-scale)}`}`;
}

function bytesOf(hex: string): unknown {
    return hex.length % 2 === 0 && /^[0-9a-f]*$/.test(hex) ? Buffer.from(hex, 'hex') : MISFIT;
}

/** Days since 1970. */
function dateOf(text: string): unknown {
    const days = text.length === 10 ? daysOf(text) : undefined;
    return days === undefined || Number(text.slice(0, 4)) < FIRST_YEAR_OF_DATES ? MISFIT : days;
}

/** The day that a text begins with. */
function daysOf(text: string): number | undefined {
    if (!/^\d{4}-\d\d-\d\d/.test(text)) {
        return undefined;
    }
    const day = text.slice(0, 10);
    const ms = Date.parse(`${day}T00:00:00Z`);
    // Node.js reads the 30th of February as the 1st of March.
    return Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 10) !== day ? undefined : ms / DAY_MS;
}

const TIME = / ([01]\d|2[0-3]):([0-5]\d):([0-5]\d)(?:\.(\d{0,5}[1-9]))?$/y;

/** Microseconds since 1970 of `2024-02-29 23:59:59.5`. */
function microsOf(text: string): unknown {
    TIME.lastIndex = 10;
    const time = TIME.exec(text);
    const days = time === null ? undefined : daysOf(text);
    if (time === null || days === undefined || Number(text.slice(0, 4)) < FIRST_YEAR_OF_TIMES) {
        return MISFIT;
    }
    const seconds = days * 86_400 + Number(time[1]) * 3_600 + Number(time[2]) * 60 + Number(time[3]);
    return BigInt(seconds) * MICROS + BigInt((time[4] ?? '').padEnd(6, '0'));
}
