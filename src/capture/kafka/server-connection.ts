import type { ConnectionOptions as TlsOptions } from 'node:tls';
import {
    Admin,
    ConfigResourceTypes,
    type Connection,
    Consumer,
    FetchIsolationLevels,
    ListOffsetTimestamps,
    type SASLOptions,
} from '@platformatic/kafka';
import { EltError } from '../../core/errors.ts';
import type { FetchPlace } from './arrived.ts';
import type { ClientConfig } from './client-config.ts';
import type { Fetched } from './fetched-partition.ts';
import { epochEnds, FETCH, type FetchVersion, fetchMessages, SMALL_FETCH } from './leader-requests.ts';
import { nameOf, type ServerAddress } from './server-address.ts';
import { kafkaError } from './server-error.ts';
import type { ClusterFacts, TopicFacts } from './server-facts.ts';
import type { PartitionPlace } from './topic-places.ts';

const CONNECT_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 30_000;

export interface TopicSettings {
    /** −1: for ever. */
    readonly retentionMs: number;
    /** `delete`, `compact`, or both with a comma. */
    readonly cleanupPolicy: string;
}

/**
 * Connections to the brokers of a cluster. Owns the sockets; `close` ends them. What waits for messages has sockets of
 * its own: a broker answers one request of a connection after the other.
 */
export class ServerConnection {
    readonly address: ServerAddress;
    readonly #asking: Consumer;
    readonly #fetching: Consumer;
    /** Only where a group is to hear what has landed. */
    #committing: Admin | null = null;
    #version: FetchVersion | null = null;

    constructor(address: ServerAddress) {
        this.address = address;
        this.#asking = new Consumer(optionsOf(address));
        this.#fetching = new Consumer(optionsOf(address));
    }

    /** `stored`: places in these topics, as the database has them. @throws EltError SOURCE_UNREACHABLE, SOURCE_REFUSED, SOURCE_UNFIT. */
    async facts(topics: readonly string[], stored: readonly PartitionPlace[] = []): Promise<ClusterFacts> {
        try {
            const found: TopicFacts[] = [];
            let clusterId = '';
            for (const topic of topics) {
                const facts = await this.#topic(topic, stored);
                clusterId = facts.clusterId;
                found.push(...(facts.topic === null ? [] : [facts.topic]));
            }
            return { clusterId, topics: found };
        } catch (error) {
            throw kafkaError(error, this.address, 'say what the topics hold');
        }
    }

    /** The number of partitions and the leader of each, without asking for offsets. */
    async leaders(topic: string): Promise<{ readonly topicId: string; readonly leaders: readonly number[] } | null> {
        const { topic: found } = await this.#described(topic);
        return found === undefined
            ? null
            : { topicId: found.id, leaders: found.partitions.map(({ leader }) => leader) };
    }

    /** How long topics keep their messages; of a topic that does not show it there is nothing. */
    async settings(topics: readonly string[]): Promise<ReadonlyMap<string, TopicSettings>> {
        const admin = new Admin(optionsOf(this.address));
        const names = ['retention.ms', 'cleanup.policy'];
        const found = new Map<string, TopicSettings>();
        try {
            for (const topic of topics) {
                const resource = {
                    resourceType: ConfigResourceTypes.TOPIC,
                    resourceName: topic,
                    configurationKeys: names,
                };
                const [described] = await admin.describeConfigs({ resources: [resource] });
                const value = (name: string): string =>
                    described?.configs.find((one) => one.name === name)?.value ?? '';
                const retentionMs = Number(value('retention.ms'));
                found.set(topic, { retentionMs, cleanupPolicy: value('cleanup.policy') });
            }
        } catch (error) {
            if (kafkaError(error, this.address, 'show settings').code === 'SOURCE_UNREACHABLE') {
                throw kafkaError(error, this.address, 'show settings');
            }
        } finally {
            await admin.close().catch(() => undefined);
        }
        return found;
    }

    /** Connects to brokers from which messages will be fetched. @throws EltError as `fetch`. */
    async prepare(nodes: readonly number[]): Promise<void> {
        try {
            this.#version ??= await this.#fetchVersion();
            for (const node of nodes) {
                await this.#connection(node);
            }
        } catch (error) {
            throw kafkaError(error, this.address, 'give messages');
        }
    }

