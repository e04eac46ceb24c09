import { NO_CONFIG, readClientConfig } from '../../capture/kafka/client-config.ts';
import { kafkaAddress } from '../../capture/kafka/server-address.ts';
import type { From } from '../../capture/kafka/topic-start.ts';
import { EltError } from '../../core/errors.ts';
import { didYouMeanOrList } from '../../core/nearest-name.ts';
import { MESSAGE_FORMATS, type MessageFormat } from '../../project/declared-source.ts';
import type { KafkaOptions } from './source-options.ts';

/** What a command line says of topics. */
export interface KafkaWords {
    /** `kafka://…` */
    readonly address: string;
    readonly from?: string | undefined;
    readonly format?: string | undefined;
    readonly chunk?: string | undefined;
    readonly group?: string | undefined;
    /** The file that says who asks (`--kafka-config`, else `ELT_KAFKA_CONFIG`). */
    readonly config?: string | undefined;
}

const CHUNK_MAX = 100_000;

/** @throws EltError COMMAND_WRONG. */
export function kafkaOptions(words: KafkaWords, environment = process.env): KafkaOptions {
    const file = words.config ?? (environment.ELT_KAFKA_CONFIG || undefined);
    const address = kafkaAddress(words.address, file === undefined ? NO_CONFIG : readClientConfig(file));
    if (address.topics.length === 0) {
        throw wrong('the address names no topic', 'expected kafka://host:9092/topic,another_topic', 'name the topics');
    }
    return {
        address,
        from: words.from === undefined ? null : fromOf(words.from),
        format: words.format === undefined ? null : formatOf(words.format),
        group: words.group === undefined ? null : groupOf(words.group),
        chunk: words.chunk === undefined ? null : chunkOf(words.chunk),
    };
}

function fromOf(text: string): From {
    if (text === 'earliest' || text === 'latest') {
        return text;
    }
    if (/^\d{1,15}$/.test(text)) {
        return Number(text);
    }
    throw wrong(`"${text}" is not a place in a topic`, 'expected earliest, latest, or an offset', 'correct --from');
}

function formatOf(text: string): MessageFormat {
    const found = MESSAGE_FORMATS.find((one) => one === text);
    if (found === undefined) {
        throw wrong(
            `"${text}" is not a format of messages`,
            didYouMeanOrList(text, MESSAGE_FORMATS, 'formats'),
            'correct --format',
        );
    }
    return found;
}

function groupOf(text: string): string {
    if (text.trim() === '') {
        throw wrong('the consumer group has no name', 'an empty text', 'correct --group');
    }
    return text;
}

function chunkOf(text: string): number {
    if (!/^[1-9]\d{0,5}$/.test(text) || Number(text) > CHUNK_MAX) {
        throw wrong(`"${text}" is not a number of messages`, `expected 1 to ${CHUNK_MAX}`, 'correct --chunk');
    }
    return Number(text);
}

function wrong(message: string, found: string, next: string): EltError {
    return new EltError({ code: 'COMMAND_WRONG', message, found, state: 'nothing was landed', next });
}
