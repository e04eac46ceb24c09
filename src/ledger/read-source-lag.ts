import type { Database } from '../sqlite/database.ts';
import { SILENT_MS_MAX, type SourceLag, sourceLag } from './source-lag.ts';
import { readSource } from './sources.ts';
import { readCluster, readTopicPartitions } from './topics.ts';
import { topicsLag } from './topics-lag.ts';

/** Null: the database follows no source. */
export function readSourceLag(database: Database, now = Date.now()): SourceLag | null {
    const source = readSource(database);
    if (source !== null) {
        return sourceLag(source, now);
    }
    const cluster = readCluster(database);
    return cluster === null ? null : topicsLag(cluster, readTopicPartitions(database), now, SILENT_MS_MAX);
}
