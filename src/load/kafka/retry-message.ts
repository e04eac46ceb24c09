import { NO_CONFIG } from '../../capture/kafka/client-config.ts';
import { SchemaRegistry } from '../../capture/kafka/schema-registry.ts';
import { EltError } from '../../core/errors.ts';
import type { StreamEvent } from '../../core/stream-event.ts';
import type { TopicRecord } from '../../core/topic-record.ts';
import { StreamLanding } from '../../land/stream-landing.ts';
import { newByteless } from '../../ledger/loads.ts';
import { markRetried, type RejectRow } from '../../ledger/rejects.ts';
import { readTopicReject, type TopicRejectRow } from '../../ledger/topics.ts';
import { type DeclaredSource, MESSAGE_FORMATS } from '../../project/declared-source.ts';
import { declaredText, type PipelineSettings } from '../../project/pipeline-settings.ts';
import type { Database } from '../../sqlite/database.ts';
import { landEvent } from '../land-event.ts';
import { TopicDecoders } from './topic-decoders.ts';
import { topicFormats } from './topic-formats.ts';

/**
 * Decodes a message that was put aside again, by its topic's present declaration, and lands what it holds after all that
 * has landed. Null: it has landed, and that it has is in the same transaction; else the reason why not.
 */
export function retryMessage(
    database: Database,
    reject: RejectRow,
    declared: readonly DeclaredSource[],
    settings: PipelineSettings,
): string | null {
    const message = readTopicReject(database, reject.reject_id) as TopicRejectRow;
    const { topic, partition, format } = message;
    if (format === 'avro') {
        return 'a message in Avro is read again from its topic only: its schema is not here';
    }
    const formats = topicFormats([topic], declared, MESSAGE_FORMATS.find((one) => one === format) ?? null);
    const schemas = new SchemaRegistry(NO_CONFIG);
    const record = recordOf(reject, message);
    const events: StreamEvent[] = [];
    try {
        const decoders = new TopicDecoders({ database, formats, settings, schemas });
        const run = { topic, partition, records: [record] };
        decoders.decode(run, (event) => events.push(event));
    } catch (error) {
        if (error instanceof EltError && error.code === 'TOPIC_FORMAT') {
            return error.facts.found ?? error.message;
        }
        throw error;
    }
    const refused = events.find((event) => event.kind === 'reject');
    return refused === undefined ? land(database, reject, settings, record, events) : refused.reject.detail;
}

function land(
    database: Database,
    reject: RejectRow,
    settings: PipelineSettings,
    record: TopicRecord,
    events: readonly StreamEvent[],
): string | null {
    const start = newByteless(`reject ${reject.reject_id}`, 'topic');
    const landing = new StreamLanding(database, start, {
        ignorePositions: true,
        seen: { has: () => false, add: () => undefined },
        policy: { drift: settings.drift, declared: declaredText(settings) },
        strict: true,
        needsPositions: null,
        commitRows: Number.POSITIVE_INFINITY,
        committed: () => undefined,
        digestAt: () => () => '',
        frameState: () => ({ kind: 'topic' }),
        beforeCommit: () => markRetried(database, reject.reject_id),
    });
    try {
        for (const event of events) {
            landEvent(landing, event, () => ({
                source: record.source,
                start: record.valueStart,
                end: record.valueEnd,
            }));
        }
    } catch (error) {
        landing.abandon();
        if (error instanceof EltError && error.exitStatus === 3) {
            return error.facts.found ?? error.message;
        }
        throw error;
    }
    landing.finish(0);
    return null;
}

function recordOf(
    { bytes }: RejectRow,
    { offset, record_time: timestamp, key, is_null: isNull }: TopicRejectRow,
): TopicRecord {
    const keyBytes = key ?? Buffer.alloc(0);
    const source = Buffer.concat([keyBytes, bytes]);
    const [valueStart, end] = [isNull === 1 ? -1 : keyBytes.length, source.length];
    const keyStart = key === null ? -1 : 0;
    return {
        offset,
        timestamp,
        source,
        keyStart,
        keyEnd: keyBytes.length,
        valueStart,
        valueEnd: end,
        headersStart: end,
        headers: 0,
        end,
        ahead: null,
        aheadAt: 0,
    };
}
