import { EltError } from '../../core/errors.ts';

/** What people give instead, and how they unpack it. */
const NOT_READ: readonly { readonly magic: readonly number[]; readonly what: string; readonly unpack: string }[] = [
    { magic: [0x50, 0x4b, 0x03, 0x04], what: 'a zip archive (or a spreadsheet)', unpack: 'unzip -p' },
    { magic: [0x50, 0x4b, 0x05, 0x06], what: 'an empty zip archive', unpack: 'unzip -p' },
    { magic: [0xfd, 0x37, 0x7a, 0x58], what: 'compressed with xz', unpack: 'xz -dc' },
    { magic: [0x42, 0x5a, 0x68, 0x39], what: 'compressed with bzip2', unpack: 'bzip2 -dc' },
];

/** @throws EltError SOURCE_COMPRESSION for a source that begins so, with the command that unpacks it. */
export function refuseOtherPacking(first: Buffer, name: string): void {
    const notRead = NOT_READ.find(({ magic }) => magic.every((byte, index) => first[index] === byte));
    if (notRead !== undefined) {
        throw new EltError({
            code: 'SOURCE_COMPRESSION',
            message: `cannot read "${name}"`,
            where: `${name} (byte 0)`,
            found: `${notRead.what}; expected gzip, zstd, or text that is not packed`,
            next: `run: ${notRead.unpack} ${name} | elt load -`,
        });
    }
}
