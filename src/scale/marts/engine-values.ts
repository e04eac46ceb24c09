import type { SqlExpression } from '../../sql/grammar/sql-nodes.ts';
import { commonEngineType, type EngineType } from './engine-type.ts';
import type { Place, Translated, Translation } from './translation.ts';

/** Expressions as what stands around them needs them. */

/** What SQLite takes for true: a number that is not 0. */
export function condition(expression: SqlExpression, place: Place, to: Translation): string {
    const { sql, type } = to.expression(expression, place);
    switch (type) {
        case 'boolean':
            return sql;
        case 'integer':
        case 'real':
            return `${sql} <> 0`;
        case 'null':
            return 'cast(null as boolean)';
        default:
            return to.refuse('a text as a condition', expression, 'compare it with something');
    }
}

/** A boolean of an engine is 1 or 0 in SQLite. */
export function value(expression: SqlExpression, place: Place, to: Translation): Translated {
    const translated = to.expression(expression, place);
    return translated.type === 'boolean' ? { sql: `cast((${translated.sql}) as int)`, type: 'integer' } : translated;
}

export function valueAs(type: EngineType, expression: SqlExpression, place: Place, to: Translation): string {
    const translated = value(expression, place, to);
    if (translated.type !== type && translated.type !== 'null') {
        to.refuse(`a value that is ${words(translated.type)} where ${words(type)} is expected`, expression);
    }
    return translated.type === 'null' ? `cast(null as ${to.dialect.type(SQLITE_TYPE[type])})` : translated.sql;
}

export const SQLITE_TYPE = {
    integer: 'INTEGER',
    boolean: 'INTEGER',
    real: 'REAL',
    text: 'TEXT',
    null: 'TEXT',
    any: 'TEXT',
} as const;

export function words(type: EngineType): string {
    return type === 'any'
        ? 'of no certain type'
        : type === 'null'
          ? 'null'
          : `${type === 'integer' ? 'an' : 'a'} ${type}`;
}

/** Two values that SQLite compares as the engine does: both numbers, or both texts. */
export function comparable(
    left: SqlExpression,
    right: SqlExpression,
    place: Place,
    to: Translation,
): readonly [string, string, EngineType] {
    const [first, second] = [value(left, place, to), value(right, place, to)];
    const isNumber = ({ type }: Translated): boolean => ['integer', 'real', 'null'].includes(type);
    const isText = ({ type }: Translated): boolean => ['text', 'null'].includes(type);
    if (![isNumber, isText].some((is) => is(first) && is(second))) {
        return to.refuse(`a comparison of ${words(first.type)} with ${words(second.type)}`, left);
    }
    const type = commonEngineType([first.type, second.type]);
    return [first.sql, second.sql, type];
}

/** The text that SQLite makes of a value; that of a real differs between engines. */
export function textOf(expression: SqlExpression, place: Place, to: Translation): string {
    const { sql, type } = value(expression, place, to);
    if (type === 'text') {
        return sql;
    }
    return type === 'integer' || type === 'null'
        ? `cast(${sql} as ${to.dialect.type('TEXT')})`
        : to.refuse(`the text of ${words(type)}`, expression);
}
