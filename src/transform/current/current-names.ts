import { quoteName } from '../../sql/quote.ts';
import { relationText } from '../../sql/relation-name.ts';
import type { CurrentColumn, CurrentSpec } from './current-spec.ts';

/** The names that the SQL of a current table uses, and the values that it takes from staging. */

export function currentNames({ tail, schema, table }: CurrentSpec) {
    return {
        relation: relationText(schema, table),
        staging: quoteName(`stg_${tail}`),
        current: quoteName(`current_${tail}`),
        changed: quoteName(`changed_${tail}`),
        foldView: quoteName(`fold_${tail}`),
        keyIndex: quoteName(`key_${tail}`),
    };
}

export function columnOf(spec: CurrentSpec, name: string): CurrentColumn {
    return spec.columns.find((column) => column.name === name) ?? { name, type: 'TEXT' };
}

/** In a column retyped in flight '7' and 7 would not join: the current table holds PostgreSQL's text. */
export function stagedValue({ name, type, unseen }: CurrentColumn, prefix: string): string {
    const column = `${prefix}${quoteName(name)}`;
    return unseen === true ? 'null' : type === 'ANY' ? `cast(${column} as text)` : column;
}

export function declaredType(type: CurrentColumn['type']): string {
    return type === 'ANY' ? 'text' : type.toLowerCase();
}

/** `a`, or `(a, b)`: SQLite's row values need two columns. */
export function tuple(items: readonly string[]): string {
    return items.length === 1 ? (items[0] ?? '') : `(${items.join(', ')})`;
}
