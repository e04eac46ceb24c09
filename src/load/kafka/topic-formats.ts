import type { SchemaRegistry } from '../../capture/kafka/schema-registry.ts';
import type { StreamParts } from '../../capture/kafka/topic-stream.ts';
import type { DeclaredSource, MessageFormat } from '../../project/declared-source.ts';
import { matchDeclaredTopic } from '../../project/match-declared-source.ts';

/** What the messages of a topic are, and where their rows land. */
export interface TopicFormat {
    readonly topic: string;
    readonly format: MessageFormat;
    /** Of changes (wal2json, Debezium) the messages name the tables themselves. */
    readonly source: DeclaredSource;
}

/** Asks for the schemas that messages name, before they are decoded; null: none of the topics has such messages. */
export function learnsSchemas(registry: SchemaRegistry, formats: readonly TopicFormat[]): StreamParts['learn'] {
    const inAvro = formats.filter(({ format }) => format === 'avro').map(({ topic }) => topic);
    return inAvro.length === 0
        ? null
        : async (topic, records) => {
              if (inAvro.includes(topic)) {
                  await registry.learn(records);
              }
          };
}

/** For each topic: what its declaration says, else what `--format` says, else rows as JSON objects. */
export function topicFormats(
    topics: readonly string[],
    declared: readonly DeclaredSource[],
    format: MessageFormat | null,
): readonly TopicFormat[] {
    return topics.map((topic) => {
        const source = matchDeclaredTopic(declared, topic);
        return { topic, format: source.messages ?? format ?? 'json', source };
    });
}
