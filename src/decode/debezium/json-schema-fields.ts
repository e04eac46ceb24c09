import type { ConnectType } from '../connect-type.ts';

export interface SchemaField {
    readonly name: string;
    readonly type: ConnectType;
}

/** A schema as Kafka Connect's JSON converter writes it. */
interface JsonSchema {
    readonly type?: unknown;
    readonly name?: unknown;
    readonly field?: unknown;
    readonly fields?: readonly JsonSchema[];
    readonly parameters?: Readonly<Record<string, unknown>>;
}

const KINDS = new Set(['boolean', 'int8', 'int16', 'int32', 'int64', 'float', 'double', 'string', 'bytes']);
const VERSIONS = { float32: 'float', float64: 'double' } as const;

/**
 * The fields of a schema (under '') and of the structures in it that are rows (`before`, `after`), by their names.
 * Source: https://kafka.apache.org/documentation/#connect, JsonConverter
 */
export function schemaFields(schema: unknown): ReadonlyMap<string, readonly SchemaField[]> {
    const { fields = [] } = (schema ?? {}) as JsonSchema;
    const rows = fields.filter(({ type, fields: inner }) => type === 'struct' && Array.isArray(inner));
    return new Map([
        ['', fields.map(fieldOf)],
        ...rows.map((row) => [String(row.field), (row.fields ?? []).map(fieldOf)] as const),
    ]);
}

function fieldOf({ type, name, field, parameters }: JsonSchema): SchemaField {
    const text = String(type);
    const known = text in VERSIONS ? VERSIONS[text as keyof typeof VERSIONS] : text;
    const number = (key: string): number | null =>
        parameters?.[key] === undefined || !Number.isSafeInteger(Number(parameters[key]))
            ? null
            : Number(parameters[key]);
    return {
        name: String(field),
        type: {
            kind: KINDS.has(known) ? (known as ConnectType['kind']) : 'structure',
            name: typeof name === 'string' ? name : null,
            scale: number('scale'),
            precision: number('connect.decimal.precision'),
        },
    };
}
