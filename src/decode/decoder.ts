import type { Decoded } from '../change.ts';
import type { BadFrame, BeginFrame, ChangeFrame, EndFrame, Frame, RecordFrame, Skeleton } from '../frame.ts';
import { rejectedBytes } from '../rejected-bytes.ts';
import { utf8Text } from '../utf8-text.ts';
import { format1Row, format1Shape, format1SkeletonRow, messageOf, type Row } from './format1.ts';
import { format2Row, format2SkeletonRow, isRowAction, type KnownRecord, knownRecord, membersOf } from './format2.ts';
import { asObject, asOptionalText, type JsonObject } from './json-checks.ts';
import { headText, parseObject, parseRepaired, relationOf, tailText } from './record-text.ts';
import { Refusal } from './refusal.ts';
import { type DeclaredType, type KnownShape, Shapes } from './shapes.ts';

export type EmitDecoded = (decoded: Decoded) => void;

export interface DecoderOptions {
    /** Columns that a pipeline keeps as text, whatever their type. */
    readonly declared?: DeclaredType;
}

/** What is known of the transaction under way. */
interface Transaction {
    readonly xid: string | null;
    readonly position: string | null;
    readonly committedAt: string | null;
    readonly record: number;
    readonly offset: number;
}

const NO_TRANSACTION: Transaction = { xid: null, position: null, committedAt: null, record: 0, offset: 0 };

/**
 * Decodes the frames of wal2json streams, format 1 and 2 with any options, told apart record by record. What cannot be
 * decoded becomes a reject of that change (or of that record); nothing is dropped.
 *
 * Owns the transaction under way and the shapes seen. Between two records of format 1 it has no state, so a source can
 * be resumed there with a new decoder; in format 2, where no transaction is open.
 */
export class Decoder {
    readonly #shapes: Shapes;
    readonly #skeletons = new WeakMap<Skeleton, KnownShape | 'unknown'>();
    readonly #records = new WeakMap<Skeleton, KnownRecord | 'unknown'>();
    /** Format 1: the record under way; null: its head cannot be read. */
    #head: Transaction | null = NO_TRANSACTION;
    /** Format 2: the transaction under way. */
    #transaction: Transaction | null = null;

    constructor(options: DecoderOptions = {}) {
        this.#shapes = new Shapes(options.declared ?? (() => undefined));
    }

    decode(frame: Frame, emit: EmitDecoded): void {
        if (frame.kind === 'change') this.#change(frame, emit);
        else if (frame.kind === 'begin') this.#begin(frame, emit);
        else if (frame.kind === 'end') this.#end(frame, emit);
        else if (frame.kind === 'record') this.#record(frame, emit);
        else if (frame.kind === 'batch') emit({ kind: 'batch', batch: frame.batch, offset: frame.offset });
        else this.#bad(frame, emit);
    }

