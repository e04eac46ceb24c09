import type { ValueRule } from '../core/storage-types.ts';
import type { SqlValue } from '../core/stream-event.ts';
import { hasForm, type ValueForm } from '../core/value-forms.ts';
import { integerOf, realOf } from '../core/value-texts.ts';
import { Refusal, requireUnicode, shown } from './refusal.ts';

const NO_NUMBER_TEXT = /^(?:NaN|-?Infinity)$/;

/** What decides how a column's values are stored. */
export interface ColumnRule {
    readonly name: string;
    readonly type: string | null;
    readonly rule: ValueRule;
    /** How its values must be written; absent where any text may be one. */
    readonly form?: ValueForm | undefined;
}

/**
 * Converts values of `JSON.parse` to those to store, in place. Stops and returns false at the first value whose source
 * text matters; `exactValue` converts that one.
 */
export function convertPlain(values: unknown[], rules: readonly ColumnRule[]): values is SqlValue[] {
    for (let index = 0; index < values.length; index++) {
        const value = values[index];
        if (value === null) {
            continue;
        }
        switch ((rules[index] as ColumnRule).rule) {
            case 'integer':
                if (!Number.isSafeInteger(value)) {
                    return false;
                }
                break;
            case 'boolean':
                if (typeof value !== 'boolean') {
                    return false;
                }
                values[index] = value ? 1 : 0;
                break;
            case 'number':
                if (typeof value !== 'number' || !Number.isFinite(value)) {
                    return false;
                }
                break;
            default: {
                const { form } = rules[index] as ColumnRule;
                const isText = typeof value === 'string' && value.isWellFormed();
                if (!isText || (form !== undefined && !hasForm(value, form))) {
                    return false;
                }
            }
        }
    }
    return true;
}

/**
 * The one value to store for a JSON value and its source text, exactly.
 * @throws Refusal `value-does-not-fit` if the column's type cannot have it, `lone-surrogate` if it is not Unicode text.
 */
export function exactValue(value: unknown, source: string, column: ColumnRule): SqlValue {
    if (value === null) {
        return null;
    }
    if (typeof value === 'string') {
        requireUnicode(value, `column "${column.name}"`);
    }
    const exact = BY_RULE[column.rule](value, source);
    const isForm = column.form === undefined || hasForm(String(exact), column.form);
    if (exact !== undefined && isForm) {
        return exact;
    }
    const type = column.type === null ? '' : ` of type ${column.type}`;
    throw new Refusal(
        'value-does-not-fit',
        `column "${column.name}"${type} cannot hold ${Number.isFinite(value) || typeof value !== 'number' ? shown(value ?? source) : source}`,
    );
}

const BY_RULE: Readonly<Record<ValueRule, (value: unknown, source: string) => SqlValue | undefined>> = {
    integer(value, source) {
        if (Number.isSafeInteger(value)) {
            return value as number;
        }
        // A domain over an integer, and numeric-data-types-as-string, come as text.
        if (typeof value === 'number') {
            return integerOf(source);
        }
        return typeof value === 'string' ? integerOf(value) : undefined;
    },
    boolean(value) {
        // A domain over boolean comes as PostgreSQL's text.
        if (value === true || value === 't') {
            return 1;
        }
        return value === false || value === 'f' ? 0 : undefined;
    },
    number(value) {
        // A domain over a number, and numeric-data-types-as-string, come as text: these three no double keeps.
        if (typeof value === 'string' && NO_NUMBER_TEXT.test(value)) {
            return value;
        }
        const number = typeof value === 'string' ? realOf(value) : value;
        return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
    },
    numeric: textOf,
    text: textOf,
    any(value, source) {
        if (typeof value === 'boolean') {
            return value ? 1 : 0;
        }
        return typeof value === 'number' ? (integerOf(source) ?? source) : textOf(value, source);
    },
};

function textOf(value: unknown, source: string): string {
    return typeof value === 'string' ? value : source;
}
