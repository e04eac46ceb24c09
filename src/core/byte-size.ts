const UNIT_BYTES = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 } as const;

/** The form of a size, for errors. */
export const SIZE_FORM = 'a whole number with its unit: 512KiB, 64MiB';

/** `512KiB`, `64MiB` in bytes; null: not a size. */
export function parseSize(text: string): number | null {
    const match = /^([1-9]\d{0,8})(B|KiB|MiB|GiB)$/.exec(text);
    return match === null ? null : Number(match[1]) * UNIT_BYTES[match[2] as keyof typeof UNIT_BYTES];
}
