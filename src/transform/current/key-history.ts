import { keyText } from '../../sql/key-text.ts';
import { quoteText } from '../../sql/quote.ts';
import type { CurrentSpec, KeyDecision } from './current-spec.ts';

/** The keys of a current table, as its SQL compares them with `elt_keys`. */

/** The file's own key, then the earlier ones. */
export function allKeys({ key, history }: Pick<CurrentSpec, 'key' | 'history'>): readonly (readonly string[])[] {
    return [key, ...(history?.earlier ?? [])];
}

/** A key as a SQL text. */
export function keyLabel(key: readonly string[]): string {
    return quoteText(keyText(key));
}

export function isSameKey(left: readonly string[], right: readonly string[]): boolean {
    return keyText(left) === keyText(right);
}

/** The decisions about changes to a key; those about a retyped key column lead from the key to itself. */
export function decisionsFor({ history }: CurrentSpec, key: readonly string[]): readonly KeyDecision[] {
    return (history?.decisions ?? []).filter(({ now }) => isSameKey(now, key));
}
