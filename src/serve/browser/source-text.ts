/** How far a pipeline is behind the server that it follows, when the page was read. */
export interface SourceState {
    readonly phase: 'creating' | 'snapshot' | 'streaming' | 'lost';
    readonly following: boolean;
    /** What has not landed: of PostgreSQL's log, or of topics. */
    readonly lag_bytes?: number | null;
    readonly lag_messages?: number | null;
    readonly lag_seconds: number | null;
    readonly heard_at: string | null;
}

/** A follower that runs hears the server more often. */
const SILENT_MS_MAX = 60_000;

/** In words; `isLate`: the figures may be older than they look. */
export function sourceText(source: SourceState, now: Date): { readonly text: string; readonly isLate: boolean } {
    if (source.phase === 'lost') {
        return { text: 'Changes of the source are missing', isLate: true };
    }
    if (source.phase !== 'streaming') {
        return { text: 'The source is being copied', isLate: true };
    }
    const silentMs = source.heard_at === null ? null : now.getTime() - Date.parse(source.heard_at);
    if (silentMs === null || silentMs > SILENT_MS_MAX || !source.following) {
        const since = silentMs === null ? 'yet' : `for ${spanText(Math.max(0, silentMs))}`;
        return { text: `The source has not been heard ${since}`, isLate: true };
    }
    const behind = source.lag_messages ?? source.lag_bytes;
    if (behind === 0 || source.lag_seconds === null) {
        return { text: 'The source is followed', isLate: false };
    }
    const messages = source.lag_messages === undefined ? '' : `, ${behind} ${behind === 1 ? 'message' : 'messages'}`;
    return { text: `${spanText(source.lag_seconds * 1_000)} behind the source${messages}`, isLate: false };
}

function spanText(milliseconds: number): string {
    const seconds = milliseconds / 1_000;
    if (seconds < 90) {
        return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
    }
    const minutes = Math.round(seconds / 60);
    return minutes < 90
        ? `${minutes} min`
        : minutes < 2_880
          ? `${Math.round(minutes / 60)} h`
          : `${Math.round(minutes / 1_440)} d`;
}
