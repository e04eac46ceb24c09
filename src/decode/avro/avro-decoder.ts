import type { EmitEvent } from '../../core/stream-event.ts';
import { keyOf, type TopicRecord } from '../../core/topic-record.ts';
import { type ConnectType, UNKNOWN_TYPE } from '../connect-type.ts';
import type { Envelope } from '../debezium/envelope.ts';
import { EnvelopeDecoder } from '../debezium/envelope-decoder.ts';
import { emitChange, type Field } from '../keyed-change.ts';
import { Refusal } from '../refusal.ts';
import { type DeclaredType, Shapes } from '../shapes.ts';
import { registrySchema, rejectedMessage, type TopicDecoder, utf8Of, WrongFormat } from '../topic-decoder.ts';
import { type AvroField, type AvroRecord, type AvroValues, avroRecord, rowFields } from './avro-fields.ts';
import type { RegisteredSchemas } from './registered-schemas.ts';

/** Where the rows of a topic land that are no envelopes. */
export interface AvroTable {
    readonly schema: string;
    readonly table: string;
    /** As declared; empty: the members of the message's key. */
    readonly key: readonly string[];
}

const WIRE_BYTES = 5;

/**
 * Decodes messages in Avro in Confluent's wire format: a zero, the number of the schema in the registry, the value. An
 * envelope of Debezium's is changes of the tables that it names, another record is a row of the topic's table.
 * Source: https://docs.confluent.io/platform/current/schema-registry/fundamentals/serdes-develop/index.html#wire-format
 */
export class AvroDecoder implements TopicDecoder {
    readonly #schemas: RegisteredSchemas;
    readonly #table: AvroTable;
    readonly #declared: DeclaredType;
    readonly #envelopes: EnvelopeDecoder;
    readonly #shapes: Shapes;
    readonly #records = new Map<number, AvroRecord>();
    /** Of the columns that rows have shown. */
    readonly #types = new Map<string, ConnectType>();

    constructor(schemas: RegisteredSchemas, table: AvroTable, declared: DeclaredType) {
        this.#schemas = schemas;
        this.#table = table;
        this.#declared = declared;
        this.#envelopes = new EnvelopeDecoder(declared);
        this.#shapes = new Shapes(declared);
    }

    decode(record: TopicRecord, emit: EmitEvent): void {
        const { schema, table } = this.#table;
        try {
            if (record.valueStart < 0) {
                this.#delete(record, emit);
            } else {
                this.#value(record, emit);
            }
        } catch (error) {
            if (!(error instanceof Refusal)) {
                throw error;
            }
            emit(rejectedMessage(record, error.reason, error.message, `${schema}.${table}`));
        }
    }

    #value(record: TopicRecord, emit: EmitEvent): void {
        const id = registrySchema(record);
        if (id === null) {
            const isJson = record.source[record.valueStart] === 0x7b;
            if (isJson && this.#records.size === 0) {
                throw new WrongFormat('json', 'it begins like JSON, not with the number of a schema');
            }
            throw new Refusal('not-avro', 'the message does not begin with a zero and the number of a schema');
        }
        const known = this.#record(id);
        const values = this.#read(known, record.source.subarray(record.valueStart + WIRE_BYTES, record.valueEnd));
        const key = this.#key(record);
        const envelope = envelopeOf(known, values);
        if (envelope !== null) {
            this.#envelopes.decode(record, envelope, key, emit);
            return;
        }
        const fields = rowFields(values, known.fields);
        for (const { name, type } of fields) {
            this.#types.set(name, type);
        }
        const named = fields.map(({ name }) => name);
        const fromKey = (key ?? []).filter(({ name }) => !named.includes(name));
        this.#emit(record, 'insert', [...fields, ...fromKey], [], key, emit);
    }

    #delete(record: TopicRecord, emit: EmitEvent): void {
        const key = this.#key(record);
        if (key === null) {
            throw new Refusal('no-key', 'the value is null, and the message has no key by which to delete a row');
        }
        this.#emit(record, 'delete', [], key, key, emit);
    }

    #emit(
        { offset: record }: TopicRecord,
        op: 'insert' | 'delete',
        fields: readonly Field[],
        old: readonly Field[],
        key: readonly Field[] | null,
        emit: EmitEvent,
    ): void {
        const { schema, table, key: declaredKey } = this.#table;
        const primaryKey = declaredKey.length > 0 ? declaredKey : (key?.map(({ name }) => name) ?? []);
        const change = { op, schema, table, fields, old, primaryKey, xid: null, record };
        emitChange(this.#shapes, this.#declared, change, emit);
    }

    /** The members of the message's key; the value of a key that is one value is that of the table's one key column. */
    #key(record: TopicRecord): readonly Field[] | null {
        const bytes = keyOf(record);
        if (bytes === null || bytes.length === 0) {
            return null;
        }
        if (bytes[0] === 0 && bytes.length > WIRE_BYTES) {
            const known = this.#record(bytes.readUInt32BE(1));
            return rowFields(this.#read(known, bytes.subarray(WIRE_BYTES)), known.fields);
        }
        const [name] = this.#table.key;
        return name === undefined || this.#table.key.length > 1 ? null : [this.#keyField(name, utf8Of(bytes))];
    }

    /** A key that is text, as the column that rows have shown. */
    #keyField(name: string, text: string): Field {
        const type = this.#types.get(name) ?? UNKNOWN_TYPE;
        return { name, type, raw: type.kind.startsWith('int') ? { number: text } : text };
    }

    #record(id: number): AvroRecord {
        let known = this.#records.get(id);
        if (known === undefined) {
            const schema = this.#schemas.schema(id);
            if (schema === null) {
                throw new Refusal('unknown-schema', `the registry has no schema ${id}`);
            }
            if (schema.kind !== 'AVRO') {
                throw new Refusal('unknown-schema', `schema ${id} of the registry is ${schema.kind}, not Avro`);
            }
            try {
                known = avroRecord(schema);
            } catch (error) {
                throw new Refusal('unknown-schema', `schema ${id} cannot be used: ${(error as Error).message}`);
            }
            this.#records.set(id, known);
        }
        return known;
    }

    #read(known: AvroRecord, bytes: Buffer): AvroValues {
        try {
            return known.read(bytes);
        } catch (error) {
            throw new Refusal('not-avro', `it is not what its schema says: ${(error as Error).message}`);
        }
    }
}

/** Null: the record is no envelope. */
function envelopeOf({ fields }: AvroRecord, values: AvroValues): Envelope | null {
    const source = values.source as AvroValues | null | undefined;
    if (typeof values.op !== 'string' || !fields.has('after') || typeof source !== 'object' || source === null) {
        return null;
    }
    const text = (value: unknown): string | null => (value === null || value === undefined ? null : String(value));
    return {
        op: values.op,
        schema: text(source.schema) ?? text(source.db) ?? 'public',
        table: text(source.table) ?? '',
        before: sideOf(values.before, fields.get('before')),
        after: sideOf(values.after, fields.get('after')),
        xid: text(source.txId),
        message: null,
    };
}

function sideOf(values: unknown, field: AvroField | undefined): readonly Field[] | null {
    return typeof values !== 'object' || values === null
        ? null
        : rowFields(values as AvroValues, field?.fields ?? new Map<string, AvroField>());
}
