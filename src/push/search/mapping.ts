import type { MartShape } from '../mart-shape.ts';
import type { PushKind } from '../push-type.ts';

/** A field of an index. */
export interface FieldMapping {
    readonly type?: string;
    readonly [setting: string]: unknown;
}

/** Lucene keeps no term of more than 32,766 bytes, and a character takes up to four: a longer text is not searched. */
const SEARCHED_CHARACTERS_MAX = 8_191;

/** Source: https://docs.opensearch.org/latest/field-types/supported-field-types/index/ */
const BY_KIND: Readonly<Record<PushKind, FieldMapping>> = {
    boolean: { type: 'boolean' },
    integer: { type: 'long' },
    float: { type: 'double' },
    // Searched and summed as a double; the document keeps every digit.
    numeric: { type: 'double' },
    date: { type: 'date' },
    timestamp: { type: 'date' },
    // Kept as it is, whatever it holds, and not searched.
    json: { type: 'object', enabled: false },
    bytes: { type: 'binary' },
    text: { type: 'keyword', ignore_above: SEARCHED_CHARACTERS_MAX },
};

export function fieldsOf({ columns }: MartShape): Readonly<Record<string, FieldMapping>> {
    return Object.fromEntries(columns.map(({ name, type }) => [name, BY_KIND[type.kind]]));
}

/** A field that the mart does not have is an error, not a new column. */
export function indexBody(shape: MartShape, origin: string): unknown {
    return {
        // Readers get the alias when it is filled: until then nothing need be searchable. A deleted document keeps its
        // version for as long as a request could be on its way.
        settings: { index: { refresh_interval: '-1', gc_deletes: '10m' } },
        mappings: { dynamic: 'strict', _meta: { elt: { mart: shape.mart, origin } }, properties: fieldsOf(shape) },
    };
}

/** Fields that an index lacks, and what else differs, as a person reads it. */
export function compareFields(
    held: Readonly<Record<string, FieldMapping>>,
    shape: MartShape,
): { readonly missing: Readonly<Record<string, FieldMapping>>; readonly differs: readonly string[] } {
    const wanted = fieldsOf(shape);
    const missing = Object.entries(wanted).filter(([name]) => held[name] === undefined);
    const retyped = Object.entries(wanted).flatMap(([name, { type }]) => {
        const found = held[name];
        return found === undefined || (found.type ?? 'object') === type
            ? []
            : [`"${name}" is ${found.type ?? 'object'}, and ${type} for the mart`];
    });
    const surplus = Object.keys(held).flatMap((name) =>
        wanted[name] === undefined ? [`"${name}" is not in the mart`] : [],
    );
    return { missing: Object.fromEntries(missing), differs: [...retyped, ...surplus] };
}
