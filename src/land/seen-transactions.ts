import { EltError } from '../core/errors.ts';
import { lsnNumber, lsnText } from '../core/lsn.ts';
import type { Database, Statement } from '../sqlite/database.ts';
import type { StreamTransaction } from './stream-transaction.ts';

/** What knows which source transactions have landed. */
export interface Seen {
    /** Whether it has landed, as far as its beginning tells. */
    has(transaction: StreamTransaction): boolean;
    /** It has landed now; asked for the next one in the same SQLite transaction. */
    add(transaction: StreamTransaction): void;
}

/**
 * Source transactions with a position (`elt_transactions`): one that is sent twice lands once, and an older one that
 * was never seen is refused, because it would land after newer ones.
 */
export class SeenTransactions implements Seen {
    readonly #find: Statement;
    readonly #insert: Statement;
    readonly #loadId: number;
    #newest: bigint;

    constructor(database: Database, loadId: number) {
        this.#loadId = loadId;
        this.#find = database.prepare('select 1 from elt_transactions where position = ? and xid = ?').pluck();
        this.#insert = database.prepare(
            'insert or ignore into elt_transactions (position, xid, load_id) values (?, ?, ?)',
        );
        const newest = database.prepare('select max(position) from elt_transactions').pluck().safeIntegers().get();
        this.#newest = (newest as bigint | null) ?? -1n;
    }

    /** Whether this transaction has landed. Throws `SOURCE_OLDER` for an unknown one that is older than what landed. */
    has(transaction: StreamTransaction): boolean {
        const position = lsnNumber(transaction.position);
        if (position === null || position > this.#newest) {
            return false;
        }
        if (this.#find.get(position, transaction.xid ?? '') !== undefined) {
            return true;
        }
        throw new EltError({
            code: 'SOURCE_OLDER',
            message: `transaction ${transaction.xid ?? ''} at ${transaction.position} is older than what has landed`,
            found: `the newest landed transaction ends at ${lsnText(this.#newest)}`,
            next: 'load the sources in the order of the stream into a new database; or, if this is the stream of another server or the order does not matter, load it with --as-new',
        });
    }

    add(transaction: StreamTransaction): void {
        const position = lsnNumber(transaction.position);
        if (position !== null) {
            this.#insert.run(position, transaction.xid ?? '', this.#loadId);
            if (position > this.#newest) {
                this.#newest = position;
            }
        }
    }
}
