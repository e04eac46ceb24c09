import type { Field } from '../keyed-change.ts';

/** What a message of Debezium's says, whatever it was written in. */
export interface Envelope {
    /** `c` created, `r` read by a snapshot, `u` updated, `d` deleted, `t` emptied, `m` a logical message. */
    readonly op: string;
    readonly schema: string;
    readonly table: string;
    /** Null: not given. Of a delete without REPLICA IDENTITY FULL only the key's members are the row's. */
    readonly before: readonly Field[] | null;
    readonly after: readonly Field[] | null;
    readonly xid: string | null;
    /** Of a logical message. */
    readonly message: { readonly prefix: string; readonly content: Buffer } | null;
}

export const OPS = new Set(['c', 'r', 'u', 'd', 't', 'm']);

/** What stands for a value that PostgreSQL has not sent because it has not changed (TOAST). */
const UNAVAILABLE = '__debezium_unavailable_value';
const UNAVAILABLE_BASE64 = Buffer.from(UNAVAILABLE).toString('base64');
const UNAVAILABLE_LIST = JSON.stringify([UNAVAILABLE]);
const UNAVAILABLE_TEXT = JSON.stringify(UNAVAILABLE);

/** Whether the value is not there: the column is unchanged. */
export function isUnavailable({ raw, type }: Field): boolean {
    if (typeof raw === 'string') {
        return raw === UNAVAILABLE || (type.kind === 'bytes' && raw === UNAVAILABLE_BASE64);
    }
    if (Buffer.isBuffer(raw)) {
        return raw.toString('latin1') === UNAVAILABLE;
    }
    return (
        typeof raw === 'object' &&
        raw !== null &&
        'json' in raw &&
        [UNAVAILABLE_LIST, UNAVAILABLE_TEXT].includes(raw.json.replace(/\s/g, ''))
    );
}
