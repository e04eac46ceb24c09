import type { LoadRow } from './loads.ts';

/**
 * The place before the last row of a source that had no line break there: what the row of `elt_loads` would be if the
 * source had ended before it, and what the load had staged by then. Kept as JSON in `elt_loads.unended`.
 */
export interface UnendedPlace
    extends Pick<
        LoadRow,
        'end_byte' | 'sha256' | 'frame_state' | 'records' | 'changes' | 'rejected' | 'first_seq' | 'last_seq'
    > {
    /** `line`: a line break that follows ends the row; `quote`: nothing but reading it again can tell. */
    readonly kind: 'line' | 'quote';
    /** Up to here nothing is taken back. */
    readonly seq: number;
    /** By staging table. */
    readonly staged: Readonly<Record<string, { readonly rows: number; readonly checksum: number }>>;
}

export function unendedPlace({ unended }: Pick<LoadRow, 'unended'>): UnendedPlace | null {
    return unended === null ? null : (JSON.parse(unended) as UnendedPlace);
}
