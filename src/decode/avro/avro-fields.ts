import avro, { type Schema, type Type } from 'avsc';
import { type ConnectType, UNKNOWN_TYPE } from '../connect-type.ts';
import type { RawValue } from '../connect-value.ts';
import type { Field } from '../keyed-change.ts';
import type { RegisteredSchema } from './registered-schemas.ts';

/** A schema of a record, ready to read: its fields and what they are. */
export interface AvroRecord {
    /** The record's full name. */
    readonly name: string;
    readonly read: (bytes: Buffer) => AvroValues;
    readonly fields: ReadonlyMap<string, AvroField>;
}

export type AvroValues = Readonly<Record<string, unknown>>;

export interface AvroField {
    readonly type: ConnectType;
    /** Of a field that is a record. */
    readonly fields: ReadonlyMap<string, AvroField> | null;
}

/** Whole numbers of 64 bits as they are: a JavaScript number would round them. */
const LONG = avro.types.LongType.__with({
    fromBuffer: (bytes: Uint8Array) => Buffer.from(bytes).readBigInt64LE(),
    toBuffer: (value: bigint) => {
        const bytes = Buffer.alloc(8);
        bytes.writeBigInt64LE(value);
        return bytes;
    },
    fromJSON: (value: unknown) => BigInt(value as number),
    toJSON: (value: bigint) => Number(value),
    isValid: (value: unknown) => typeof value === 'bigint',
    compare: (left: bigint, right: bigint) => (left < right ? -1 : left > right ? 1 : 0),
});

/** Prepares a schema of a registry. @throws Error if it is no schema of a record. */
export function avroRecord({ text, references }: RegisteredSchema): AvroRecord {
    const registry: Record<string, Type> = { long: LONG as unknown as Type };
    const options = { registry, wrapUnions: false, omitRecordMethods: true } as const;
    for (const reference of references) {
        avro.Type.forSchema(JSON.parse(reference) as Schema, options);
    }
    const schema = JSON.parse(text) as JsonSchema;
    const type = avro.Type.forSchema(schema as Schema, options);
    const named = new Map<string, JsonSchema>();
    for (const one of [...references.map((reference) => JSON.parse(reference) as JsonSchema), schema]) {
        collectNamed(one, '', named);
    }
    const fields = fieldsOf(schema, '', named);
    if (fields === null) {
        throw new Error('it is not the schema of a record');
    }
    return { name: fullName(schema, ''), read: (bytes) => type.fromBuffer(bytes) as AvroValues, fields };
}

/** The values of a record as fields of a row. */
export function rowFields(values: AvroValues, fields: ReadonlyMap<string, AvroField>): readonly Field[] {
    return Object.entries(values).map(([name, value]) => {
        const { type } = fields.get(name) ?? { type: UNKNOWN_TYPE };
        return { name, type, raw: rawOf(value) };
    });
}

function rawOf(value: unknown): RawValue {
    if (value === null || value === undefined) {
        return null;
    }
    if (Buffer.isBuffer(value) || typeof value !== 'object') {
        return value as RawValue;
    }
    return value instanceof Uint8Array ? Buffer.from(value) : { json: jsonOf(value) };
}

/** JSON with whole numbers of any length, and bytes as Connect writes them: base64. */
function jsonOf(value: unknown): string {
    if (typeof value === 'bigint') {
        return String(value);
    }
    if (Buffer.isBuffer(value)) {
        return JSON.stringify(value.toString('base64'));
    }
    if (Array.isArray(value)) {
        return `[${value.map(jsonOf).join(',')}]`;
    }
    if (typeof value === 'object' && value !== null) {
        return `{${Object.entries(value)
            .map(([name, member]) => `${JSON.stringify(name)}:${jsonOf(member)}`)
            .join(',')}}`;
    }
    return JSON.stringify(value ?? null);
}

/** What is read of a schema in JSON. */
type JsonSchema = string | readonly JsonSchema[] | JsonSchemaObject;

interface JsonSchemaObject {
    readonly type?: JsonSchema;
    readonly name?: string;
    readonly namespace?: string;
    readonly fields?: readonly { readonly name: string; readonly type: JsonSchema }[];
    readonly items?: JsonSchema;
    readonly values?: JsonSchema;
    readonly logicalType?: string;
    readonly scale?: number;
    readonly precision?: number;
    readonly 'connect.name'?: string;
    readonly 'connect.type'?: string;
}

