import { type Member, memberNamed, objectMembers } from '../../core/json-spans.ts';
import type { EmitEvent } from '../../core/stream-event.ts';
import { keyOf, type TopicRecord } from '../../core/topic-record.ts';
import { UNKNOWN_TYPE } from '../connect-type.ts';
import type { RawValue } from '../connect-value.ts';
import { asObject, asOptionalText, asText, type JsonObject } from '../json-checks.ts';
import type { DeclaredField, Field } from '../keyed-change.ts';
import { Refusal } from '../refusal.ts';
import type { DeclaredType } from '../shapes.ts';
import { registrySchema, rejectedMessage, type TopicDecoder, utf8Of, WrongFormat } from '../topic-decoder.ts';
import { EnvelopeDecoder } from './envelope-decoder.ts';
import { type SchemaField, schemaFields } from './json-schema-fields.ts';

/** How a declaration takes the JSON text of a column's value: for messages without a schema. */
export type DeclaredFields = (
    schema: string,
    table: string,
    column: string,
    source: string,
) => DeclaredField | undefined;

/**
 * Decodes Debezium's messages in JSON, with their schema or without. Without one a column's type is what the table's
 * declaration says, else unknown: then whole numbers are numbers and everything else is kept as its text.
 */
export class JsonEnvelopeDecoder implements TopicDecoder {
    readonly #envelopes: EnvelopeDecoder;
    readonly #declaredFields: DeclaredFields;
    /** The fields of a schema by its text: messages of a table repeat it. */
    readonly #schemas = new Map<string, ReadonlyMap<string, readonly SchemaField[]>>();
    #isSure = false;

    constructor(declared: DeclaredType, declaredFields: DeclaredFields = () => undefined) {
        this.#envelopes = new EnvelopeDecoder(declared);
        this.#declaredFields = declaredFields;
    }

    decode(record: TopicRecord, emit: EmitEvent): void {
        // A tombstone, after the delete of its key, is for the compaction of the topic.
        if (record.valueStart < 0) {
            return;
        }
        const schema = registrySchema(record);
        if (schema !== null) {
            throw new WrongFormat('avro', `it begins like a message that a schema registry knows as schema ${schema}`);
        }
        try {
            this.#value(record, emit);
        } catch (error) {
            if (!(error instanceof Refusal)) {
                throw error;
            }
            emit(rejectedMessage(record, error.reason, error.message, null));
        }
    }

    #value(record: TopicRecord, emit: EmitEvent): void {
        const text = utf8Of(record.source.subarray(record.valueStart, record.valueEnd));
        const whole = asObject(parsed(text), 'the message');
        const isWrapped = 'payload' in whole && ('schema' in whole || !('op' in whole));
        const members = objectMembers(text, text.indexOf('{'));
        const payload = isWrapped ? (memberNamed(members, 'payload') as Member) : null;
        const envelope = payload === null ? whole : asObject(whole.payload, 'the member "payload"');
        if (!('op' in envelope)) {
            if (!this.#isSure) {
                throw new WrongFormat('json', 'it is no envelope: it has no member "op"');
            }
            throw new Refusal('missing-field', 'the member "op" is missing');
        }
        this.#isSure = true;
        const inner = payload === null ? members : objectMembers(text, payload.start);
        const source = asObject(envelope.source, 'the member "source"');
        const schema =
            asOptionalText(source.schema, 'source.schema') ?? asOptionalText(source.db, 'source.db') ?? 'public';
        const op = asText(envelope.op, 'op');
        const table = op === 'm' ? '' : asText(source.table, 'source.table');
        const types = isWrapped ? this.#typesOf(text, memberNamed(members, 'schema')) : null;
        const side = (name: 'before' | 'after'): readonly Field[] | null => {
            const member = memberNamed(inner, name);
            if (member === undefined || envelope[name] === null) {
                return null;
            }
            const fields = types?.get(name);
            const values = asObject(envelope[name], name);
            return fieldsOf(text, member.start, values, this.#typing(fields, schema, table));
        };
        const known = { op, schema, table, before: side('before'), after: side('after') };
        const xid = asOptionalText(source.txId, 'source.txId');
        const decoded = { ...known, xid, message: messageOf(envelope.message) };
        this.#envelopes.decode(record, decoded, this.#key(record, schema, table), emit);
    }

    #key(record: TopicRecord, schema: string, table: string): readonly Field[] | null {
        const bytes = keyOf(record);
        if (bytes === null || bytes.length === 0) {
            return null;
        }
        const text = utf8Of(bytes);
        const whole = parsed(text);
        if (typeof whole !== 'object' || whole === null) {
            return null;
        }
        const members = objectMembers(text, text.indexOf('{'));
        const payload = 'payload' in whole && 'schema' in whole ? memberNamed(members, 'payload') : undefined;
        if (payload === undefined) {
            return fieldsOf(text, 0, whole as JsonObject, this.#typing(undefined, schema, table));
        }
        const fields = this.#typesOf(text, memberNamed(members, 'schema'))?.get('');
        const inner = (whole as JsonObject).payload;
        return inner === null || inner === undefined
            ? null
            : fieldsOf(
                  text,
                  payload.start,
                  asObject(inner, 'the payload of the key'),
                  this.#typing(fields, schema, table),
              );
    }

    /** By the message's schema; without one as the pipeline declares the table. */
    #typing(fields: readonly SchemaField[] | undefined, schema: string, table: string): Typing {
        if (fields !== undefined) {
            return (name) => ({ type: fields.find((field) => field.name === name)?.type ?? UNKNOWN_TYPE });
        }
        return (name, source) => ({ type: UNKNOWN_TYPE, declared: this.#declaredFields(schema, table, name, source) });
    }

    #typesOf(text: string, member: Member | undefined): ReadonlyMap<string, readonly SchemaField[]> | null {
        if (member === undefined) {
            return null;
        }
        const source = text.slice(member.start, member.end);
        let known = this.#schemas.get(source);
        if (known === undefined) {
            known = schemaFields(JSON.parse(source));
            if (this.#schemas.size >= SCHEMAS_MAX) {
                this.#schemas.clear();
            }
            this.#schemas.set(source, known);
        }
        return known;
    }
}

/** At this number all schemas are forgotten: a topic that never repeats one must not fill the memory. */
const SCHEMAS_MAX = 1_000;

type Typing = (name: string, source: string) => Pick<Field, 'type' | 'declared'>;

function fieldsOf(text: string, at: number, values: JsonObject, typing: Typing): readonly Field[] {
    return objectMembers(text, text.indexOf('{', at)).map(({ name, start, end }) => {
        const source = text.slice(start, end);
        return { name, raw: rawOf(values[name], source), ...typing(name, source) };
    });
}

function rawOf(value: unknown, source: string): RawValue {
    if (value === null || typeof value === 'boolean' || typeof value === 'string') {
        return value;
    }
    return typeof value === 'number' ? { number: source } : { json: source };
}

function messageOf(value: unknown): { readonly prefix: string; readonly content: Buffer } | null {
    if (value === undefined || value === null) {
        return null;
    }
    const message = asObject(value, 'the member "message"');
    const content = asOptionalText(message.content, 'message.content') ?? '';
    return { prefix: asText(message.prefix, 'message.prefix'), content: Buffer.from(content, 'base64') };
}

function parsed(text: string): unknown {
    try {
        return JSON.parse(text);
    } catch (error) {
        throw new Refusal('not-json', (error as Error).message);
    }
}
