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

/** How many times a row may get another key while updates leave columns out, unless a number is given: 2 to this power. */
export const HOPS_FIRST = 5;

/** No history has so many changes as 2 to this power. */
export const HOPS_MAX = 40;

/** What a fold says that was printed for fewer hops than a row has made. */
export function tooFewHopsMessage(tail: string, hops: number): string {
    return `a row of ${tail} has got another key more than ${2 ** hops} times while columns were left out: print with --hops ${Math.min(2 * hops, HOPS_MAX)}`;
}

/** The same in what an engine has written; undefined: it is another error. */
export function tooFewHops(said: string): string | undefined {
    return /a row of .+? has got another key more than \d+ times while columns were left out/.exec(said)?.[0];
}
