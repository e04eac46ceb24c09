import { EltError } from '../core/errors.ts';

/** The name that Hive, Spark, DuckDB and Arrow read as null. */
const NULL_PARTITION = '__HIVE_DEFAULT_PARTITION__';
const NAME_BYTES_MAX = 240;

/**
 * The folder of a partition, as Hive names it: `transaction_type=PurchaseActivity`. Characters that a path cannot
 * contain, or that Hive escapes, are percent-encoded; null and the empty text, which a path cannot distinguish, share
 * a folder.
 * @throws EltError COMMAND_WRONG for a value that is too long for a file system.
 */
export function partitionFolder(column: string, value: unknown): string {
    const escaped = value === null || value === '' ? NULL_PARTITION : pathText(valueText(value));
    // A text equal to the marker for null must not be read as null.
    const text = value === NULL_PARTITION ? NULL_PARTITION.replace('_', '%5F') : escaped;
    const folder = `${pathText(column)}=${text}`;
    if (Buffer.byteLength(folder) > NAME_BYTES_MAX) {
        throw new EltError({
            code: 'COMMAND_WRONG',
            message: `"${column}" cannot partition an export: a value is too long for the name of a folder`,
            found: `${Buffer.byteLength(folder)} bytes: ${folder.slice(0, 60)}…; at most ${NAME_BYTES_MAX} fit`,
            next: 'partition by another column',
        });
    }
    return folder;
}

/** A name encoded so that a path can contain it. */
export function pathText(text: string): string {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is encoded
    return text.replace(/[\u0000-\u001f\u007f"#%'*/:=?\\{[\]^<>|]|^\.+/g, (characters) =>
        [...Buffer.from(characters)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''),
    );
}

function valueText(value: unknown): string {
    return Buffer.isBuffer(value) ? value.toString('hex') : String(value);
}
