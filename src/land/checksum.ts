import { crc32 } from 'node:zlib';

/** What a staged row's checksum is made from: the values as they are stored, in the catalogue's order of columns. */
export type StoredValue = null | number | bigint | string;

/**
 * Adds one staged row to a running CRC-32. Each value that is not null goes in with its column's ordinal, so that a
 * column added later (null in older rows) leaves old checksums as they are. A number goes in as its text: what SQLite
 * gives back for an INTEGER (as bigint) or REAL has the same text as what was bound. A label that is null leaves its
 * value out.
 */
export function addRowToChecksum(
    checksum: number,
    op: string,
    labels: readonly (string | null)[],
    values: readonly (StoredValue | undefined)[],
): number {
    let text = op;
    for (let index = 0; index < labels.length; index++) {
        const label = labels[index];
        const value = values[index];
        if (label !== null && value !== null && value !== undefined) {
            text += `${label}${value}`;
        }
    }
    return crc32(text, checksum);
}

/** The label of a column in a checksum; a control character keeps it apart from the values before it. */
export function checksumLabel(ordinal: number | string): string {
    return `\u001f${ordinal}\u001e`;
}
