import type { EltError } from '../../core/errors.ts';
import type { FollowedSource } from '../source/followed-source.ts';
import { GroupOffsets } from './group-offsets.ts';
import { clusterDifferent } from './offset-errors.ts';
import { nameOf, type ServerAddress } from './server-address.ts';
import { ServerConnection } from './server-connection.ts';
import type { ClusterFacts } from './server-facts.ts';
import type { TopicPlaces } from './topic-places.ts';
import type { TopicRun } from './topic-run.ts';
import { type From, type PlaceReset, topicStart } from './topic-start.ts';
import { type StreamParts, TopicStream } from './topic-stream.ts';

/** What a source of topics is opened with. */
export interface KafkaSourceOptions {
    readonly address: ServerAddress;
    readonly from: From | null;
    readonly runMessagesMax: number;
    /** The cluster that the database follows; null: none yet. */
    readonly clusterId: () => string | null;
    /** The consumer group that hears what has landed; null: none. */
    readonly group: string | null;
    readonly groupFailed: (error: EltError) => void;
    readonly learn: StreamParts['learn'];
    readonly grown: StreamParts['grown'];
    readonly startThread: StreamParts['startThread'];
    /** The cluster has answered, and there is nothing against beginning. */
    readonly opened: (opened: Opened) => void;
}

/** What was found when a reading began. */
export interface Opened {
    readonly facts: ClusterFacts;
    readonly places: TopicPlaces;
    readonly resets: readonly PlaceReset[];
}

/** Topics of a Kafka cluster: see `capture/source/followed-source.ts`. */
export class KafkaSource implements FollowedSource<TopicRun, TopicPlaces> {
    readonly name: string;
    readonly #options: KafkaSourceOptions;
    #stream: TopicStream | null = null;

    constructor(options: KafkaSourceOptions) {
        this.#options = options;
        this.name = nameOf(options.address);
    }

    /** What the brokers have said last of each partition; empty before the first answer. */
    get heard(): TopicPlaces {
        return this.#stream?.places ?? [];
    }

    async open(stored: TopicPlaces | null): Promise<TopicStream> {
        const { address, from, runMessagesMax, clusterId, learn, grown, startThread, opened, groupFailed } =
            this.#options;
        const { topics } = address;
        const connection = new ServerConnection(address);
        try {
            const facts = await connection.facts(topics, stored ?? []);
            const wanted = clusterId();
            if (wanted !== null && wanted !== facts.clusterId) {
                throw clusterDifferent(wanted, facts.clusterId);
            }
            const { places, resets } = topicStart(topics, facts, stored ?? [], from);
            opened({ facts, places, resets });
            const leaders = facts.topics.flatMap(({ partitions }) => partitions.map(({ leader }) => leader));
            const group =
                this.#options.group === null ? null : new GroupOffsets(connection, this.#options.group, groupFailed);
            const parts = { connection, topics, places, leaders, runMessagesMax, learn, group, grown, startThread };
            this.#stream = new TopicStream(parts);
            return this.#stream;
        } catch (error) {
            await connection.close();
            throw error;
        }
    }
}
