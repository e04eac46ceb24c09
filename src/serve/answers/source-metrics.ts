import type { SourceLag } from '../../ledger/source-lag.ts';
import { escaped, head } from './metric-lines.ts';
import type { ServedPipeline } from './served-pipeline.ts';

interface Followed {
    readonly pipeline: string;
    readonly lag: SourceLag;
}

/** Of every pipeline that follows a server; a figure that is not known has no line, and is never 0. */
export function sourceLines(pipelines: readonly ServedPipeline[]): readonly string[] {
    const followed = pipelines.flatMap((pipeline): readonly Followed[] => {
        const lag = pipeline.sourceLag();
        return lag === null ? [] : [{ pipeline: escaped(pipeline.name), lag }];
    });
    const gauge = (name: string, help: string, of: (lag: SourceLag) => number | null): readonly string[] => {
        const lines = followed.flatMap(({ pipeline, lag }) => {
            const value = of(lag);
            return value === null ? [] : [`${name}{pipeline="${pipeline}"} ${value}`];
        });
        return lines.length === 0 ? [] : [...head(name, 'gauge', help), ...lines];
    };
    return [
        ...gauge('elt_source_following', '1 if the follower heard the server within the last minute.', (lag) =>
            lag.isFollowing ? 1 : 0,
        ),
        ...gauge('elt_source_lag_bytes', 'Bytes of the log of the server that have not landed.', (lag) =>
            lag.unit === 'bytes' ? lag.behind : null,
        ),
        ...partitionLines(followed),
        ...gauge(
            'elt_source_lag_seconds',
            'How old the state of the source is that the database shows, at most.',
            (lag) => lag.seconds,
        ),
        ...gauge('elt_source_heard_timestamp_seconds', 'When the server was last heard.', (lag) =>
            lag.heardAt === null ? null : Date.parse(lag.heardAt) / 1_000,
        ),
    ];
}

function partitionLines(followed: readonly Followed[]): readonly string[] {
    const lines = followed.flatMap(({ pipeline, lag }) =>
        lag.partitions.map(
            ({ topic, partition, messages }) =>
                `elt_source_lag_messages{pipeline="${pipeline}",topic="${escaped(topic)}",partition="${partition}"} ${messages}`,
        ),
    );
    const help = 'Messages of a partition that have not landed.';
    return lines.length === 0 ? [] : [...head('elt_source_lag_messages', 'gauge', help), ...lines];
}
