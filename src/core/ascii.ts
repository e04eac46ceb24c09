/** The bytes that JSON and CSV are made of. */
export const TAB = 0x09;
export const LINE_FEED = 0x0a;
export const RETURN = 0x0d;
export const SPACE = 0x20;
export const QUOTE = 0x22;
export const PLUS = 0x2b;
export const COMMA = 0x2c;
export const MINUS = 0x2d;
export const POINT = 0x2e;
export const ZERO = 0x30;
export const NINE = 0x39;
export const COLON = 0x3a;
export const OPEN_ARRAY = 0x5b;
export const BACKSLASH = 0x5c;
export const CLOSE_ARRAY = 0x5d;
export const LOWER_E = 0x65;
export const LOWER_F = 0x66;
export const LOWER_N = 0x6e;
export const LOWER_T = 0x74;
export const LOWER_U = 0x75;
export const OPEN_OBJECT = 0x7b;
export const CLOSE_OBJECT = 0x7d;

/** White space of JSON. */
export function isSpace(byte: number): boolean {
    return byte === SPACE || byte === LINE_FEED || byte === RETURN || byte === TAB;
}

/** How many carriage returns a chunk ends with. */
export function returnsAtEnd(chunk: Buffer): number {
    let count = 0;
    while (chunk[chunk.length - 1 - count] === RETURN) {
        count++;
    }
    return count;
}
