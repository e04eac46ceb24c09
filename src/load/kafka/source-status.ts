import { checkTopics } from '../../capture/kafka/check-server.ts';
import { clusterDifferent } from '../../capture/kafka/offset-errors.ts';
import type { ServerAddress } from '../../capture/kafka/server-address.ts';
import { ServerConnection } from '../../capture/kafka/server-connection.ts';
import type { ClusterFacts } from '../../capture/kafka/server-facts.ts';
import type { SourceFinding } from '../../capture/kafka/source-finding.ts';
import { EltError } from '../../core/errors.ts';
import {
    type ClusterRow,
    deleteCluster,
    readCluster,
    readTopicPartitions,
    readTopicResets,
    type TopicPartitionRow,
    type TopicResetRow,
} from '../../ledger/topics.ts';
import { partitionLag } from '../../ledger/topics-lag.ts';
import { type Database, inTransaction } from '../../sqlite/database.ts';
import { placeOf } from './stored-places.ts';

/** What is known of the topics: by the database, and by the cluster if it answers. */
export interface TopicsStatus {
    readonly cluster: ClusterRow;
    readonly partitions: readonly PartitionStatus[];
    readonly resets: readonly TopicResetRow[];
    /** Of all partitions: messages that have not landed. */
    readonly lagMessages: number;
    /** The cluster was asked, and these numbers are its; else they are as last heard. */
    readonly isLive: boolean;
    /** Why the cluster could not be asked. */
    readonly unreachable: EltError | null;
}

export interface PartitionStatus extends TopicPartitionRow {
    readonly lag_messages: number;
    /** How old the state is that the database shows, where messages wait; null: not known. */
    readonly lag_seconds: number | null;
}

/** Asks the database, and the cluster where there is an address. */
export async function topicsStatus(database: Database, address: ServerAddress | null): Promise<TopicsStatus> {
    const cluster = readCluster(database) as ClusterRow;
    const rows = readTopicPartitions(database);
    const known = { cluster, resets: readTopicResets(database) };
    if (address === null) {
        return { ...known, ...laggingBehind(rows), isLive: false, unreachable: null };
    }
    const topics = [...new Set(rows.map(({ topic }) => topic))];
    const connection = new ServerConnection({ ...address, topics });
    try {
        const facts = await connection.facts(topics);
        if (facts.clusterId !== cluster.cluster_id) {
            throw clusterDifferent(cluster.cluster_id, facts.clusterId);
        }
        return { ...known, ...laggingBehind(rows.map((row) => measured(row, facts))), isLive: true, unreachable: null };
    } catch (error) {
        if (!(error instanceof EltError)) {
            throw error;
        }
        return { ...known, ...laggingBehind(rows), isLive: false, unreachable: error };
    } finally {
        await connection.close();
    }
}

/** Everything that could go wrong, before anything is landed. */
export async function checkCluster(
    database: Database | null,
    address: ServerAddress,
): Promise<{ readonly facts: ClusterFacts; readonly findings: readonly SourceFinding[] }> {
    const stored = database === null ? [] : readTopicPartitions(database).map(placeOf);
    const wanted = database === null ? null : (readCluster(database)?.cluster_id ?? null);
    const connection = new ServerConnection(address);
    try {
        const { facts, findings } = await checkTopics(connection, stored);
        if (wanted !== null && wanted !== facts.clusterId) {
            throw clusterDifferent(wanted, facts.clusterId);
        }
        return { facts, findings };
    } finally {
        await connection.close();
    }
}

/** Forgets the cluster and the places in its topics; what has landed stays. Returns its name. */
export function forgetTopics(database: Database): string {
    const { name } = readCluster(database) as ClusterRow;
    inTransaction(database, () => deleteCluster(database));
    return name;
}

function measured(row: TopicPartitionRow, facts: ClusterFacts): TopicPartitionRow {
    const found = facts.topics
        .find(({ topic, topicId }) => topic === row.topic && topicId === row.topic_id)
        ?.partitions.find(({ partition }) => partition === row.partition);
    return found === undefined ? row : { ...row, first_offset: found.firstOffset, end_offset: found.endOffset };
}

function laggingBehind(rows: readonly TopicPartitionRow[]) {
    const partitions = rows.map((row): PartitionStatus => {
        const { messages, seconds } = partitionLag(row, Date.now());
        return { ...row, lag_messages: messages, lag_seconds: messages === 0 ? 0 : seconds };
    });
    return { partitions, lagMessages: partitions.reduce((sum, { lag_messages: lag }) => sum + lag, 0) };
}
