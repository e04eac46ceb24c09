import type { EltError } from '../core/errors.ts';
import { declareTables } from '../load/declare-tables.ts';
import { followKafka, noteKafkaError } from '../load/kafka/follow-kafka.ts';
import { kafkaOptions } from '../load/kafka/source-words.ts';
import { type TopicFormat, topicFormats } from '../load/kafka/topic-formats.ts';
import { listenForInterrupt } from '../process/interrupt.ts';
import { declaredShape } from '../project/declared-source.ts';
import { KeptFiles } from '../project/kept-files.ts';
import { applyPending, withDatabase } from '../project/open-database.ts';
import { declaredText, type PipelineSettings, readPipelineSettings } from '../project/pipeline-settings.ts';
import { readDeclaredSources } from '../project/read-declared-sources.ts';
import { sqlFolder } from '../project/settings.ts';
import { FollowView } from '../report/follow-view.ts';
import type { Output } from '../report/output.ts';
import { CacheKib, type Database, useCache, useSqliteWal } from '../sqlite/database.ts';
import { FollowerLock } from '../sqlite/follower-lock.ts';
import { LiveTransform } from '../transform/live-transform.ts';
import type { CommandContext } from './command.ts';
import { interruptibleRuns } from './interruptible-runs.ts';
import { durationOf } from './time-limit.ts';

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
    const isFixed = options.every !== undefined;
    const everyMs = isFixed ? durationOf(String(options.every), '--every') : EVERY_MS;
    const messagesMax = asked.chunk ?? declaredChunk(formats);
    return await withDatabase(settings, { create: true }, async (database) => {
        for (const name of await applyPending(database, settings)) {
            output.print(`applied  ${name}`);
        }
        useSqliteWal(database);
        const lock = FollowerLock.take(database);
        const interrupt = listenForInterrupt();
        const view = new FollowView(output, asked.address.topics.join(','));
        const files = new KeptFiles(folder, settings.pipeline);
        const transform = await LiveTransform.open(database, () => files.read());
        const runLive = interruptibleRuns(interrupt, transform);
        const onlyLands = mode.onlyLands === true || options.transform === false;
        if (onlyLands) {
            useCache(database, CacheKib.landing);
        }
        let failure: EltError | null = null;
        let rejected = 0;
        try {
            declareTopics(database, formats, pipeline);
            const result = await followKafka({
                database,
                options: asked,
                formats,
                settings: pipeline,
                pace: { everyMs, isFixed, ...(messagesMax === null ? {} : { messagesMax }) },
                untilEnd: mode.untilEnd,
                strict: options.strict === true,
                interrupt,
                observer: view,
                transform: (isApart) => {
                    const run = onlyLands ? null : runLive(isApart);
                    if (run === 'apart') {
                        return run;
                    }
                    const error = run !== null && 'error' in run ? run.error : null;
                    failure = error ?? (run !== null && 'result' in run ? (run.result.stops[0] ?? null) : null);
                    view.transformed(run);
                    return error;
                },
            });
            rejected = result.rejected;
        } catch (error) {
            noteKafkaError(database, error);
            throw error;
        } finally {
            view.end();
            interrupt.dispose();
            lock.release();
        }
        if (failure !== null) {
            throw failure;
        }
        return endStatus(rejected, output);
    });
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
