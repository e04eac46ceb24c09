import { isUtf8 } from 'node:buffer';

import { EltError } from '../../core/errors.ts';

/** A place of a source that is not UTF-8, and the bytes from there on that are shown. */
interface BadPlace {
    readonly at: number;
    readonly bytes: Buffer;
}

const SHOWN_BYTES = 4;

/**
 * Where the bytes of a source are not UTF-8. A source is read to its end all the same: of the frame that such a place
 * lies in depends whether it can be kept as bytes, or the source cannot be read further.
 *
 * Owns the beginning of a character that the last chunk has cut.
 */
export class Utf8Check {
    readonly #name: string;
    /** Place of the next byte. */
    #offset: number;
    #begun: Buffer = Buffer.alloc(0);
    #bad: BadPlace[] = [];

    /** `offset`: the place of the first byte that will be taken. */
    constructor(name: string, offset = 0) {
        this.#name = name;
        this.#offset = offset;
    }

    /** Place of the first byte that is not UTF-8 and was not passed; null: there is none. */
    get firstBad(): number | null {
        return this.#bad[0]?.at ?? null;
    }

    /** @throws EltError SOURCE_NOT_UTF8 for UTF-16, which is no stream of single bytes at all. */
    take(chunk: Buffer): void {
        if (this.#offset === 0) {
            refuseUtf16(chunk, this.#name);
        }
        let from = 0;
        if (this.#begun.length > 0) {
            from = this.#finishCharacter(chunk);
            if (this.#begun.length > 0) {
                this.#offset += chunk.length;
                return;
            }
        }
        const end = chunk.length - begunAtEnd(chunk.subarray(from));
        if (!isUtf8(from === 0 && end === chunk.length ? chunk : chunk.subarray(from, end))) {
            this.#findBad(chunk, from, end);
        }
        this.#begun = end === chunk.length ? NOTHING : Buffer.from(chunk.subarray(end));
        this.#offset += chunk.length;
    }

    /** The source has ended: a character that has only begun is none. */
    end(): void {
        if (this.#begun.length > 0) {
            this.#bad.push({ at: this.#offset - this.#begun.length, bytes: this.#begun });
            this.#begun = NOTHING;
        }
    }

    /** Places before `offset` were taken care of. */
    pass(offset: number): void {
        this.#bad = this.#bad.filter(({ at }) => at >= offset);
    }

    /** Why the source cannot be read further. */
    error(): EltError {
        return notUtf8(this.#bad[0] as BadPlace, this.#name);
    }

    /** Completes the character that has begun; returns how many bytes of the chunk belong to it. */
    #finishCharacter(chunk: Buffer): number {
        const begun = this.#begun;
        const missing = Math.min(characterLength(begun[0] as number) - begun.length, chunk.length);
        const character = Buffer.concat([begun, chunk.subarray(0, missing)]);
        this.#begun = NOTHING;
        if (isUtf8(character)) {
            return missing;
        }
        if (character.length < characterLength(begun[0] as number) && begunAtEnd(character) === character.length) {
            this.#begun = character;
            return missing;
        }
        this.#bad.push({ at: this.#offset - begun.length, bytes: character });
        return 0;
    }

    #findBad(chunk: Buffer, from: number, end: number): void {
        for (let index = from; index < end; ) {
            const length = characterLength(chunk[index] as number);
            if (length === 1 ? (chunk[index] as number) < 0x80 : isUtf8(chunk.subarray(index, index + length))) {
                index += length;
            } else {
                this.#bad.push({
                    at: this.#offset + index,
                    bytes: Buffer.from(chunk.subarray(index, index + SHOWN_BYTES)),
                });
                index++;
            }
        }
    }
}

const NOTHING = Buffer.alloc(0);

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

function notUtf8({ at, bytes }: BadPlace, name: string): EltError {
    const marks = at === 0 && (bytes[0] === 0xff || bytes[0] === 0xfe);
    const shown = bytes.toString('hex').replace(/..(?=.)/g, '$& ');
    return new EltError({
        code: 'SOURCE_NOT_UTF8',
        message: `cannot read "${name}" further: it is not UTF-8`,
        where: `${name} (byte ${at})`,
        found: `the bytes ${shown}${marks ? ', the mark of UTF-16' : ''}; expected UTF-8`,
        next: marks
            ? `run: iconv -f UTF-16 -t UTF-8 ${name} | elt load -`
            : 'repair that place, then run the same command again',
    });
}
