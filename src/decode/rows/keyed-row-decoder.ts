import { isUtf8 } from 'node:buffer';
import { NO_REPETITION } from '../../core/frame.ts';
import { memberNamed, objectMembers } from '../../core/json-spans.ts';
import type { ColumnShape, EmitEvent, Shape, SqlValue } from '../../core/stream-event.ts';
import { keyOf, type TopicRecord } from '../../core/topic-record.ts';
import { type DeclaredColumn, type DeclaredSource, ROW_TYPES } from '../../project/declared-source.ts';
import { Refusal } from '../refusal.ts';
import { registrySchema, rejectedMessage, type TopicDecoder, WrongFormat } from '../topic-decoder.ts';
import { csvValue, jsonValue } from './declared-values.ts';
import { looksLikeEnvelope } from './looks-like-envelope.ts';
import { TableDecoder } from './table-decoder.ts';

const OPEN_OBJECT = 0x7b;

/**
 * Decodes messages of which each is a row as a JSON object, of one table. The message's key is the row's: a null value
 * deletes the row, and a column of the key that the value lacks is taken from it. A key is the value of the one column of
 * the table's key, or a JSON object with all of them.
 */
export class KeyedRowDecoder implements TopicDecoder {
    readonly #source: DeclaredSource;
    readonly #rows: TableDecoder;
    readonly #keyColumns: readonly DeclaredColumn[];
    readonly #relation: string;
    #deletes: Shape | null = null;
    #record: TopicRecord | null = null;
    /** The first value tells whether the topic holds what was said. */
    #isSure = false;

    /** `known`: the columns that the staging table has. */
    constructor(source: DeclaredSource, known: readonly DeclaredColumn[]) {
        this.#source = source;
        this.#relation = `${source.schema}.${source.table}`;
        this.#keyColumns = source.key.map(
            (name) => source.columns.find((column) => column.name === name) as DeclaredColumn,
        );
        const fromKey = (name: string): string | undefined => this.#keyMember(name);
        this.#rows = new TableDecoder(source, known, source.key.length === 0 ? {} : { absent: fromKey });
    }

    decode(record: TopicRecord, emit: EmitEvent): void {
        const { source, valueStart: start, valueEnd: end, offset } = record;
        this.#record = record;
        if (this.#rows.decodeAhead(record, emit)) {
            return;
        }
        if (start >= 0 && this.#rows.decodeAlike({ source, start, end, record: offset, offset: 0 }, emit)) {
            return;
        }
        if (start < 0) {
            this.#delete(record, emit);
        } else if (start === end) {
            emit(
                rejectedMessage(
                    record,
                    'empty-value',
                    'the value is empty: a null would delete the row',
                    this.#relation,
                ),
            );
        } else if (!isUtf8(source.subarray(start, end)) && registrySchema(record) === null) {
            emit(rejectedMessage(record, 'not-utf8', 'the message is not UTF-8', this.#relation));
        } else {
            this.#makeSure(record);
            this.#rows.decode(
                { kind: 'record', source, start, end, offset: 0, record: offset, ...NO_REPETITION },
                emit,
            );
        }
    }

    /** Of its rows; they only grow. */
    get columns(): readonly DeclaredColumn[] {
        return this.#rows.columns;
    }

    #makeSure(record: TopicRecord): void {
        const schema = registrySchema(record);
        if (schema !== null) {
            throw new WrongFormat('avro', `it begins like a message that a schema registry knows as schema ${schema}`);
        }
        if (!this.#isSure && looksLikeEnvelope(record) && this.#source.columns.every(({ name }) => name !== 'op')) {
            throw new WrongFormat('debezium', 'it is an envelope with "op", "before" and "after"');
        }
        this.#isSure = true;
    }

    #delete(record: TopicRecord, emit: EmitEvent): void {
        try {
            const old = this.#keyColumns.map((column) => this.#keyValue(column));
            if (old.length === 0 || old.includes(null)) {
                throw new Refusal('no-key', 'the value is null, and the table has no key by which to delete a row');
            }
            const { offset } = record;
            const place = { lsn: null, xid: null, record: offset, change: 1, offset: 0 };
            emit({ kind: 'change', shape: this.#deleteShape(), values: [], old, scanned: null, ...place });
        } catch (error) {
            if (!(error instanceof Refusal)) {
                throw error;
            }
            emit(rejectedMessage(record, error.reason, error.message, this.#relation));
        }
    }

    #deleteShape(): Shape {
        const { schema, table, key } = this.#source;
        const oldColumns: ColumnShape[] = this.#keyColumns.map(({ name, type }) => ({ name, type: ROW_TYPES[type] }));
        this.#deletes ??= { op: 'delete', schema, table, columns: [], oldColumns, primaryKey: key };
        return this.#deletes;
    }

    #keyValue(column: DeclaredColumn): SqlValue {
        const member = this.#keyMember(column.name);
        if (member !== undefined) {
            return jsonValue(member, column);
        }
        const key = this.#record === null ? null : keyOf(this.#record);
        return key === null || key.length === 0 ? null : csvValue(key.toString('utf8'), column);
    }

    /** The JSON text of a column in the message's key; undefined: the key is no JSON that has it. */
    #keyMember(name: string): string | undefined {
        const key = this.#record === null ? null : keyOf(this.#record);
        if (key === null || key.length === 0 || !this.#source.key.includes(name)) {
            return undefined;
        }
        const text = key.toString('utf8');
        try {
            JSON.parse(text);
        } catch {
            return this.#keyColumns.length === 1 ? JSON.stringify(text) : undefined;
        }
        if (key[0] !== OPEN_OBJECT) {
            return this.#keyColumns.length === 1 ? text : undefined;
        }
        const member = memberNamed(objectMembers(text, 0), name);
        return member === undefined ? undefined : text.slice(member.start, member.end);
    }
}
