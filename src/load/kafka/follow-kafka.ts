import type { TopicPlaces } from '../../capture/kafka/topic-places.ts';
import type { TopicRun } from '../../capture/kafka/topic-run.ts';
import { EltError } from '../../core/errors.ts';
import { readCluster, updateCluster } from '../../ledger/topics.ts';
import type { Database } from '../../sqlite/database.ts';
import { Follower } from '../follow-stream.ts';
import type { Backoff } from '../retry.ts';
import { KafkaParts, type KafkaRequest } from './live-parts.ts';

const FIRST_WAIT_MS = 200;
const WAIT_MS_MAX = 30_000;
const TURN_MS = 100;

/** Follows topics: see `KafkaRequest`. Resolves when it is interrupted or at the end; with what was put aside. */
export async function followKafka(request: KafkaRequest): Promise<{ readonly rejected: number }> {
    const { database, interrupt } = request;
    // A cluster that has answered once is waited for; one that never has may be a typing mistake.
    const isKnown = readCluster(database) !== null;
    const parts = new KafkaParts(
        request,
        backoffOf(interrupt, () => isKnown || readCluster(database) !== null),
    );
    parts.begin();
    await new Follower<TopicRun, TopicPlaces>(parts).run();
    return { rejected: parts.rejected };
}

function backoffOf(interrupt: KafkaRequest['interrupt'], isKnown: () => boolean): Backoff {
    return {
        firstMs: FIRST_WAIT_MS,
        mostMs: WAIT_MS_MAX,
        isPassing: (error) => (error.code === 'SOURCE_UNREACHABLE' && isKnown()) || error.code === 'DATABASE_LOCKED',
        wait: async (milliseconds) => {
            for (const end = performance.now() + milliseconds; performance.now() < end; ) {
                if (interrupt.requested()) {
                    return true;
                }
                await new Promise((resolve) => setTimeout(resolve, Math.min(TURN_MS, end - performance.now())));
            }
            return interrupt.requested();
        },
    };
}

/** For an error that the follower ended with: the ledger shows it to those who look at it from outside. */
export function noteKafkaError(database: Database, error: unknown): void {
    if (error instanceof EltError && !database.inTransaction && readCluster(database) !== null) {
        updateCluster(database, { error: `${error.code}: ${error.message}` });
    }
}
