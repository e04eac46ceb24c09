import { decimalDigits, type ParquetType } from '../parquet/parquet-type.ts';
import { textOf } from './to-lake-value.ts';

const DAY_MS = 86_400_000;
const MICROS = 1_000_000n;

/**
 * SQLite's value of a value as Parquet stores it: `toLakeValue` the other way round. `isReal`: the column is REAL, so that
 * a decimal is a number there, and not its text.
 */
export function fromLakeValue(type: ParquetType, isReal: boolean): (value: unknown) => unknown {
    const digits = decimalDigits(type);
    const convert = digits === undefined ? OF_TYPE[type as keyof typeof OF_TYPE] : decimalText(digits.scale, isReal);
    return (value) => (value === null ? null : convert(value));
}

const same = (value: unknown): unknown => value;

const OF_TYPE: Readonly<Record<Exclude<ParquetType, `decimal(${number},${number})`>, (value: unknown) => unknown>> = {
    integer: same,
    boolean: (value) => (value === true ? 1n : 0n),
    double: same,
    text: same,
    bytes: (value) => Buffer.from(value as Uint8Array).toString('hex'),
    date: (value) => new Date(Number(value) * DAY_MS).toISOString().slice(0, 10),
    timestamp: (value) => timeText(value as bigint),
    timestamptz: (value) => `${timeText(value as bigint)}+00`,
};

function decimalText(scale: number, isReal: boolean): (value: unknown) => unknown {
    return (value) => {
        const text = textOf(value as bigint, scale);
        return isReal ? Number(text) : text;
    };
}

/** `2024-02-29 23:59:59.5` */
function timeText(micros: bigint): string {
    const fraction = ((micros % MICROS) + MICROS) % MICROS;
    const whole = new Date(Number((micros - fraction) / 1_000n)).toISOString();
    const digits = String(fraction).padStart(6, '0').replace(/0+$/, '');
    return `${whole.slice(0, 10)} ${whole.slice(11, 19)}${digits === '' ? '' : `.${digits}`}`;
}
