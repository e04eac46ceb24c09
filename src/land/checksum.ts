import { crc32 } from 'node:zlib';

/** What a staged row's checksum is made from: the values as they are stored, in the catalogue's order of columns. */
export type StoredValue = null | number | bigint | string;

/** So many bytes are gathered for one call of `crc32`: a call for each row would cost more than what it computes. */
const GATHERED_BYTES = 64 * 1024;
/** A UTF-16 unit is at most three bytes of UTF-8. */
const UNIT_BYTES_MAX = 3;

/**
 * The running CRC-32 of staged rows: of each its op, and of each value that is not null its column's label and its
 * text. So a column added later (null in older rows) leaves old checksums as they are. A number goes in as its text:
 * what SQLite gives back for an INTEGER (as bigint) or REAL has the same text as what was bound. A label that is null
 * leaves its value out.
 */
export class RowChecksum {
    #value: number;
    #length = 0;
    readonly #bytes = Buffer.allocUnsafeSlow(GATHERED_BYTES);

    constructor(value = 0) {
        this.#value = value;
    }

    get value(): number {
        this.#take();
        return this.#value;
    }

    /** Adds one row. */
    add(op: string, labels: readonly (Uint8Array | null)[], values: readonly (StoredValue | undefined)[]): void {
        this.#addText(op);
        for (let index = 0; index < labels.length; index++) {
            const label = labels[index] as Uint8Array | null;
            const value = values[index];
            if (label !== null && value !== null && value !== undefined) {
                this.#addLabel(label);
                this.#addText(typeof value === 'string' ? value : `${value}`);
            }
        }
    }

    #addLabel(label: Uint8Array): void {
        const bytes = this.#bytes;
        if (this.#length + label.length > bytes.length) {
            this.#take();
        }
        for (let index = 0; index < label.length; index++) {
            bytes[this.#length++] = label[index] as number;
        }
    }

    #addText(text: string): void {
        const most = text.length * UNIT_BYTES_MAX;
        if (this.#length + most > GATHERED_BYTES) {
            this.#take();
            if (most > GATHERED_BYTES) {
                this.#value = crc32(text, this.#value);
                return;
            }
        }
        this.#length += this.#bytes.write(text, this.#length);
    }

    /** Takes the gathered bytes in. */
    #take(): void {
        if (this.#length > 0) {
            this.#value = crc32(this.#bytes.subarray(0, this.#length), this.#value);
            this.#length = 0;
        }
    }
}

/** The label of a column in a checksum; a control character keeps it apart from the values before it. */
export function checksumLabel(ordinal: number | string): Uint8Array {
    return Buffer.from(`\u001f${ordinal}\u001e`);
}
