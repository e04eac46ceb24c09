import { lsnNumber } from '../../core/lsn.ts';
import type { Seen } from '../../land/seen-transactions.ts';
import type { StreamTransaction } from '../../land/stream-transaction.ts';

/**
 * What has landed of a slot: everything that was committed before a place. A transaction begins by telling where its
 * commit begins, and ends by telling where that ends; the next commit may begin there.
 */
export class PlaceSeen implements Seen {
    #end: bigint;

    constructor(place: string | null) {
        this.#end = lsnNumber(place) ?? 0n;
    }

    has({ position }: StreamTransaction): boolean {
        return (lsnNumber(position) ?? 0n) < this.#end;
    }

    add({ position }: StreamTransaction): void {
        this.#end = lsnNumber(position) ?? this.#end;
    }
}
