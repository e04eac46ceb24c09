import type { SqlValue, StreamChange } from '../../core/stream-event.ts';
import type { KnownShape } from '../shapes.ts';
import type { ColumnRule } from '../values.ts';

/**
 * The row with JavaScript values, in which a boolean that a pipeline keeps as text is `true` or `false`, as wal2json writes
 * it; PostgreSQL's own text is `t` or `f`.
 */
export function spelledOut(row: StreamChange, { shape, rules, oldRules }: KnownShape): StreamChange {
    const { lsn, xid, record, change, offset } = row;
    const values = row.values.map((value, index) => spelled(value, rules[index] as ColumnRule));
    const old = row.old.map((value, index) => spelled(value, oldRules[index] as ColumnRule));
    return { kind: 'change', shape, values, old, scanned: null, lsn, xid, record, change, offset };
}

function spelled(value: SqlValue, { rule, type }: ColumnRule): SqlValue {
    return rule !== 'text' || type !== 'boolean' || value === null ? value : value === 't' ? 'true' : 'false';
}
