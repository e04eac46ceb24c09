/** Texts of recent seconds: records of one second come together, and formatting a date is expensive. */
const SECONDS_KEPT = 8;
const secondsKept: number[] = new Array(SECONDS_KEPT).fill(-1);
const textsKept: string[] = new Array(SECONDS_KEPT).fill('');

/**
 * A `timestamp` as PostgreSQL prints it (ISO style): `2024-03-01 09:00:00.12345`, the fraction without its trailing
 * zeros and absent when it is zero. `micros` are microseconds since 1970, UTC; whole, from 0 to 2^53.
 */
export function timestampText(micros: number): string {
    const second = Math.floor(micros / 1_000_000);
    const fraction = micros - second * 1_000_000;
    return secondText(second) + fractionText(fraction);
}

/** The same moment as applications write it in JSON documents: `2024-03-01T09:00:00.012345`. */
export function isoTimestampText(micros: number): string {
    return timestampText(micros).replace(' ', 'T');
}

function secondText(second: number): string {
    const slot = second % SECONDS_KEPT;
    if (secondsKept[slot] !== second) {
        secondsKept[slot] = second;
        textsKept[slot] = new Date(second * 1000).toISOString().slice(0, 19).replace('T', ' ');
    }
    return textsKept[slot]!;
}

function fractionText(fraction: number): string {
    if (fraction === 0) {
        return '';
    }
    const digits = String(1_000_000 + fraction).slice(1);
    let length = 6;
    while (digits.charCodeAt(length - 1) === 48) {
        length--;
    }
    return `.${digits.slice(0, length)}`;
}
