import type { RecordBatch } from './record-batches.ts';

/** A transaction of a producer that was given up, as a broker names it with what it gives. */
export interface AbortedTransaction {
    readonly producerId: bigint;
    readonly firstOffset: number;
}

/** The type of the end of a transaction, in the key of its one record: 0 given up, 1 committed. */
const ABORT = 0;

/**
 * The batches whose messages count, in order; a batch that does not still moves the offset on. With `read_committed` a
 * broker gives everything before the first transaction that is open, and names those that were given up: leaving their
 * messages out is the client's. What the client library leaves out is wrong where a producer gives up twice, or where
 * one transaction spans several fetches (test/capture/kafka/aborted.test.ts).
 *
 * The broker names each time all that overlap what it gives, so nothing need be kept from one fetch to the next.
 */
export function* committedBatches(
    batches: Iterable<RecordBatch>,
    aborted: readonly AbortedTransaction[],
): Generator<{ readonly batch: RecordBatch; readonly counts: boolean }> {
    const waiting = aborted.toSorted((left, right) => left.firstOffset - right.firstOffset);
    const givenUp = new Set<bigint>();
    for (const batch of batches) {
        while (waiting[0] !== undefined && waiting[0].firstOffset <= batch.lastOffset) {
            givenUp.add((waiting.shift() as AbortedTransaction).producerId);
        }
        if (batch.isControl) {
            if (isAbort(batch)) {
                givenUp.delete(batch.producerId);
            }
            yield { batch, counts: false };
        } else {
            yield { batch, counts: !(batch.isTransactional && givenUp.has(batch.producerId)) };
        }
    }
}

function isAbort(batch: RecordBatch): boolean {
    const [record] = batch.records();
    return record !== undefined && record.keyStart >= 0 && record.source.readInt16BE(record.keyStart + 2) === ABORT;
}
