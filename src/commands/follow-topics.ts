import { declareTables } from '../load/declare-tables.ts';
import { followKafka, noteKafkaError } from '../load/kafka/follow-kafka.ts';
import { kafkaOptions } from '../load/kafka/source-words.ts';
import { type TopicFormat, topicFormats } from '../load/kafka/topic-formats.ts';
import { declaredShape } from '../project/declared-source.ts';
import { declaredText, type PipelineSettings, readPipelineSettings } from '../project/pipeline-settings.ts';
import { readDeclaredSources } from '../project/read-declared-sources.ts';
import { sqlFolder } from '../project/settings.ts';
import type { Output } from '../report/output.ts';
import type { Database } from '../sqlite/database.ts';
import type { CommandContext } from './command.ts';
import { paceOf, withFollower } from './with-follower.ts';

/** A message waits at most so long before it lands. */
const EVERY_MS = 1_000;

interface TopicsMode {
    /** Ends when everything that could be read at the start has landed. */
    readonly untilEnd: boolean;
    /** Lands and does not transform. */
    readonly onlyLands?: boolean;
}

/** Follows topics of a Kafka cluster; resolves with the exit status. */
export async function followTopics(context: CommandContext, address: string, mode: TopicsMode): Promise<number> {
    const { settings, output, options } = context;
    const asked = kafkaOptions(wordsOf(context, address));
    const folder = sqlFolder(settings);
    const declared = readDeclaredSources(folder, settings.pipeline);
    const formats = topicFormats(asked.address.topics, declared, asked.format);
    const pipeline = readPipelineSettings(folder, settings.pipeline);
    const messagesMax = asked.chunk ?? declaredChunk(formats);
    const pace = { ...paceOf(context, EVERY_MS), ...(messagesMax === null ? {} : { messagesMax }) };
    const followed = {
        name: asked.address.topics.join(','),
        onlyLands: mode.onlyLands === true || options.transform === false,
        noteError: noteKafkaError,
    };
    const { rejected } = await withFollower(context, followed, async (frame) => {
        declareTopics(frame.database, formats, pipeline);
        return await followKafka({
            ...frame,
            options: asked,
            formats,
            settings: pipeline,
            pace,
            untilEnd: mode.untilEnd,
            strict: options.strict === true,
        });
    });
    return endStatus(rejected, output);
}

/** 0, or 4 with a note on standard error if messages were put aside. */
function endStatus(rejected: number, output: Output): number {
    if (rejected === 0) {
        return 0;
    }
    output.note(
        `RECORDS_REJECTED: ${rejected} could not be decoded and were put aside; look at them with "elt rejects"`,
    );
    return 4;
}

/** What the command line says of the topics. */
export function wordsOf({ options }: CommandContext, address: string) {
    const text = (value: unknown): string | undefined => (value === undefined ? undefined : String(value));
    return {
        address,
        from: text(options.from),
        format: text(options.format),
        chunk: text(options.chunk),
        group: text(options.group),
        config: text(options.kafkaConfig),
    };
}

/** The smallest number of rows in one commit that the topics' declarations ask for. */
function declaredChunk(formats: readonly TopicFormat[]): number | null {
    const asked = formats.flatMap(({ source }) => source.commitRows ?? []);
    return asked.length === 0 ? null : Math.min(...asked);
}

/** So that a model that reads several topics need not wait for a message of each. */
function declareTopics(database: Database, formats: readonly TopicFormat[], settings: PipelineSettings): void {
    const shapes = formats.filter(({ source }) => source.columns.length > 0).map(({ source }) => declaredShape(source));
    declareTables(database, shapes, { drift: settings.drift, declared: declaredText(settings) });
}
