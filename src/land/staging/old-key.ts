import type { SqliteType } from '../../core/storage-types.ts';
import type { SqlValue, StreamChange } from '../../core/stream-event.ts';
import { encodeLabel } from '../../sql/quote.ts';

/** An identity column that is both in the old key and in the new row. */
export interface OldPair {
    readonly label: string;
    readonly sqliteType: SqliteType;
    readonly oldAt: number;
    readonly newAt: number;
}

export function oldPair(column: string, sqliteType: SqliteType, oldAt: number, newAt: number): OldPair {
    return { label: JSON.stringify(encodeLabel(column)), sqliteType, oldAt, newAt };
}

/**
 * The identity columns whose old value differs, as a JSON object; null if none does. SQLite's `->>` returns exactly
 * what the column would have stored.
 */
export function oldKeyJson(
    pairs: readonly OldPair[],
    row: Pick<StreamChange, 'values' | 'old' | 'scanned'>,
): string | null {
    let members = '';
    for (const pair of pairs) {
        if (row.scanned?.values.same(row.scanned.oldAt + pair.oldAt, row.scanned.newAt + pair.newAt) === true) {
            continue;
        }
        const before = row.old[pair.oldAt] ?? null;
        if (before !== (row.values[pair.newAt] ?? null)) {
            members += `${members === '' ? '' : ','}${pair.label}:${jsonOf(before, pair.sqliteType)}`;
        }
    }
    return members === '' ? null : `{${members}}`;
}

function jsonOf(value: SqlValue, sqliteType: SqliteType): string {
    if (value === null) {
        return 'null';
    }
    if (typeof value === 'string') {
        // A string for an INTEGER column is the source text of a number above 2^53.
        return sqliteType === 'INTEGER' ? value : JSON.stringify(value);
    }
    // Without a point or an exponent SQLite would read an INTEGER although the column holds a REAL.
    return sqliteType === 'REAL' && Number.isInteger(value) ? Number(value).toFixed(1) : String(value);
}