const KINDS: Readonly<Record<string, ConnectType['kind']>> = {
    boolean: 'boolean',
    int: 'int32',
    long: 'int64',
    float: 'float',
    double: 'double',
    string: 'string',
    enum: 'string',
    bytes: 'bytes',
    fixed: 'bytes',
    record: 'structure',
    array: 'structure',
    map: 'structure',
};

/** What Avro's own logical types stand for, where no name of Connect's does. */
const LOGICAL: Readonly<Record<string, string>> = {
    decimal: 'org.apache.kafka.connect.data.Decimal',
    date: 'io.debezium.time.Date',
    'time-millis': 'io.debezium.time.Time',
    'time-micros': 'io.debezium.time.MicroTime',
    'timestamp-millis': 'io.debezium.time.Timestamp',
    'timestamp-micros': 'io.debezium.time.MicroTimestamp',
    'local-timestamp-millis': 'io.debezium.time.Timestamp',
    'local-timestamp-micros': 'io.debezium.time.MicroTimestamp',
    uuid: 'io.debezium.data.Uuid',
};

function fieldsOf(
    schema: JsonSchema,
    namespace: string,
    named: ReadonlyMap<string, JsonSchema>,
): ReadonlyMap<string, AvroField> | null {
    if (typeof schema !== 'object' || Array.isArray(schema)) {
        return null;
    }
    const record = schema as JsonSchemaObject;
    if (record.fields === undefined) {
        return null;
    }
    const within = namespaceOf(record, namespace);
    return new Map(
        record.fields.map(({ name, type }) => {
            const inner = resolved(plain(type), within, named);
            // Two levels: the envelope, and the rows in it.
            const fields = namespace === '' ? fieldsOf(inner, within || ' ', named) : null;
            return [name, { type: typeOf(inner), fields }];
        }),
    );
}

/** Of a union with null the other one. */
function plain(type: JsonSchema): JsonSchema {
    if (!Array.isArray(type)) {
        return type;
    }
    const others = (type as readonly JsonSchema[]).filter((one) => one !== 'null');
    return others.length === 1 ? (others[0] as JsonSchema) : type;
}

function resolved(type: JsonSchema, namespace: string, named: ReadonlyMap<string, JsonSchema>): JsonSchema {
    return typeof type === 'string' ? (named.get(type) ?? named.get(`${namespace.trim()}.${type}`) ?? type) : type;
}

function typeOf(schema: JsonSchema): ConnectType {
    if (typeof schema === 'string') {
        return { ...UNKNOWN_TYPE, kind: KINDS[schema] ?? 'unknown' };
    }
    if (Array.isArray(schema)) {
        return UNKNOWN_TYPE;
    }
    const { type, logicalType, scale, precision, ...more } = schema as JsonSchemaObject;
    if (typeof type === 'object') {
        return typeOf(type);
    }
    return {
        kind: KINDS[type ?? ''] ?? 'unknown',
        name: more['connect.name'] ?? LOGICAL[logicalType ?? ''] ?? null,
        scale: scale ?? (logicalType === 'decimal' ? 0 : null),
        precision: precision ?? null,
    };
}

function collectNamed(schema: JsonSchema, namespace: string, named: Map<string, JsonSchema>): void {
    if (Array.isArray(schema)) {
        for (const one of schema as readonly JsonSchema[]) {
            collectNamed(one, namespace, named);
        }
        return;
    }
    if (typeof schema !== 'object') {
        return;
    }
    const object = schema as JsonSchemaObject;
    const within = namespaceOf(object, namespace);
    if (object.name !== undefined && typeof object.type === 'string') {
        named.set(fullName(object, namespace), object);
        named.set(object.name, object);
    }
    for (const inner of [
        ...(object.fields ?? []).map(({ type }) => type),
        ...(typeof object.type === 'object' ? [object.type] : []),
        ...(object.items === undefined ? [] : [object.items]),
        ...(object.values === undefined ? [] : [object.values]),
    ]) {
        collectNamed(inner, within, named);
    }
}

function namespaceOf({ name = '', namespace }: JsonSchemaObject, outer: string): string {
    return name.includes('.') ? name.slice(0, name.lastIndexOf('.')) : (namespace ?? outer.trim());
}

function fullName(schema: JsonSchema, outer: string): string {
    const object = schema as JsonSchemaObject;
    const name = object.name ?? '';
    const namespace = namespaceOf(object, outer);
    return name.includes('.') || namespace === '' ? name : `${namespace}.${name}`;
}
