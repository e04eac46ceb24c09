import type { SourceLag } from '../../ledger/source-lag.ts';

/** What answers say of a source that is followed; `lag_seconds` is at most so old, `heard_at` when the server was heard. */
export function lagJson({ phase, isFollowing, unit, behind, seconds, heardAt }: SourceLag) {
    return {
        phase,
        following: isFollowing,
        [`lag_${unit}` as const]: behind,
        lag_seconds: seconds === null ? null : Math.round(seconds * 10) / 10,
        heard_at: heardAt,
    };
}
