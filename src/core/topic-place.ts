import { ZERO } from './ascii.ts';

/** Of a safe integer. */
const DIGITS_MAX = 16;

/** Where a message lies: its text is the one and then the other, in decimal digits. */
export interface TopicPlace {
    /** ASCII: `topic/partition@`. */
    readonly before: string;
    readonly offset: number;
}

export function topicPlaceText({ before, offset }: TopicPlace): string {
    return before + offset;
}

/** Bytes of that text, at most. */
export function topicPlaceBytesMax({ before }: TopicPlace): number {
    return before.length + DIGITS_MAX;
}

/** Writes the same text into `bytes` from `start` on; gives the index after it. */
export function writeTopicPlace(bytes: Uint8Array, start: number, { before, offset }: TopicPlace): number {
    let at = start;
    for (let index = 0; index < before.length; index++) {
        bytes[at++] = before.charCodeAt(index);
    }
    let end = at + 1;
    for (let rest = offset; rest >= 10; rest = Math.floor(rest / 10)) {
        end++;
    }
    let left = offset;
    for (let digit = end - 1; digit >= at; digit--) {
        const higher = Math.floor(left / 10);
        bytes[digit] = ZERO + (left - 10 * higher);
        left = higher;
    }
    return end;
}
