import type { EmitEvent } from '../../core/stream-event.ts';
import type { TopicRecord } from '../../core/topic-record.ts';
import { emitChange, type Field } from '../keyed-change.ts';
import { Refusal } from '../refusal.ts';
import { type DeclaredType, Shapes } from '../shapes.ts';
import { rejectedMessage } from '../topic-decoder.ts';
import { type Envelope, isUnavailable, OPS } from './envelope.ts';

/**
 * Makes changes of Debezium's envelopes. The message's key names the row, where the table has one: what `before` holds
 * of a delete besides the key depends on the table's replica identity and is no key.
 */
export class EnvelopeDecoder {
    readonly #declared: DeclaredType;
    readonly #shapes: Shapes;

    constructor(declared: DeclaredType = () => undefined) {
        this.#declared = declared;
        this.#shapes = new Shapes(declared);
    }

    /** `key`: null where the table has none. */
    decode(record: TopicRecord, envelope: Envelope, key: readonly Field[] | null, emit: EmitEvent): void {
        const { op, schema, table } = envelope;
        try {
            if (!OPS.has(op)) {
                throw new Refusal('unknown-action', `an envelope with the op "${op}"`);
            }
            if (op === 'm') {
                this.#message(record, envelope, emit);
            } else {
                this.#change(record, envelope, key, emit);
            }
        } catch (error) {
            if (!(error instanceof Refusal)) {
                throw error;
            }
            emit(rejectedMessage(record, error.reason, error.message, `${schema}.${table}`));
        }
    }

    #change({ offset: record }: TopicRecord, envelope: Envelope, key: readonly Field[] | null, emit: EmitEvent): void {
        const { op, schema, table, xid } = envelope;
        const place = { schema, table, xid, record, primaryKey: key === null ? null : key.map(({ name }) => name) };
        const before = (envelope.before ?? []).filter((field) => !isUnavailable(field));
        const old = key ?? before;
        if (op === 't') {
            emitChange(this.#shapes, this.#declared, { ...place, op: 'truncate', fields: [], old: [] }, emit);
            return;
        }
        if (op === 'd') {
            if (old.length === 0) {
                throw new Refusal('no-key', 'a delete names no row: neither a key nor the row before');
            }
            emitChange(this.#shapes, this.#declared, { ...place, op: 'delete', fields: [], old }, emit);
            return;
        }
        if (envelope.after === null) {
            throw new Refusal('missing-field', `the member "after" is missing in an envelope with the op "${op}"`);
        }
        const isUpdate = op === 'u';
        const fields = envelope.after.filter((field) => !isUnavailable(field));
        const change = { ...place, op: isUpdate ? 'update' : 'insert', fields, old: isUpdate ? old : [] } as const;
        emitChange(this.#shapes, this.#declared, change, emit);
    }

    #message({ offset: record }: TopicRecord, { message, xid }: Envelope, emit: EmitEvent): void {
        if (message === null) {
            throw new Refusal('missing-field', 'the member "message" is missing in an envelope with the op "m"');
        }
        const { prefix, content } = message;
        const text = content.toString('utf8');
        const isText = Buffer.from(text).equals(content);
        const place = { lsn: null, xid, record, change: 1, offset: 0 };
        emit({ kind: 'message', prefix, content: isText ? text : content, transactional: xid !== null, ...place });
    }
}
