/** What the cluster says of the topics, when it is asked. */
export interface ClusterFacts {
    readonly clusterId: string;
    /** In the order in which they were asked for; a topic that is not there is left out. */
    readonly topics: readonly TopicFacts[];
}

export interface TopicFacts {
    readonly topic: string;
    readonly topicId: string;
    /** In the order of their numbers, from 0. */
    readonly partitions: readonly PartitionFacts[];
}

export interface PartitionFacts {
    readonly partition: number;
    /** The number of the broker that is asked for its messages. */
    readonly leader: number;
    /** The first offset that it has: what came before was deleted. */
    readonly firstOffset: number;
    /** That of the next message to come. */
    readonly endOffset: number;
    /** Where the first transaction that is open begins, else the same: nothing behind it can be read yet. */
    readonly stableOffset: number;
    /** Where the leader's epoch ends that the database stores; null: it stores none, or the broker knows it no more. */
    readonly epochEnd: number | null;
}
