import { QUOTE } from '../../core/ascii.ts';
import type { SqlValue } from '../../core/stream-event.ts';
import { integerOf, isDate, isDecimal, isUuid, realOf } from '../../core/value-texts.ts';
import { type DeclaredColumn, ROW_TYPES, type RowType } from '../../project/declared-source.ts';
import { Refusal, requireUnicode, shown } from '../refusal.ts';

const TIME_TEXT = /^([01]\d|2[0-3]):[0-5]\d(:([0-5]\d|60)([.,]\d+)?)?(Z|[+-](0\d|1[0-5])(:?[0-5]\d)?)?$/;

/**
 * The value to store for a field of CSV. An empty field is null, except in a text column.
 * @throws Refusal `value-does-not-fit`, `value-missing`.
 */
export function csvValue(field: string, column: DeclaredColumn): SqlValue {
    if (field === '' && column.type !== 'text') {
        return missing(column);
    }
    return fitting(field, field, column);
}

/**
 * The value to store for a member of a JSON row; `source` is its JSON text. An absent member is null; so is a JSON null,
 * except in a json column, which keeps it.
 * @throws Refusal `value-does-not-fit`, `value-missing`, `lone-surrogate`.
 */
export function jsonValue(source: string | undefined, column: DeclaredColumn): SqlValue {
    if (source === undefined) {
        return missing(column);
    }
    if (column.type === 'json') {
        return source;
    }
    if (source === 'null') {
        return missing(column);
    }
    if (source.charCodeAt(0) !== QUOTE) {
        return fitting(source, source, column);
    }
    const text = source.includes('\\') ? (JSON.parse(source) as string) : source.slice(1, -1);
    requireUnicode(text, `column "${column.name}"`);
    return fitting(text, source, column);
}

function missing(column: DeclaredColumn): null {
    if (column.required) {
        throw new Refusal('value-missing', `column "${column.name}" must have a value`);
    }
    return null;
}

function fitting(text: string, source: string, column: DeclaredColumn): SqlValue {
    // Of a column of which only its storage is known, a boolean is a whole number too.
    const value = BY_TYPE[column.type](text) ?? (column.stored === 'INTEGER' ? BY_TYPE.boolean(text) : undefined);
    if (value !== undefined) {
        return value;
    }
    const type = ROW_TYPES[column.type];
    throw new Refusal('value-does-not-fit', `column "${column.name}" of type ${type} cannot hold ${shown(source)}`);
}

const BY_TYPE: Readonly<Record<RowType, (text: string) => SqlValue | undefined>> = {
    text: (text) => text,
    record: (text) => text,
    integer: (text) => (text === '-0' ? 0 : integerOf(text)),
    numeric: (text) => (isDecimal(text) ? text : undefined),
    real: realOf,
    boolean(text) {
        if (text === 'true' || text === 't' || text === '1') {
            return 1;
        }
        return text === 'false' || text === 'f' || text === '0' ? 0 : undefined;
    },
    date: (text) => (isDate(text) ? text : undefined),
    timestamp(text) {
        const isWhole = isDate(text.slice(0, 10)) && /[T ]/.test(text.charAt(10)) && TIME_TEXT.test(text.slice(11));
        return isWhole ? text : undefined;
    },
    uuid: (text) => (isUuid(text) ? text : undefined),
    json(text) {
        try {
            JSON.parse(text);
            return text;
        } catch {
            return undefined;
        }
    },
};
