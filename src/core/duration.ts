const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;

/** The form of a duration, for errors. */
export const DURATION_FORM = 'a whole number with its unit: 500ms, 60s, 2m';

/** `500ms`, `60s`, `2m`, `1h` in milliseconds; null: not a duration. */
export function parseDuration(text: string): number | null {
    const match = /^(\d{1,9})(ms|s|m|h)$/.exec(text);
    return match === null ? null : Number(match[1]) * UNIT_MS[match[2] as keyof typeof UNIT_MS];
}

/** `500 ms`, `60 s`: for people. */
export function durationText(milliseconds: number): string {
    return milliseconds >= 1_000 && milliseconds % 1_000 === 0 ? `${milliseconds / 1_000} s` : `${milliseconds} ms`;
}
