import { lsnOf } from '../../core/lsn.ts';
import { PlacedValues } from '../../core/placed-values.ts';
import type { RelationFacts } from '../../core/relation-facts.ts';
import type { EmitEvent, StreamBegin } from '../../core/stream-event.ts';
import { utf8Text } from '../../core/utf8-text.ts';
import { type DeclaredType, Shapes } from '../shapes.ts';
import { MessageReader } from './message-reader.ts';
import { PlacedRow } from './placed-row.ts';
import { NO_ODDITIES, readTuple } from './read-tuple.ts';
import { Relation, type RowForm } from './relation.ts';
import { spelledOut } from './spelled-out.ts';
import { UnknownMessage } from './unknown-message.ts';

/** One message of the plugin: its bytes `source[start, end)`, and where PostgreSQL's log has what it tells. */
export interface PgoutputMessage {
    readonly source: Buffer;
    readonly start: number;
    readonly end: number;
    readonly lsnHigh: number;
    readonly lsnLow: number;
}

export interface PgoutputOptions {
    /** Columns that a pipeline keeps as text, whatever their type. */
    readonly declared?: DeclaredType;
}

const TAG = {
    begin: 0x42,
    commit: 0x43,
    delete: 0x44,
    full: 0x4f,
    insert: 0x49,
    key: 0x4b,
    message: 0x4d,
    new: 0x4e,
    origin: 0x4f,
    relation: 0x52,
    truncate: 0x54,
    type: 0x59,
    update: 0x55,
} as const;

const IDENTITIES = ['d', 'n', 'f', 'i'] as const;

/**
 * Decodes `pgoutput`, protocol version 1, text values: the same events as from wal2json's. Relations are named by
 * messages of their own, each time before their first change in a connection; what those do not tell is given to
 * `learn` before. Owns the transaction under way and the relations named; a new connection begins with a new one.
 * Source: https://www.postgresql.org/docs/current/protocol-logicalrep-message-formats.html
 */
export class PgoutputDecoder {
    readonly #shapes: Shapes;
    readonly #relations = new Map<number, Relation>();
    readonly #facts = new Map<number, RelationFacts>();
    readonly #reader = new MessageReader();
    readonly #values = new PlacedValues();
    readonly #placed = new PlacedRow(this.#values);
    #transaction: StreamBegin | null = null;
    #record = 0;
    #change = 0;
    #offset = 0;

    constructor(options: PgoutputOptions = {}) {
        this.#shapes = new Shapes(options.declared ?? (() => undefined));
    }

    /** What the server says of a relation that the next message names. */
    learn(facts: RelationFacts): void {
        this.#facts.set(facts.oid, facts);
    }

    /** The schema and table of a relation that was named; undefined: it was not. */
    relation(oid: number): { readonly schema: string; readonly table: string } | undefined {
        return this.#relations.get(oid)?.columns;
    }

    decode(message: PgoutputMessage, emit: EmitEvent): void {
        const reader = this.#reader;
        reader.begin(message.source, message.start, message.end);
        this.#offset += message.end - message.start;
        const tag = reader.byte();
        switch (tag) {
            case TAG.insert:
            case TAG.update:
            case TAG.delete:
                this.#row(tag, message, emit);
                break;
            case TAG.begin:
                this.#begin(emit);
                break;
            case TAG.commit:
                this.#commit(emit);
                break;
            case TAG.relation:
                this.#learnRelation();
                break;
            case TAG.truncate:
                this.#truncate(message, emit);
                break;
            case TAG.message:
                this.#message(message, emit);
                break;
            case TAG.type:
            case TAG.origin:
                break;
            default:
                throw new UnknownMessage(`a message of the kind ${JSON.stringify(String.fromCharCode(tag))}`);
        }
    }

    /** The position is where the commit begins: where it ends is told at its end. */
    #begin(emit: EmitEvent): void {
        const reader = this.#reader;
        const position = reader.lsn();
        const committedAt = reader.timestamp();
        const xid = String(reader.uint32());
        reader.finish();
        this.#record++;
        this.#change = 0;
        const [record, offset] = [this.#record, this.#offset];
        this.#transaction = { kind: 'begin', xid, position, committedAt, record, offset, streamed: false };
        emit(this.#transaction);
    }

    #commit(emit: EmitEvent): void {
        const reader = this.#reader;
        // Flags, unused, and where the commit begins, which `begin` has told.
        reader.skip(9);
        const position = reader.lsn();
        const committedAt = reader.timestamp();
        reader.finish();
        const xid = this.#transaction?.xid ?? null;
        this.#transaction = null;
        const [record, offset] = [this.#record, this.#offset];
        emit({ kind: 'commit', xid, position, committedAt, record, offset });
        emit({ kind: 'recordEnd', record, offset, inTransaction: false });
    }

    #learnRelation(): void {
        const reader = this.#reader;
        const oid = reader.uint32();
        // An empty name stands for pg_catalog.
        const schema = reader.name() || 'pg_catalog';
        const table = reader.name();
        const letter = reader.byte();
        const replicaIdentity = IDENTITIES.find((one) => one.charCodeAt(0) === letter) ?? 'd';
        const names: string[] = [];
        const keyPlaces: number[] = [];
        const columns = reader.int16();
        for (let place = 0; place < columns; place++) {
            if ((reader.byte() & 1) === 1) {
                keyPlaces.push(place);
            }
            names.push(reader.name());
            // Type and modifier: their text is among the facts.
            reader.skip(8);
        }
        reader.finish();
        if (new Set(names).size !== columns) {
            throw new UnknownMessage(`relation ${oid} with two columns of one name`);
        }
        const { types, primaryKey } = this.#facts.get(oid) ?? { types: [], primaryKey: null };
        if (types.length !== columns) {
            throw new UnknownMessage(
                `relation ${oid} with ${columns} columns, of which ${types.length} types are known`,
            );
        }
        const described = { schema, table, names, types, keyPlaces, primaryKey, replicaIdentity };
        this.#relations.set(oid, new Relation(described, this.#shapes));
    }

