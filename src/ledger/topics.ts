import type { Database } from '../sqlite/database.ts';
import { insertRow, saveRow, updateRows } from './write-row.ts';

/** A row of `elt_clusters`; the migration that creates the table explains each column. */
export interface ClusterRow {
    readonly name: string;
    readonly cluster_id: string;
    readonly load_id: number | null;
    readonly error: string | null;
    readonly created_at: string;
}

/** A row of `elt_topic_partitions`. */
export interface TopicPartitionRow {
    readonly topic: string;
    readonly partition: number;
    readonly topic_id: string;
    readonly next_offset: number;
    readonly leader_epoch: number;
    readonly record_time: number | null;
    readonly first_offset: number;
    readonly end_offset: number;
    readonly measured_at: string;
    readonly level_at: string | null;
}

/** A row of `elt_topic_resets`. */
export interface TopicResetRow {
    readonly topic: string;
    readonly partition: number;
    readonly reason: string;
    readonly was_topic_id: string;
    readonly was_offset: number;
    readonly now_topic_id: string;
    readonly now_offset: number;
    readonly reset_at: string;
}

/** A row of `elt_topic_rejects`. */
export interface TopicRejectRow {
    readonly reject_id: number;
    readonly topic: string;
    readonly partition: number;
    readonly offset: number;
    readonly format: string;
    readonly record_time: number;
    readonly key: Buffer | null;
    readonly is_null: number;
    readonly headers: string;
}

/** The cluster whose topics the database follows; null: none. */
export function readCluster(database: Database): ClusterRow | null {
    const sql = 'select name, cluster_id, load_id, error, created_at from elt_clusters';
    return (database.prepare(sql).get() as ClusterRow | undefined) ?? null;
}

export function saveCluster(database: Database, cluster: Pick<ClusterRow, 'name' | 'cluster_id'>): void {
    const created_at = readCluster(database)?.created_at ?? new Date().toISOString();
    saveRow(database, 'elt_clusters', ['only_row'], { only_row: 1, ...cluster, created_at });
}

/** Sets what is given; the rest stays. */
export function updateCluster(database: Database, values: Partial<Pick<ClusterRow, 'load_id' | 'error'>>): void {
    updateRows(database, 'elt_clusters', values, { only_row: 1 });
}

/** Forgets the cluster and where its topics are read on; what has landed stays, and so do the resets. */
export function deleteCluster(database: Database): void {
    for (const table of ['elt_topic_partitions', 'elt_clusters']) {
        database.prepare(`delete from ${table}`).run();
    }
}

export function readTopicPartitions(database: Database): readonly TopicPartitionRow[] {
    return database
        .prepare(
            `select topic, partition, topic_id, next_offset, leader_epoch, record_time, first_offset, end_offset,
                measured_at, level_at
            from elt_topic_partitions
            order by topic, partition`,
        )
        .all() as TopicPartitionRow[];
}

export function saveTopicPartition(database: Database, row: TopicPartitionRow): void {
    saveRow(database, 'elt_topic_partitions', ['topic', 'partition'], { ...row });
}

export function insertTopicReset(database: Database, row: Omit<TopicResetRow, 'reset_at'>): void {
    insertRow(database, 'elt_topic_resets', { ...row, reset_at: new Date().toISOString() });
}

export function readTopicResets(database: Database): readonly TopicResetRow[] {
    return database
        .prepare(
            `select topic, partition, reason, was_topic_id, was_offset, now_topic_id, now_offset, reset_at
            from elt_topic_resets
            order by reset_id`,
        )
        .all() as TopicResetRow[];
}

/** What is known besides of the reject that was saved last. */
export function saveTopicReject(database: Database, row: Omit<TopicRejectRow, 'reject_id'>): void {
    const rejectId = database.prepare('select max(reject_id) from elt_rejects').pluck().get() as number;
    insertRow(database, 'elt_topic_rejects', { reject_id: rejectId, ...row });
}

export function readTopicReject(database: Database, rejectId: number): TopicRejectRow | undefined {
    return database.prepare('select * from elt_topic_rejects where reject_id = ?').get(rejectId) as
        | TopicRejectRow
        | undefined;
}
