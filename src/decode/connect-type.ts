/** The type of a field as Kafka Connect describes it, in JSON or in Avro. */
export interface ConnectType {
    readonly kind:
        | 'boolean'
        | 'int8'
        | 'int16'
        | 'int32'
        | 'int64'
        | 'float'
        | 'double'
        | 'string'
        | 'bytes'
        /** Arrays, maps and records, which are kept as their JSON text. */
        | 'structure'
        /** Nothing is known of it: JSON without a schema. */
        | 'unknown';
    /** What it stands for: `io.debezium.time.MicroTimestamp`; null: itself. */
    readonly name: string | null;
    /** Of a decimal. */
    readonly scale: number | null;
    readonly precision: number | null;
}

export const UNKNOWN_TYPE: ConnectType = { kind: 'unknown', name: null, scale: null, precision: null };

const PLAIN: Readonly<Record<ConnectType['kind'], string | null>> = {
    boolean: 'boolean',
    int8: 'smallint',
    int16: 'smallint',
    int32: 'integer',
    int64: 'bigint',
    float: 'real',
    double: 'double precision',
    string: 'text',
    bytes: 'bytea',
    structure: 'jsonb',
    unknown: null,
};

export const DECIMAL = 'org.apache.kafka.connect.data.Decimal';
export const VARIABLE_DECIMAL = 'io.debezium.data.VariableScaleDecimal';

/** Digits after the point of a second. Source: Debezium's documentation, "PostgreSQL connector", "Temporal types". */
export const DATE_TYPES = new Set(['io.debezium.time.Date', 'org.apache.kafka.connect.data.Date']);
export const TIMESTAMP_DIGITS: ReadonlyMap<string, number> = new Map([
    ['io.debezium.time.Timestamp', 3],
    ['org.apache.kafka.connect.data.Timestamp', 3],
    ['io.debezium.time.MicroTimestamp', 6],
    ['io.debezium.time.NanoTimestamp', 9],
]);
export const TIME_DIGITS: ReadonlyMap<string, number> = new Map([
    ['io.debezium.time.Time', 3],
    ['org.apache.kafka.connect.data.Time', 3],
    ['io.debezium.time.MicroTime', 6],
    ['io.debezium.time.NanoTime', 9],
]);

const NAMED: ReadonlyMap<string, string> = new Map([
    [VARIABLE_DECIMAL, 'numeric'],
    ['io.debezium.data.Json', 'jsonb'],
    ['io.debezium.data.Uuid', 'uuid'],
    ['io.debezium.data.Bits', 'bit varying'],
    ['io.debezium.data.Xml', 'xml'],
    ['io.debezium.time.ZonedTime', 'time with time zone'],
    ['io.debezium.time.Interval', 'interval'],
]);

/** The PostgreSQL type whose values these are, which also says how they are stored; null: unknown. */
export function pgTypeOf({ kind, name, scale, precision }: ConnectType): string | null {
    if (name === DECIMAL) {
        return precision === null ? 'numeric' : `numeric(${precision},${scale ?? 0})`;
    }
    if (name !== null && DATE_TYPES.has(name)) {
        return 'date';
    }
    if (name !== null && TIMESTAMP_DIGITS.has(name)) {
        return 'timestamp without time zone';
    }
    if (name !== null && TIME_DIGITS.has(name)) {
        return 'time without time zone';
    }
    return (name === null ? undefined : NAMED.get(name)) ?? PLAIN[kind];
}