    #begin(frame: BeginFrame, emit: EmitDecoded): void {
        const { record, offset } = frame;
        this.#endTorn(record, offset, emit);
        try {
            const isBare = frame.end - frame.start === 1;
            const members = isBare
                ? NO_TRANSACTION
                : format1Members(parseObject(headText(textOf(frame))), NO_TRANSACTION);
            const { xid, position, committedAt } = members;
            this.#head = { xid, position, committedAt, record, offset };
            emit({ kind: 'begin', xid, position, committedAt, record, offset, streamed: frame.streamed });
        } catch (error) {
            this.#head = null;
            this.#refuse(frame, null, error, emit);
        }
    }

    #change(frame: ChangeFrame, emit: EmitDecoded): void {
        const head = this.#head;
        const { record, change, offset } = frame;
        try {
            if (head === null) throw new Refusal('record-unreadable', 'The head of the record cannot be read.');
            const row = frame.skeleton === null ? null : this.#skeletonRow(frame, frame.skeleton);
            if (row !== null) {
                const { values, old } = row;
                emit({
                    kind: 'row',
                    shape: row.known.shape,
                    values,
                    old,
                    lsn: null,
                    xid: head.xid,
                    record,
                    change,
                    offset,
                });
                return;
            }
            const [text, json] = parseRepaired(textOf(frame));
            const object = asObject(json, 'The change');
            const place = { lsn: null, xid: head.xid, record, change, offset };
            if (object.kind === 'message') emit({ kind: 'message', ...messageOf(object), ...place });
            else {
                const { known, values, old } = format1Row(object, text, this.#shapes);
                emit({ kind: 'row', shape: known.shape, values, old, ...place });
            }
        } catch (error) {
            this.#refuse(frame, change, error, emit);
        }
    }

    #skeletonRow(frame: ChangeFrame, skeleton: Skeleton): Row | null {
        let known = this.#skeletons.get(skeleton);
        if (known === undefined) {
            try {
                known = format1Shape(asObject(JSON.parse(skeleton.text), 'The change'), this.#shapes);
            } catch {
                known = 'unknown';
            }
            this.#skeletons.set(skeleton, known);
        }
        return known === 'unknown' ? null : format1SkeletonRow(known, frame);
    }

    #end(frame: EndFrame, emit: EmitDecoded): void {
        const { record } = frame;
        const offset = frame.offset + frame.end - frame.start;
        let head = this.#head;
        if (frame.end - frame.start > 1) {
            try {
                const members = parseObject(tailText(textOf(frame)));
                if (Object.hasOwn(members, 'change')) {
                    throw new Refusal('change-list-twice', 'The record has a second member "change".');
                }
                if (head !== null) head = { ...head, ...format1Members(members, head) };
            } catch (error) {
                this.#refuse(frame, null, error, emit);
            }
        }
        if (head !== null) {
            const { xid, position, committedAt } = head;
            emit({ kind: 'commit', xid, position, committedAt, record, offset });
        }
        this.#head = NO_TRANSACTION;
        emit({ kind: 'recordEnd', record, offset, inTransaction: false });
    }

    #record(frame: RecordFrame, emit: EmitDecoded): void {
        const { record } = frame;
        const offset = frame.offset + frame.end - frame.start;
        try {
            if (frame.skeleton === null || !this.#skeletonRecord(frame, frame.skeleton, emit)) {
                const [text, json] = parseRepaired(textOf(frame));
                const object = asObject(json, 'The record');
                const row = isRowAction(object.action) ? format2Row(object, text, this.#shapes) : null;
                this.#format2(object.action, object, row, frame, emit);
            }
        } catch (error) {
            this.#refuse(frame, null, error, emit);
        }
        emit({ kind: 'recordEnd', record, offset, inTransaction: this.#transaction !== null });
    }

    /** Decodes a record from the values in its skeleton's gaps; false if nothing is known of it. */
    #skeletonRecord(frame: RecordFrame, skeleton: Skeleton, emit: EmitDecoded): boolean {
        let known = this.#records.get(skeleton);
        if (known === undefined) {
            known = knownRecord(skeleton, this.#shapes) ?? 'unknown';
            this.#records.set(skeleton, known);
        }
        if (known === 'unknown') return false;
        const row = known.known === null ? null : format2SkeletonRow(known, known.known, frame);
        this.#format2(known.action, membersOf(known, frame.values), row, frame, emit);
        return true;
    }

    #format2(action: unknown, object: JsonObject, row: Row | null, frame: RecordFrame, emit: EmitDecoded): void {
        const { record, offset } = frame;
        const xid = asOptionalText(object.xid, 'xid') ?? this.#transaction?.xid ?? null;
        const lsn = asOptionalText(object.lsn, 'lsn');
        if (row !== null) {
            const { known, values, old } = row;
            emit({ kind: 'row', shape: known.shape, values, old, lsn, xid, record, change: 1, offset });
        } else if (action === 'B') {
            this.#endTorn(record, offset, emit);
            this.#transaction = { ...format2Members(object, NO_TRANSACTION), record, offset };
            emit({ kind: 'begin', ...this.#transaction, streamed: true });
        } else if (action === 'C') {
            const { position, committedAt } = format2Members(object, this.#transaction ?? NO_TRANSACTION);
            this.#transaction = null;
            emit({ kind: 'commit', xid, position, committedAt, record, offset: offset + frame.end - frame.start });
        } else if (action === 'M') {
            emit({ kind: 'message', ...messageOf(object), lsn, xid, record, change: 1, offset });
        } else {
            throw unknownRecord(object);
        }
    }

    /** A transaction begins before the last one has ended: a receiver was killed, and gets it again whole. */
    #endTorn(record: number, offset: number, emit: EmitDecoded): void {
        if (this.#transaction === null) return;
        const { xid, position, offset: from } = this.#transaction;
        this.#transaction = null;
        const detail = 'The next transaction begins before this one has ended.';
        const gone = { offset: from, length: offset - from, bytes: Buffer.alloc(0), whole: false, sha256: null };
        const reject = { ...gone, reason: 'transaction-not-ended', detail };
        emit({ kind: 'reject', reject, record: record - 1, change: null, torn: true, relation: null, xid, position });
    }

    #bad({ reject, torn, record, change }: BadFrame, emit: EmitDecoded): void {
        const { xid, position } = this.#place();
        const isOneChange = change !== null || reject.bytes.toString('latin1', 0, 9) === '{"action"';
        const relation = isOneChange ? relationOf(reject.bytes) : null;
        emit({ kind: 'reject', reject, record, change, torn, relation, xid, position });
        if (change !== null) return;
        this.#head = NO_TRANSACTION;
        const offset = reject.offset + reject.length;
        emit({ kind: 'recordEnd', record, offset, inTransaction: this.#transaction !== null });
    }

    #place(): Transaction {
        return this.#transaction ?? this.#head ?? NO_TRANSACTION;
    }

    /** Puts the frame's bytes aside, if `error` is a refusal and not a mistake of ours. */
    #refuse(
        frame: Exclude<Frame, { kind: 'bad' | 'batch' }>,
        change: number | null,
        error: unknown,
        emit: EmitDecoded,
    ): void {
        if (!(error instanceof Refusal)) throw error;
        const bytes = frame.source.subarray(frame.start, frame.end);
        const reject = rejectedBytes(bytes, frame.offset, error.reason, error.message);
        const { xid, position } = this.#place();
        const relation = relationOf(bytes);
        emit({ kind: 'reject', reject, record: frame.record, change, torn: false, relation, xid, position });
    }
}

function textOf(frame: { readonly source: Buffer; readonly start: number; readonly end: number }): string {
    return utf8Text(frame.source, frame.start, frame.end);
}

function format1Members(
    members: JsonObject,
    before: Transaction,
): Pick<Transaction, 'xid' | 'position' | 'committedAt'> {
    return {
        xid: asOptionalText(members.xid, 'xid') ?? before.xid,
        position: asOptionalText(members.nextlsn, 'nextlsn') ?? before.position,
        committedAt: asOptionalText(members.timestamp, 'timestamp') ?? before.committedAt,
    };
}

function format2Members(
    object: JsonObject,
    before: Transaction,
): Pick<Transaction, 'xid' | 'position' | 'committedAt'> {
    const members = format1Members(object, before);
    return { ...members, position: members.position ?? asOptionalText(object.lsn, 'lsn') };
}

function unknownRecord(object: JsonObject): Refusal {
    if (Object.hasOwn(object, 'action')) {
        return new Refusal('unknown-action', `The action is none of wal2json's: ${JSON.stringify(object.action)}.`);
    }
    if (Object.hasOwn(object, 'change')) return new Refusal('wrong-type', 'The member "change" is not a list.');
    return new Refusal('unknown-record', 'The record has neither a member "change" nor "action".');
}