    #row(tag: number, message: PgoutputMessage, emit: EmitEvent): void {
        const reader = this.#reader;
        const relation = this.#relationOf(reader.uint32());
        const values = this.#values;
        values.begin(message.source);
        let old: RowForm['old'] = 'none';
        let side = reader.byte();
        let oldForm = NO_ODDITIES;
        if (side === TAG.key || side === TAG.full) {
            old = side === TAG.key ? 'key' : 'all';
            oldForm = readTuple(reader, relation, old, values, false);
            side = tag === TAG.delete ? side : reader.byte();
        }
        refuseSide(tag, old, side);
        const newAt = values.count;
        const op = tag === TAG.insert ? 'insert' : tag === TAG.update ? 'update' : 'delete';
        const newForm = op === 'delete' ? NO_ODDITIES : readTuple(reader, relation, 'all', values, true);
        reader.finish();
        const isPlain = oldForm === NO_ODDITIES && newForm === NO_ODDITIES;
        const known = isPlain
            ? relation.plain(op, old)
            : relation.shape({ op, old, absent: newForm.absent, texts: newForm.texts, oldTexts: oldForm.texts });
        const row = this.#placed;
        row.shape = known.shape;
        row.scanned.newAt = newAt;
        row.logPlace.high = message.lsnHigh;
        row.logPlace.low = message.lsnLow;
        row.xid = this.#transaction?.xid ?? null;
        row.record = this.#record;
        row.change = ++this.#change;
        row.offset = this.#offset;
        emit(newForm.spelled || oldForm.spelled ? spelledOut(row, known) : row);
    }

    #truncate(message: PgoutputMessage, emit: EmitEvent): void {
        const reader = this.#reader;
        const count = reader.int32();
        // Options: cascade, restart identity. They do not change what is empty now.
        reader.skip(1);
        const relations: Relation[] = [];
        for (let index = 0; index < count; index++) {
            relations.push(this.#relationOf(reader.uint32()));
        }
        reader.finish();
        const lsn = lsnOf(message.lsnHigh, message.lsnLow);
        for (const relation of relations) {
            const { shape } = relation.truncate();
            this.#change++;
            const [record, change, offset] = [this.#record, this.#change, this.#offset];
            const xid = this.#transaction?.xid ?? null;
            emit({ kind: 'change', shape, values: [], old: [], scanned: null, lsn, xid, record, change, offset });
        }
    }

    #message(message: PgoutputMessage, emit: EmitEvent): void {
        const reader = this.#reader;
        const transactional = reader.byte() === 1;
        const lsn = reader.lsn();
        const prefix = reader.name();
        const length = reader.int32();
        const start = reader.skip(length);
        reader.finish();
        const content = contentText(message.source, start, start + length);
        const isInside = this.#transaction !== null;
        if (!isInside) {
            this.#record++;
            this.#change = 0;
        }
        this.#change++;
        const [record, change, offset] = [this.#record, this.#change, this.#offset];
        const xid = transactional ? (this.#transaction?.xid ?? null) : null;
        emit({ kind: 'message', prefix, content, transactional, lsn, xid, record, change, offset });
        if (!isInside) {
            emit({ kind: 'recordEnd', record, offset, inTransaction: false });
        }
    }

    #relationOf(oid: number): Relation {
        const relation = this.#relations.get(oid);
        if (relation === undefined) {
            throw new UnknownMessage(`a change of relation ${oid}, which was not named before`);
        }
        return relation;
    }
}

/** An insert has a new row, an update one after an old one or alone, a delete an old one alone. */
function refuseSide(tag: number, old: RowForm['old'], side: number): void {
    const isRight = tag === TAG.delete ? old !== 'none' : side === TAG.new && (tag === TAG.update || old === 'none');
    if (!isRight) {
        throw new UnknownMessage(`a change of the kind ${String.fromCharCode(tag)} with a row of the kind ${side}`);
    }
}

/** The bytes of a message as text; what is no UTF-8 as PostgreSQL writes a bytea. */
function contentText(bytes: Buffer, start: number, end: number): string {
    const text = utf8Text(bytes, start, end);
    return Buffer.from(text).equals(bytes.subarray(start, end)) && !text.includes('\0')
        ? text
        : `\\x${bytes.toString('hex', start, end)}`;
}
