import type { RandomSource } from '../../core/random-source.ts';
import { timestampText } from '../../core/timestamp-text.ts';
import { editRow, newKey, toastedColumns } from './edits.ts';
import { type LiveRow, LiveRows } from './live-rows.ts';
import { FIRST_MICROS, paymentsRows } from './rows.ts';
import {
    boundaryLine,
    type ChangeText,
    changeLine,
    deleteText,
    insertText,
    type TransactionStamp,
    updateText,
} from './write-format2.ts';

const FIRST_LSN = 0x1_6b37_4a28;
const FIRST_XID = 90_210;
/** With fewer rows than this there are only inserts: a history begins with them. */
const LIVE_ROWS_LEAST = 8;

/**
 * A history of source transactions over the four tables in wal2json's format 2, with `changes` lines of `I`, `U` and
 * `D` in all, and a `B` and `C` around each transaction (one of a hundred is empty).
 *
 * Of 100 changes about 58 are inserts, 30 updates, 3 key changes and 9 deletes; a third of the deleted rows are
 * inserted again at once with the same key. Only existing rows are updated or deleted. As in PostgreSQL, rows may keep
 * long documents out of line, and updates leave those out, also when the key changes; positions of rows repeat and run
 * backwards between transactions, positions of commits ascend. Memory: a bounded window of rows and one transaction.
 */
export function* paymentsChanges(random: RandomSource, changes: number): Generator<string, void> {
    const history = new PaymentsHistory(random);
    let left = changes;
    while (left > 0) {
        const size = Math.min(left, drawTransactionSize(random));
        yield* history.transaction(size);
        left -= size;
    }
}

/** Mostly a few changes; sometimes none, or the many of a batch job. */
function drawTransactionSize(random: RandomSource): number {
    const draw = random.below(100);
    if (draw === 0) {
        return 0;
    }
    return draw < 97 ? 1 + random.below(4) : 20 + random.below(60);
}

/** The state of the source database that later transactions need: the rows to change, and the clocks. */
class PaymentsHistory {
    readonly #random: RandomSource;
    readonly #live: LiveRows;
    readonly #inserts: ReturnType<typeof paymentsRows>;
    #micros = FIRST_MICROS;
    #xid = FIRST_XID;
    #beginLsn = FIRST_LSN;
    #endLsn = FIRST_LSN;

    constructor(random: RandomSource) {
        this.#random = random;
        this.#live = new LiveRows(random);
        this.#inserts = paymentsRows(random);
    }

    /** The lines of a transaction with exactly `size` changes. */
    transaction(size: number): readonly string[] {
        const changes: ChangeText[] = [];
        while (changes.length < size) {
            changes.push(...this.#nextChanges(size - changes.length));
        }
        return this.#commit(changes);
    }

    /** One change, or two that belong together if there is room for two. */
    #nextChanges(room: number): readonly ChangeText[] {
        const draw = this.#random.below(100);
        if (draw < 57 || this.#live.size < LIVE_ROWS_LEAST) {
            return [this.#insert()];
        }
        if (draw < 88) {
            return [this.#update()];
        }
        if (draw < 91) {
            return [this.#changeKey()];
        }
        return draw < 95 && room >= 2 ? this.#deleteAndInsert() : [deleteText(this.#live.take())];
    }

    #insert(): ChangeText {
        const { table, values, micros } = this.#inserts.next().value;
        this.#micros = Math.max(this.#micros, micros);
        return this.#insertLive({ table, values: [...values], toasted: toastedColumns(values, this.#random) });
    }

    #insertLive(row: LiveRow): ChangeText {
        this.#live.add(row);
        return insertText(row);
    }

    #update(): ChangeText {
        const row = this.#live.pick();
        editRow(row, this.#random, this.#micros, this.#live);
        return updateText(row, row.values[0]!);
    }

    #changeKey(): ChangeText {
        const row = this.#live.pick();
        const oldKey = row.values[0]!;
        row.values[0] = newKey(row.table, this.#random);
        return updateText(row, oldKey);
    }

    /** The row is deleted and inserted again with the same key, in one transaction, with one edit. */
    #deleteAndInsert(): readonly ChangeText[] {
        const row = this.#live.take();
        const deleted = deleteText(row);
        editRow(row, this.#random, this.#micros, this.#live);
        return [deleted, this.#insertLive(row)];
    }

    #commit(changes: readonly ChangeText[]): readonly string[] {
        // One transaction of six began before the one ahead of it had committed.
        const overlaps = this.#random.below(6) === 0;
        this.#micros += 100 + this.#random.below(900);
        this.#xid += 2;
        const stamp: TransactionStamp = {
            xid: this.#xid - (overlaps ? 3 : 0),
            timestamp: `${timestampText(this.#micros)}+00`,
        };
        let lsn = overlaps ? this.#beginLsn : this.#endLsn;
        this.#beginLsn = lsn;
        const lines = changes.map((change) => {
            const line = changeLine(change, stamp, lsn);
            lsn += 56 + 8 * this.#random.below(160);
            return line;
        });
        const commitLsn = Math.max(lsn, this.#endLsn);
        this.#endLsn = commitLsn + 48;
        return [
            boundaryLine('B', stamp, commitLsn, this.#endLsn),
            ...lines,
            boundaryLine('C', stamp, commitLsn, this.#endLsn),
        ];
    }
}
