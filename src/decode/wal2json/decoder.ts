import type { BadFrame, BeginFrame, ChangeFrame, EndFrame, Frame, RecordFrame, Skeleton } from '../../core/frame.ts';
import { rejectedBytes } from '../../core/rejected-bytes.ts';
import type { EmitEvent } from '../../core/stream-event.ts';
import { asObject, asOptionalText, type JsonObject } from '../json-checks.ts';
import { Refusal } from '../refusal.ts';
import { ScannedRow } from '../scanned-row.ts';
import { type DeclaredType, Shapes } from '../shapes.ts';
import { byteMessage, bytesOf, isMessage } from './byte-message.ts';
import { hasDefaults } from './defaults.ts';
import { format1Row, format1Scanned, messageOf, type Row } from './format1.ts';
import { format2Row, format2Scanned, isRowAction, membersOf } from './format2.ts';
import { KnownSkeletons } from './known-skeletons.ts';
import { headText, parseObject, parseRepaired, relationOf, tailText, textOf, unknownRecord } from './record-text.ts';
import {
    type ChangePlace,
    format1Members,
    format2Members,
    NO_TRANSACTION,
    type RecordPlace,
    type Transaction,
    tornTransaction,
} from './transaction.ts';

export interface DecoderOptions {
    /** Columns that the pipeline keeps as text, whatever their type. */
    readonly declared?: DeclaredType;
}

/**
 * Decodes the frames of wal2json streams, formats 1 and 2 with any options, recognised record by record. A change (or
 * record) that cannot be decoded becomes a reject; nothing is dropped.
 *
 * Owns the current transaction and the known shapes. Between two records of format 1, and in format 2 where no
 * transaction is open, it has no other state, so a new decoder can resume there.
 */
export class Decoder {
    readonly #shapes: Shapes;
    readonly #skeletons: KnownSkeletons;
    /** Format 1: the current record; null: its head cannot be read. */
    #head: Transaction | null = NO_TRANSACTION;
    /** Format 2: the current transaction. */
    #transaction: Transaction | null = null;

    constructor(options: DecoderOptions = {}) {
        this.#shapes = new Shapes(options.declared ?? (() => undefined));
        this.#skeletons = new KnownSkeletons(this.#shapes);
    }

    decode(frame: Frame, emit: EmitEvent): void {
        if (frame.kind === 'change') {
            this.#change(frame, emit);
        } else if (frame.kind === 'begin') {
            this.#begin(frame, emit);
        } else if (frame.kind === 'end') {
            this.#end(frame, emit);
        } else if (frame.kind === 'record') {
            this.#record(frame, emit);
        } else if (frame.kind === 'batch') {
            emit({ kind: 'batch', batch: frame.batch, offset: frame.offset });
        } else if (!this.#repaired(frame, emit)) {
            this.#reject(frame, emit);
        }
    }

