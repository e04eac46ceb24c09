import type { TopicPlaces } from '../../capture/kafka/topic-places.ts';
import type { TopicRun } from '../../capture/kafka/topic-run.ts';
import { EltError } from '../../core/errors.ts';
import { readCluster, updateCluster } from '../../ledger/topics.ts';
import type { Database } from '../../sqlite/database.ts';
import { Follower } from '../follow-stream.ts';
import { followerBackoff } from '../retry.ts';
import { KafkaParts, type KafkaRequest } from './live-parts.ts';

/** Follows topics: see `KafkaRequest`. Resolves when it is interrupted or at the end; with what was put aside. */
export async function followKafka(request: KafkaRequest): Promise<{ readonly rejected: number }> {
    const { database, interrupt } = request;
    // A cluster that has answered once is waited for; one that never has may be a typing mistake.
    const wasKnown = readCluster(database) !== null;
    const isKnown = (): boolean => wasKnown || readCluster(database) !== null;
    const backoff = followerBackoff(
        interrupt.requested,
        (error) => (error.code === 'SOURCE_UNREACHABLE' && isKnown()) || error.code === 'DATABASE_LOCKED',
    );
    const parts = new KafkaParts(request, backoff);
    parts.begin();
    await new Follower<TopicRun, TopicPlaces>(parts).run();
    return { rejected: parts.rejected };
}

/** For an error that the follower ended with: the ledger shows it to those who look at it from outside. */
export function noteKafkaError(database: Database, error: unknown): void {
    if (error instanceof EltError && !database.inTransaction && readCluster(database) !== null) {
        updateCluster(database, { error: `${error.code}: ${error.message}` });
    }
}
