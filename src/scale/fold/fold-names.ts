import { encodeLabel } from '../../sql/quote.ts';
import type { CurrentColumn } from '../../transform/current/current-spec.ts';
import type { Dialect } from '../dialects/dialect.ts';

/** The column of a lake that holds the key which an update has replaced. */
export function oldName(column: string): string {
    return `_old_${column}`;
}

/** The name of a column within the commas of `_absent`. */
export function absentLabel(column: string): string {
    return `,${encodeLabel(column)},`;
}

/** The value that a change gives to a column of the current table. */
export function changedValue(dialect: Dialect, prefix: string, { name, type, unseen }: CurrentColumn): string {
    return unseen === true ? `cast(null as ${dialect.type(type)})` : `${prefix}${dialect.name(name)}`;
}
