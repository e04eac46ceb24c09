import { RowChecksum, type StoredValue } from './checksum.ts';

/** What one load has put into one staging table so far. */
export class StagedCount {
    rows: number;
    readonly #checksum: RowChecksum;

    constructor(before: { readonly rows: number; readonly checksum: number } = { rows: 0, checksum: 0 }) {
        this.rows = before.rows;
        this.#checksum = new RowChecksum(before.checksum);
    }

    get checksum(): number {
        return this.#checksum.value;
    }

    add(op: string, labels: readonly (Uint8Array | null)[], values: readonly (StoredValue | undefined)[]): void {
        this.rows++;
        this.#checksum.add(op, labels, values);
    }
}
