import { EltError } from '../../core/errors.ts';

const LOOKED_AT_BYTES = 1024;

/** What a server answers, or a program saves, under a name that ends in `.csv`; each could be read as a header. */
const OTHERS: readonly (readonly [RegExp, string])[] = [
    [/^(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|head|body|script|\?xml)\b/i, 'a web page'],
    [/^%PDF-/, 'a PDF document'],
    [/\0/, 'zero bytes, as in a binary file'],
];

/** @throws EltError SOURCE_NOT_CSV if the source that begins so is another kind of file. */
export function refuseOtherFile(bytes: Buffer, source: string): void {
    const text = bytes.toString('latin1', 0, LOOKED_AT_BYTES);
    const found = OTHERS.find(([pattern]) => pattern.test(text))?.[1];
    if (found !== undefined) {
        throw new EltError({
            code: 'SOURCE_NOT_CSV',
            message: `cannot read "${source}": it is not CSV`,
            where: `${source} (byte 0)`,
            found: `${found}; expected a line of names, then rows`,
            state: 'nothing of it was landed',
            next: 'look at the file: perhaps the server answered with an error',
        });
    }
}
