import { isAnyLanded } from '../ledger/loads.ts';
import { type Database, useRollbackJournal } from '../sqlite/database.ts';

/** From here on two changes of the journal mode, 10 ms, cost less than they save. */
const LARGE_LOAD_BYTES = 16 * 1024 * 1024;

/**
 * A large first load writes each page once; the caller returns to SQLite WAL after it. `sizes`: bytes of its parts; null: a
 * pipe, which may hold as much.
 */
export function useFirstLoadJournal(database: Database, sizes: readonly (number | null)[]): void {
    const bytes = sizes.reduce<number>((sum, size) => sum + (size ?? LARGE_LOAD_BYTES), 0);
    if (bytes >= LARGE_LOAD_BYTES && !isAnyLanded(database)) {
        useRollbackJournal(database);
    }
}
