import type { SchemaElement } from 'hyparquet-writer';
import { decimalDigits, type ParquetField, type ParquetType } from './parquet-type.ts';

type Element = Omit<SchemaElement, 'name'>;

/** The schema of a file: the root, then a column each. */
export function parquetSchema(fields: readonly ParquetField[]): SchemaElement[] {
    return [
        { name: 'root', num_children: fields.length },
        ...fields.map(({ name, type }): SchemaElement => ({ name, repetition_type: 'OPTIONAL', ...elementOf(type) })),
    ];
}

/** Both forms of a type, the older converted and the logical one, where both exist: some readers know one of them. */
const ELEMENTS: Readonly<Record<Exclude<ParquetType, `decimal(${number},${number})`>, Element>> = {
    integer: { type: 'INT64' },
    boolean: { type: 'BOOLEAN' },
    double: { type: 'DOUBLE' },
    date: { type: 'INT32', converted_type: 'DATE', logical_type: { type: 'DATE' } },
    timestamp: { type: 'INT64', logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: false, unit: 'MICROS' } },
    timestamptz: {
        type: 'INT64',
        converted_type: 'TIMESTAMP_MICROS',
        logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MICROS' },
    },
    bytes: { type: 'BYTE_ARRAY' },
    text: { type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } },
};

function elementOf(type: ParquetType): Element {
    const digits = decimalDigits(type);
    if (digits === undefined) {
        return ELEMENTS[type as keyof typeof ELEMENTS];
    }
    const { precision, scale } = digits;
    return {
        ...storageOfDecimal(precision),
        converted_type: 'DECIMAL',
        logical_type: { type: 'DECIMAL', precision, scale },
        precision,
        scale,
    };
}

/** The smallest storage that holds so many digits. Source: LogicalTypes.md, DECIMAL. */
function storageOfDecimal(precision: number): Element {
    if (precision <= 9) {
        return { type: 'INT32' };
    }
    if (precision <= 18) {
        return { type: 'INT64' };
    }
    let bytes = 9;
    while (2n ** BigInt(8 * bytes - 1) < 10n ** BigInt(precision)) {
        bytes++;
    }
    return { type: 'FIXED_LEN_BYTE_ARRAY', type_length: bytes };
}
