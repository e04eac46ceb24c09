import { EltError } from '../../core/errors.ts';
import type { ClientConfig } from './client-config.ts';

/** A broker to begin with; the cluster names the others. */
export interface BootstrapBroker {
    readonly host: string;
    readonly port: number;
}

/** Where a Kafka cluster is, which of its topics are meant, and who asks. Never printed: see `nameOf`. */
export interface ServerAddress {
    readonly brokers: readonly BootstrapBroker[];
    /** Without repetition, in the order in which they were named. */
    readonly topics: readonly string[];
    /** What proves who asks, from a file: never from the command line. */
    readonly config: ClientConfig;
}

const DEFAULT_PORT = 9092;
const FORM = 'expected kafka://host:9092/topic,another_topic';
/** Source: Kafka's org.apache.kafka.common.internals.Topic. */
const TOPIC = /^(?!\.{1,2}$)[\w.-]{1,249}$/;

/**
 * Reads `kafka://host:port,host/topic,topic`, or `kafka://user@host/topic` where the password is in the file.
 * @throws EltError COMMAND_WRONG; its text holds nothing of what stands before the host.
 */
export function kafkaAddress(text: string, config: ClientConfig): ServerAddress {
    const match = /^kafka:\/\/(?:([^@/]*)@)?([^/@?]+)\/?([^?]*)$/i.exec(text);
    if (match === null) {
        throw wrongAddress(FORM);
    }
    const [, user, hosts = '', names = ''] = match;
    if (user?.includes(':') === true) {
        throw wrongAddress(
            'a password, which everyone sees who lists the processes; it belongs in --kafka-config FILE',
        );
    }
    const topics = [...new Set(names.split(',').map((name) => decoded(name.trim())))].filter((name) => name !== '');
    const wrong = topics.find((name) => !TOPIC.test(name));
    if (wrong !== undefined) {
        throw wrongAddress(`"${wrong}", which cannot be the name of a topic; ${FORM}`);
    }
    return {
        brokers: hosts.split(',').map(brokerOf),
        topics,
        config: user === undefined || user === '' ? config : { ...config, username: decoded(user) },
    };
}

/** As people and the ledger know it: without the user. */
export function nameOf({ brokers, topics }: Pick<ServerAddress, 'brokers' | 'topics'>): string {
    const places = brokers.map(({ host, port }) => `${host.includes(':') ? `[${host}]` : host}:${port}`);
    return `kafka://${places.join(',')}/${topics.join(',')}`;
}

function brokerOf(text: string): BootstrapBroker {
    const match = /^(\[[^\]]+\]|[^:[\]]+)(?::(\d{1,5}))?$/.exec(text.trim());
    const port = Number(match?.[2] ?? DEFAULT_PORT);
    if (match === null || port === 0 || port > 65_535) {
        throw wrongAddress(`the broker "${text}"; ${FORM}`);
    }
    return { host: (match[1] as string).replace(/^\[|\]$/g, ''), port };
}

function decoded(text: string): string {
    try {
        return decodeURIComponent(text);
    } catch {
        throw wrongAddress(`a % that begins no character; ${FORM}`);
    }
}

function wrongAddress(found: string): EltError {
    return new EltError({
        code: 'COMMAND_WRONG',
        message: 'the address of the Kafka cluster cannot be read',
        found,
        state: 'nothing was landed',
        next: 'correct the address',
    });
}