    /** The messages from these places on, of partitions that this broker leads. Waits until something has come. */
    async fetch(node: number, places: readonly FetchPlace[], size = SMALL_FETCH): Promise<Fetched> {
        try {
            this.#version ??= await this.#fetchVersion();
            const connection = await this.#connection(node);
            return await fetchMessages(connection, this.#version, places, size);
        } catch (error) {
            throw kafkaError(error, this.address, 'give messages');
        }
    }

    /** Commits offsets to a consumer group that has no members. @throws EltError as `facts`. */
    async commitOffsets(groupId: string, places: readonly PartitionPlace[]): Promise<void> {
        const byTopic = Map.groupBy(places, ({ topic }) => topic);
        const topics = [...byTopic].map(([name, ofTopic]) => ({
            name,
            partitionOffsets: ofTopic.map(({ partition, nextOffset }) => ({ partition, offset: BigInt(nextOffset) })),
        }));
        try {
            this.#committing ??= new Admin(optionsOf(this.address));
            await this.#committing.alterConsumerGroupOffsets({ groupId, topics });
        } catch (error) {
            throw kafkaError(error, this.address, `commit offsets to the group "${groupId}"`);
        }
    }

    async close(): Promise<void> {
        await Promise.all(
            [this.#asking, this.#fetching, this.#committing].map((one) => one?.close().catch(() => undefined)),
        );
    }

    async #described(topic: string) {
        // The library throws where a topic is not there; what it says else is of the cluster.
        try {
            const metadata = await this.#asking.metadata({
                topics: [topic],
                forceUpdate: true,
                autocreateTopics: false,
            });
            return { clusterId: metadata.id, topic: metadata.topics.get(topic) };
        } catch (error) {
            if (/^Unknown topic /.test((error as Error).message)) {
                const metadata = await this.#asking.metadata({ topics: [], forceUpdate: true });
                return { clusterId: metadata.id, topic: undefined };
            }
            throw error;
        }
    }

    async #topic(
        topic: string,
        stored: readonly PartitionPlace[],
    ): Promise<{ readonly clusterId: string; readonly topic: TopicFacts | null }> {
        const { clusterId, topic: found } = await this.#described(topic);
        if (found === undefined) {
            return { clusterId, topic: null };
        }
        const list = async (timestamp: bigint, isolationLevel: number): Promise<readonly bigint[]> => {
            const partitions = { [topic]: found.partitions.map((_, partition) => partition) };
            const options = { topics: [topic], partitions, timestamp, isolationLevel } as const;
            return (await this.#asking.listOffsets(options as never)).get(topic) ?? [];
        };
        const { READ_COMMITTED, READ_UNCOMMITTED } = FetchIsolationLevels;
        const first = await list(ListOffsetTimestamps.EARLIEST, READ_UNCOMMITTED);
        const stable = await list(ListOffsetTimestamps.LATEST, READ_COMMITTED);
        const end = await list(ListOffsetTimestamps.LATEST, READ_UNCOMMITTED);
        const known = stored.filter((place) => place.topic === topic && place.topicId === found.id);
        const ends = await this.#epochEnds(
            found.partitions.map(({ leader }) => leader),
            known,
        );
        const partitions = found.partitions.map(({ leader }, partition) => ({
            partition,
            leader,
            firstOffset: Number(first[partition]),
            endOffset: Number(end[partition]),
            stableOffset: Number(stable[partition]),
            epochEnd: ends.get(partition) ?? null,
        }));
        return { clusterId, topic: { topic, topicId: found.id, partitions } };
    }

    /** Where the epochs of places in one topic end, by partition. */
    async #epochEnds(leaders: readonly number[], places: readonly PartitionPlace[]): Promise<Map<number, number>> {
        const led = Map.groupBy(
            places.filter(({ partition, leaderEpoch }) => leaderEpoch >= 0 && (leaders[partition] ?? -1) >= 0),
            ({ partition }) => leaders[partition] as number,
        );
        const answers = await Promise.all(
            [...led].map(async ([node, ofNode]) => await epochEnds(await this.#connection(node), ofNode)),
        );
        return new Map(answers.flat());
    }

    async #fetchVersion(): Promise<FetchVersion> {
        const apis = await this.#fetching.listApis();
        const known = apis.find(({ apiKey }) => apiKey === FETCH);
        const version = [17, 16, 15, 14, 13].find(
            (one) => known !== undefined && one >= known.minVersion && one <= known.maxVersion,
        );
        if (version === undefined) {
            throw new EltError({
                code: 'SOURCE_UNFIT',
                message: 'the broker cannot give the messages of a topic by its id',
                where: nameOf(this.address),
                found: `fetches of version ${known?.minVersion ?? '?'} to ${known?.maxVersion ?? '?'}; expected 13 or newer`,
                next: 'Kafka can since 3.1: name a newer cluster',
            });
        }
        return version as FetchVersion;
    }

    async #connection(node: number): Promise<Connection> {
        const connections = await this.#fetching.connectToBrokers([node]);
        const connection = connections.get(node);
        if (connection === undefined) {
            throw new EltError({
                code: 'SOURCE_UNREACHABLE',
                message: 'the broker cannot be reached',
                where: nameOf(this.address),
                found: node < 0 ? 'a partition that no broker leads' : `broker ${node} is not in the cluster`,
                next: 'check the brokers of the cluster; the follower tries again by itself',
            });
        }
        return connection;
    }
}

function optionsOf({ brokers, config }: ServerAddress) {
    const isSafe = config.protocol.endsWith('SSL');
    return {
        // No group is ever joined: one file owns all partitions.
        groupId: 'elt',
        clientId: 'elt',
        bootstrapBrokers: brokers.map(({ host, port }) => ({ host, port })),
        connectTimeout: CONNECT_TIMEOUT_MS,
        requestTimeout: REQUEST_TIMEOUT_MS,
        // What follows the source tries again, and says so.
        retries: 0,
        autocreateTopics: false,
        ...(isSafe ? { tls: tlsOf(config), tlsServerName: true } : {}),
        ...(config.protocol.startsWith('SASL') ? { sasl: saslOf(config) } : {}),
    };
}

function tlsOf({ authorities, certificate, key, keyPassword, checksHost }: ClientConfig): TlsOptions {
    return {
        ...(authorities === null ? {} : { ca: authorities }),
        ...(certificate === null ? {} : { cert: certificate }),
        ...(key === null ? {} : { key }),
        ...(keyPassword === null ? {} : { passphrase: keyPassword }),
        ...(checksHost ? {} : { checkServerIdentity: () => undefined }),
    };
}

function saslOf({ mechanism, username, password }: ClientConfig): SASLOptions {
    return { mechanism, username: username ?? '', password: password ?? '' };
}
