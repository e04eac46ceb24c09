import type { ColumnShape, SqlValue } from '../core/stream-event.ts';
import type { KnownShape } from './shapes.ts';
import type { ColumnRule } from './values.ts';

/** The same columns again for the same texts: plans of landing are kept by the identity of a shape. */
const variants = new WeakMap<KnownShape, Map<string, KnownShape>>();

/**
 * The shape of a row in which a column of numbers holds a text: `NaN` or an infinity. Staging keeps such a column as
 * ANY from then on, which is drift, because a REAL can hold neither.
 */
export function withTexts(known: KnownShape, values: readonly SqlValue[], old: readonly SqlValue[]): KnownShape {
    const [now, before] = [textsOf(values, known.rules), textsOf(old, known.oldRules)];
    if (now.length + before.length === 0) {
        return known;
    }
    let made = variants.get(known);
    if (made === undefined) {
        made = new Map();
        variants.set(known, made);
    }
    const key = `${now.join()} ${before.join()}`;
    let variant = made.get(key);
    if (variant === undefined) {
        const columns = marked(known.shape.columns, now);
        variant = { ...known, shape: { ...known.shape, columns, oldColumns: marked(known.shape.oldColumns, before) } };
        made.set(key, variant);
    }
    return variant;
}

function textsOf(values: readonly SqlValue[], rules: readonly ColumnRule[]): number[] {
    return values.flatMap((value, index) =>
        typeof value === 'string' && rules[index]?.rule === 'number' ? [index] : [],
    );
}

function marked(columns: readonly ColumnShape[], places: readonly number[]): readonly ColumnShape[] {
    return columns.map((column, index) => (places.includes(index) ? { ...column, isText: true as const } : column));
}
