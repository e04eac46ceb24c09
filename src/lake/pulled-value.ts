import { decimalDigits, type ParquetType } from '../parquet/parquet-type.ts';
import { fromLakeValue } from './from-lake-value.ts';

/** The types of SQLite's strict tables, as they are declared. */
export type DeclaredType = 'integer' | 'real' | 'text' | 'blob' | 'any';

/** SQLite's type for a column that nothing else is known of. */
export function declaredFor(type: ParquetType): DeclaredType {
    const digits = decimalDigits(type);
    if (digits !== undefined) {
        // A double keeps any decimal of up to 15 digits.
        return digits.precision <= 15 ? 'real' : 'text';
    }
    return OF_TYPE[type as keyof typeof OF_TYPE];
}

const OF_TYPE = {
    integer: 'integer',
    boolean: 'integer',
    double: 'real',
    date: 'text',
    timestamp: 'text',
    timestamptz: 'text',
    bytes: 'text',
    text: 'text',
} as const satisfies Readonly<Record<Exclude<ParquetType, `decimal(${number},${number})`>, DeclaredType>>;

/** How a Parquet value becomes one of a column that is so declared; undefined: it cannot without a change. */
export function toPulled(type: ParquetType, declared: DeclaredType): ((value: unknown) => unknown) | undefined {
    const convert = fromLakeValue(type, declared === 'real');
    switch (declared) {
        case 'integer':
            return type === 'integer' || type === 'boolean' ? convert : undefined;
        case 'real':
            // STRICT makes a REAL of a whole number that a double can hold, and it is what SQLite's own sum would be.
            return type === 'double' || type === 'integer' || decimalDigits(type) !== undefined ? convert : undefined;
        case 'text':
            return type === 'integer' || type === 'boolean' || type === 'double' ? undefined : convert;
        case 'blob':
            return type === 'bytes' ? (value) => (value === null ? null : Buffer.from(value as Uint8Array)) : undefined;
        case 'any':
            return convert;
    }
}
