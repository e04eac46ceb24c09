import type { SqlValue } from '../../core/stream-event.ts';
import { type DeclaredColumn, ROW_TYPES, type RowType } from '../../project/declared-source.ts';
import { Refusal, shown } from '../refusal.ts';

const INTEGER_TEXT = /^-?(?:0|[1-9][0-9]*)$/;
const DECIMAL_TEXT = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/;
const DATE_TEXT = /^(\d{4})-(\d\d)-(\d\d)$/;
const TIME_TEXT = /^([01]\d|2[0-3]):[0-5]\d(:([0-5]\d|60)([.,]\d+)?)?(Z|[+-]\d\d(:?\d\d)?)?$/;
const UUID_TEXT = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;

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
    if (source.charCodeAt(0) !== 0x22) {
        return fitting(source, source, column);
    }
    const text = source.includes('\\') ? (JSON.parse(source) as string) : source.slice(1, -1);
    if (!text.isWellFormed()) {
        throw new Refusal(
            'lone-surrogate',
            `column "${column.name}" contains a lone surrogate, which is not Unicode text`,
        );
    }
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
    integer: integerOf,
    numeric: (text) => (DECIMAL_TEXT.test(text) ? text : undefined),
    real(text) {
        const number = DECIMAL_TEXT.test(text) ? Number(text) : Number.NaN;
        return Number.isFinite(number) ? number : undefined;
    },
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
    uuid: (text) => (UUID_TEXT.test(text) ? text : undefined),
    json(text) {
        try {
            JSON.parse(text);
            return text;
        } catch {
            return undefined;
        }
    },
};

function integerOf(text: string): number | bigint | undefined {
    if (!INTEGER_TEXT.test(text) || text.length > 20) {
        return undefined;
    }
    const number = Number(text);
    if (Number.isSafeInteger(number)) {
        return number;
    }
    const integer = BigInt(text);
    return integer >= INT64_MIN && integer <= INT64_MAX ? integer : undefined;
}

function isDate(text: string): boolean {
    const [, year, month, day] = DATE_TEXT.exec(text)?.map(Number) ?? [];
    if (year === undefined || month === undefined || day === undefined || month < 1 || month > 12) {
        return false;
    }
    const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
    const days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? 0;
    return day >= 1 && day <= days;
}
