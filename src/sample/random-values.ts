import type { RandomSource } from '../core/random-source.ts';

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const BASE36 = '0123456789abcdefghijklmnopqrstuvwxyz';

/** Two digits at once: half the lookups and half the concatenations per value. */
const HEX_PAIRS = pairsOf('0123456789abcdef');
const BASE64_PAIRS = pairsOf(BASE64);
const BASE36_PAIRS = pairsOf(BASE36);

function pairsOf(digits: string): readonly string[] {
    return Array.from(digits).flatMap((first) => Array.from(digits, (second) => first + second));
}

/** A random UUID of version 4 as PostgreSQL prints it, without quotes. */
export function randomUuid(random: RandomSource): string {
    const first = random.word();
    const second = (random.word() & 0xffff0fff) | 0x00004000;
    const third = (random.word() & 0x3fffffff) | 0x80000000;
    const fourth = random.word();
    return `${hex16(first >>> 16)}${hex16(first)}-${hex16(second >>> 16)}-${hex16(second)}-${hex16(third >>> 16)}-${hex16(third)}${hex16(fourth >>> 16)}${hex16(fourth)}`;
}

function hex16(bits: number): string {
    return HEX_PAIRS[(bits >>> 8) & 255]! + HEX_PAIRS[bits & 255]!;
}

/** `pairs` times two characters of the URL-safe base64 alphabet. */
export function randomBase64(random: RandomSource, pairs: number): string {
    let text = '';
    for (let pair = 0; pair < pairs; pair += 2) {
        const bits = random.word();
        text += BASE64_PAIRS[bits & 4095]!;
        if (pair + 1 < pairs) {
            text += BASE64_PAIRS[(bits >>> 12) & 4095]!;
        }
    }
    return text;
}

/** `pairs` times two lower-case letters or digits. */
export function randomBase36(random: RandomSource, pairs: number): string {
    let text = '';
    for (let pair = 0; pair < pairs; pair++) {
        text += BASE36_PAIRS[random.below(1296)]!;
    }
    return text;
}

/** `count` decimal digits, at most 9, with leading zeros. */
export function randomDigits(random: RandomSource, count: number): string {
    return String(random.below(10 ** count)).padStart(count, '0');
}

/** `count` times eight upper-case hexadecimal digits. */
export function randomHexWords(random: RandomSource, count: number): string {
    let text = '';
    for (let index = 0; index < count; index++) {
        const bits = random.word();
        text += hex16(bits >>> 16) + hex16(bits);
    }
    return text.toUpperCase();
}
