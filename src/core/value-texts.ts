/** How values are spelled, in PostgreSQL's texts, in JSON, CSV and on the command line. */

const INTEGER_TEXT = /^(?:0|-?[1-9][0-9]*)$/;
const DECIMAL_TEXT = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/;
const UUID_TEXT = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const DATE_TEXT = /^(\d{4})-(\d\d)-(\d\d)$/;
const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;
/** `-9223372036854775808` */
const INT64_CHARACTERS_MAX = 20;

/** The value clamped to 64 bits. */
export function toInt64(value: bigint): bigint {
    return value < INT64_MIN ? INT64_MIN : value > INT64_MAX ? INT64_MAX : value;
}

/** The whole number of 64 bits that a text spells, without leading zeros; a bigint above 2^53. */
export function integerOf(text: string): number | bigint | undefined {
    if (text.length > INT64_CHARACTERS_MAX || !INTEGER_TEXT.test(text)) {
        return undefined;
    }
    const number = Number(text);
    if (Number.isSafeInteger(number)) {
        return number;
    }
    const integer = BigInt(text);
    return integer === toInt64(integer) ? integer : undefined;
}

/** Whether a text spells a decimal number as JSON does. */
export function isDecimal(text: string): boolean {
    return DECIMAL_TEXT.test(text);
}

/** The number that a text spells, if a double can hold it; PostgreSQL's `NaN` and `Infinity` are none. */
export function realOf(text: string): number | undefined {
    const number = isDecimal(text) ? Number(text) : Number.NaN;
    return Number.isFinite(number) ? number : undefined;
}

export function isUuid(text: string): boolean {
    return UUID_TEXT.test(text);
}

/** Whether a text is a day of the calendar, `2024-02-29`. */
export function isDate(text: string): boolean {
    const [, year, month, day] = DATE_TEXT.exec(text)?.map(Number) ?? [];
    if (year === undefined || month === undefined || day === undefined || month < 1 || month > 12) {
        return false;
    }
    const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
    const days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? 0;
    return day >= 1 && day <= days;
}
