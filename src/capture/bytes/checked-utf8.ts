import { isUtf8 } from 'node:buffer';

import { EltError } from '../../core/errors.ts';

/**
 * Passes `chunks` on, cut so that every chunk holds whole characters, all of them UTF-8.
 * @throws EltError SOURCE_NOT_UTF8 with the offset of the first wrong byte; the bytes before it have been passed on.
 */
export async function* checkedUtf8(chunks: AsyncIterable<Buffer>, name: string): AsyncGenerator<Buffer> {
    /** The beginning of a character that has not ended yet. */
    let begun = Buffer.alloc(0);
    let offset = 0;
    let isFirst = true;
    for await (const next of chunks) {
        let chunk = next;
        if (begun.length > 0) {
            const missing = Math.min(characterLength(begun[0] as number) - begun.length, chunk.length);
            begun = Buffer.concat([begun, chunk.subarray(0, missing)]);
            chunk = chunk.subarray(missing);
            if (begun.length < characterLength(begun[0] as number) && isPrefix(begun)) {
                continue;
            }
            if (!isUtf8(begun)) {
                throw notUtf8(begun, 0, offset, name);
            }
            yield begun;
            offset += begun.length;
            begun = Buffer.alloc(0);
        }
        if (isFirst) {
            refuseUtf16(chunk, name);
        }
        isFirst = false;
        const whole = chunk.length - begunAtEnd(chunk);
        const bytes = chunk.subarray(0, whole);
        if (!isUtf8(bytes)) {
            const bad = firstBadByte(bytes);
            if (bad > 0) {
                yield bytes.subarray(0, bad);
            }
            throw notUtf8(bytes, bad, offset + bad, name);
        }
        begun = Buffer.from(chunk.subarray(whole));
        if (whole > 0) {
            yield bytes;
        }
        offset += whole;
    }
    if (begun.length > 0) {
        throw notUtf8(begun, 0, offset, name);
    }
}

/** Number of bytes of the character that begins with `lead`; 1 for a byte that cannot begin one. */
function characterLength(lead: number): number {
    if (lead >= 0xc2 && lead < 0xe0) {
        return 2;
    }
    if (lead >= 0xe0 && lead < 0xf0) {
        return 3;
    }
    return lead >= 0xf0 && lead < 0xf5 ? 4 : 1;
}

/** Number of bytes at the end of `chunk` that begin a character without ending it. */
function begunAtEnd(chunk: Buffer): number {
    for (let count = 1; count <= 3 && count <= chunk.length; count++) {
        const byte = chunk[chunk.length - count] as number;
        if (byte < 0x80) {
            return 0;
        }
        if (byte >= 0xc0) {
            return characterLength(byte) > count ? count : 0;
        }
    }
    return 0;
}

/** Whether the bytes after the lead can continue the character. */
function isPrefix(bytes: Buffer): boolean {
    return bytes.subarray(1).every((byte) => (byte & 0xc0) === 0x80);
}

/** Where the first ill-formed sequence begins: found by bisection, then character by character. */
function firstBadByte(bytes: Buffer): number {
    let good = 0;
    for (let size = bytes.length; size >= 8; size = Math.floor(size / 2)) {
        let end = Math.min(good + size, bytes.length);
        end -= begunAtEnd(bytes.subarray(good, end));
        if (isUtf8(bytes.subarray(good, end))) {
            good = end;
        }
    }
    while (good < bytes.length) {
        const end = good + characterLength(bytes[good] as number);
        if (!isUtf8(bytes.subarray(good, end))) {
            break;
        }
        good = end;
    }
    return good;
}

function refuseUtf16(first: Buffer, name: string): void {
    const nul = first.subarray(0, 4).indexOf(0);
    if (nul === -1) {
        return;
    }
    throw new EltError({
        code: 'SOURCE_NOT_UTF8',
        message: `cannot read "${name}": it is not UTF-8`,
        where: `${name} (byte ${nul})`,
        found: 'a zero byte, as in UTF-16 or UTF-32; expected UTF-8',
        next: `run: iconv -f UTF-16 -t UTF-8 ${name} | elt load -`,
    });
}

function notUtf8(bytes: Buffer, at: number, offset: number, name: string): EltError {
    const marks = bytes[at] === 0xff || bytes[at] === 0xfe;
    const shown = bytes
        .subarray(at, at + 4)
        .toString('hex')
        .replace(/..(?=.)/g, '$& ');
    return new EltError({
        code: 'SOURCE_NOT_UTF8',
        message: `cannot read "${name}" further: it is not UTF-8`,
        where: `${name} (byte ${offset})`,
        found: `the bytes ${shown}${marks && offset === 0 ? ', the mark of UTF-16' : ''}; expected UTF-8`,
        next:
            marks && offset === 0
                ? `run: iconv -f UTF-16 -t UTF-8 ${name} | elt load -`
                : 'repair that place, then run the same command again',
    });
}