    /** Decodes a frame that is not UTF-8: a message is kept as bytes, or put aside; false for all else. */
    decodeBytes(frame: Frame, emit: EmitEvent): boolean {
        if (frame.kind === 'bad' && isMessage(frame.reject.bytes)) {
            this.#reject(frame, emit);
            return true;
        }
        if ((frame.kind !== 'change' && frame.kind !== 'record') || !isMessage(bytesOf(frame))) {
            return false;
        }
        const isChange = frame.kind === 'change';
        try {
            const place = { lsn: null, xid: this.#head?.xid ?? null };
            emit(byteMessage(frame, (members) => (isChange ? place : this.#placeOf(members))));
        } catch (error) {
            this.#refuse(frame, error, emit);
        }
        if (!isChange) {
            this.#recordEnd(frame.record, frame.offset + frame.end - frame.start, emit);
        }
        return true;
    }

    #begin(frame: BeginFrame, emit: EmitEvent): void {
        const { record, offset } = frame;
        this.#endTorn(record, offset, emit);
        try {
            const isBare = frame.end - frame.start === 1;
            const members = isBare ? {} : parseObject(headText(textOf(frame)));
            const { xid, position, committedAt } = format1Members(members, NO_TRANSACTION);
            this.#head = { xid, position, committedAt, record, offset };
            emit({ kind: 'begin', xid, position, committedAt, record, offset, streamed: frame.streamed });
        } catch (error) {
            this.#head = null;
            this.#refuse(frame, error, emit);
        }
    }

    #change(frame: ChangeFrame, emit: EmitEvent): void {
        const head = this.#head;
        const { record, change, offset } = frame;
        try {
            if (head === null) {
                throw new Refusal('record-unreadable', 'the head of the record cannot be read');
            }
            const place = { lsn: null, xid: head.xid, record, change, offset };
            const known = frame.skeleton === null ? 'unknown' : this.#skeletons.change(frame.skeleton);
            const scanned = known === 'unknown' ? null : format1Scanned(known, frame);
            if (known !== 'unknown' && scanned !== null) {
                emit(new ScannedRow(known, scanned, place));
            } else {
                this.#changeText(textOf(frame), place, emit);
            }
        } catch (error) {
            this.#refuse(frame, error, emit);
        }
    }

    #changeText(written: string, place: ChangePlace, emit: EmitEvent): void {
        const [text, json] = parseRepaired(written);
        const object = asObject(json, 'the change');
        if (object.kind === 'message') {
            emit({ kind: 'message', ...messageOf(object), ...place });
        } else {
            const { known, values, old } = format1Row(object, text, this.#shapes);
            emit({ kind: 'change', shape: known.shape, values, old, scanned: null, ...place });
        }
    }

    #end(frame: EndFrame, emit: EmitEvent): void {
        const { record } = frame;
        const offset = frame.offset + frame.end - frame.start;
        let head = this.#head;
        if (frame.end - frame.start > 1) {
            try {
                const members = parseObject(tailText(textOf(frame)));
                if (Object.hasOwn(members, 'change')) {
                    throw new Refusal('change-list-twice', 'the record has a second member "change"');
                }
                if (head !== null) {
                    head = { ...head, ...format1Members(members, head) };
                }
            } catch (error) {
                this.#refuse(frame, error, emit);
            }
        }
        if (head !== null) {
            const { xid, position, committedAt } = head;
            emit({ kind: 'commit', xid, position, committedAt, record, offset });
        }
        this.#head = NO_TRANSACTION;
        emit({ kind: 'recordEnd', record, offset, inTransaction: false });
    }

    #record(frame: RecordFrame, emit: EmitEvent): void {
        const { record } = frame;
        const offset = frame.offset + frame.end - frame.start;
        try {
            if (frame.skeleton === null || !this.#skeletonRecord(frame, frame.skeleton, emit)) {
                this.#recordText(textOf(frame), record, frame.offset, offset, emit);
            }
        } catch (error) {
            this.#refuse(frame, error, emit);
        }
        this.#recordEnd(record, offset, emit);
    }

    #recordText(written: string, record: number, from: number, to: number, emit: EmitEvent): void {
        const [text, json] = parseRepaired(written);
        const object = asObject(json, 'the record');
        const row = isRowAction(object.action) ? format2Row(object, text, this.#shapes) : null;
        this.#format2(object.action, object, row, { record, from, to }, emit);
    }

    /** Decodes a record from the values in its skeleton's gaps; false if its text must be parsed. */
    #skeletonRecord(frame: RecordFrame, skeleton: Skeleton, emit: EmitEvent): boolean {
        const known = this.#skeletons.record(skeleton);
        const { values, bounds, record, offset: from } = frame;
        const first = bounds[0] as number;
        if (known === 'unknown' || values === null) {
            return false;
        }
        const members = membersOf(known, values, first);
        const place = { record, from, to: from + frame.end - frame.start };
        if (known.known === null) {
            this.#format2(known.action, members, null, place, emit);
            return true;
        }
        const scanned = format2Scanned(known, known.known, values, first);
        if (scanned === null) {
            return false;
        }
        emit(new ScannedRow(known.known, scanned, { ...this.#placeOf(members), record, change: 1, offset: from }));
        return true;
    }

    /** The position and transaction that a record of format 2 names, or those of the current transaction. */
    #placeOf(object: JsonObject): { lsn: string | null; xid: string | null } {
        const xid = asOptionalText(object.xid, 'xid') ?? this.#transaction?.xid ?? null;
        return { lsn: asOptionalText(object.lsn, 'lsn'), xid };
    }

    #format2(action: unknown, object: JsonObject, row: Row | null, place: RecordPlace, emit: EmitEvent): void {
        const { record, from: offset } = place;
        const { lsn, xid } = this.#placeOf(object);
        if (row !== null) {
            const { known, values, old } = row;
            const { shape } = known;
            emit({ kind: 'change', shape, values, old, scanned: null, lsn, xid, record, change: 1, offset });
        } else if (action === 'B') {
            this.#endTorn(record, offset, emit);
            this.#transaction = { ...format2Members(object, NO_TRANSACTION), record, offset };
            emit({ kind: 'begin', ...this.#transaction, streamed: true });
        } else if (action === 'C') {
            const { position, committedAt } = format2Members(object, this.#transaction ?? NO_TRANSACTION);
            this.#transaction = null;
            emit({ kind: 'commit', xid, position, committedAt, record, offset: place.to });
        } else if (action === 'M') {
            emit({ kind: 'message', ...messageOf(object), lsn, xid, record, change: 1, offset });
        } else {
            throw unknownRecord(object);
        }
    }

    /** A transaction begins before the last one has ended: the receiver was killed, and that one is sent again. */
    #endTorn(record: number, offset: number, emit: EmitEvent): void {
        if (this.#transaction !== null) {
            const torn = tornTransaction(this.#transaction, record - 1, offset);
            this.#transaction = null;
            emit(torn);
        }
    }

    #reject(frame: BadFrame, emit: EmitEvent): void {
        const { reject, torn, record, change } = frame;
        const { xid, position } = this.#place();
        const isOneChange = change !== null || reject.bytes.toString('latin1', 0, 9) === '{"action"';
        const relation = isOneChange ? relationOf(reject.bytes) : null;
        emit({ kind: 'reject', reject, record, change, torn, relation, xid, position });
        if (change === null) {
            this.#head = NO_TRANSACTION;
            this.#recordEnd(record, reject.offset + reject.length, emit);
        }
    }

    #recordEnd(record: number, offset: number, emit: EmitEvent): void {
        emit({ kind: 'recordEnd', record, offset, inTransaction: this.#transaction !== null });
    }

    /** Decodes bytes that are not JSON only because of a column's default; false for other bytes. */
    #repaired({ reject, torn, record, change }: BadFrame, emit: EmitEvent): boolean {
        const { offset, length } = reject;
        if (torn || !reject.whole || !hasDefaults(reject.bytes.toString('latin1'))) {
            return false;
        }
        try {
            const written = reject.bytes.toString('utf8');
            if (change === null) {
                this.#recordText(written, record, offset, offset + length, emit);
            } else if (this.#head === null) {
                return false;
            } else {
                this.#changeText(written, { lsn: null, xid: this.#head.xid, record, change, offset }, emit);
            }
        } catch (error) {
            if (error instanceof Refusal) {
                return false;
            }
            throw error;
        }
        if (change === null) {
            this.#recordEnd(record, offset + length, emit);
        }
        return true;
    }

    #place(): Transaction {
        return this.#transaction ?? this.#head ?? NO_TRANSACTION;
    }

    /** Puts the frame's bytes aside if `error` is a refusal; throws any other error. */
    #refuse(frame: Exclude<Frame, { kind: 'bad' | 'batch' }>, error: unknown, emit: EmitEvent): void {
        if (!(error instanceof Refusal)) {
            throw error;
        }
        const bytes = frame.source.subarray(frame.start, frame.end);
        const reject = rejectedBytes(bytes, frame.offset, error.reason, error.message);
        const { xid, position } = this.#place();
        const [record, change] = [frame.record, frame.kind === 'change' ? frame.change : null];
        emit({ kind: 'reject', reject, record, change, torn: false, relation: relationOf(bytes), xid, position });
    }
}
