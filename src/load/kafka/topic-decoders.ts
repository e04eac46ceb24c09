import type { TopicRun } from '../../capture/kafka/topic-run.ts';
import { EltError } from '../../core/errors.ts';
import type { EmitEvent, StreamEvent } from '../../core/stream-event.ts';
import { topicPlaceText } from '../../core/topic-place.ts';
import type { TopicRecord } from '../../core/topic-record.ts';
import { AvroDecoder } from '../../decode/avro/avro-decoder.ts';
import type { RegisteredSchemas } from '../../decode/avro/registered-schemas.ts';
import { type DeclaredFields, JsonEnvelopeDecoder } from '../../decode/debezium/json-envelope-decoder.ts';
import { jsonValue } from '../../decode/rows/declared-values.ts';
import { KeyedRowDecoder } from '../../decode/rows/keyed-row-decoder.ts';
import type { ScannedSource } from '../../decode/rows/rows-ahead.ts';
import { placedInTopic } from '../../decode/scanned-row.ts';
import { type TopicDecoder, WrongFormat } from '../../decode/topic-decoder.ts';
import { readCatalogue } from '../../ledger/catalogue.ts';
import { type DeclaredColumn, type DeclaredSource, ROW_TYPES } from '../../project/declared-source.ts';
import { declaredText, type PipelineSettings } from '../../project/pipeline-settings.ts';
import type { Database } from '../../sqlite/database.ts';
import type { FollowedDecoder } from '../follow-parts.ts';
import type { TopicFormat } from './topic-formats.ts';
import { Wal2jsonTopic } from './wal2json-topic.ts';

/** Messages of one partition that follow each other. */
export type MessageRun = Pick<TopicRun, 'topic' | 'partition' | 'records'>;

/** What the decoders of all topics are made of. */
export interface DecoderParts {
    readonly database: Database;
    readonly formats: readonly TopicFormat[];
    readonly settings: PipelineSettings;
    readonly schemas: RegisteredSchemas;
}

/**
 * Makes events of the messages of all topics. Every row carries the place of its message, `topic/partition@offset`, as
 * its `_lsn`; after each message models may read.
 */
export class TopicDecoders implements FollowedDecoder<MessageRun> {
    /** The message that is being decoded. */
    record: TopicRecord | null = null;
    readonly #decoders: ReadonlyMap<string, TopicDecoder>;
    readonly #rows: ReadonlyMap<string, ScannedSource>;
    /** Of that message. */
    readonly #place = { before: '', offset: 0 };
    /** One for all messages. */
    readonly #end = { kind: 'recordEnd' as const, record: 0, offset: 0, inTransaction: false };
    #emit: EmitEvent = () => undefined;

    constructor(parts: DecoderParts) {
        this.#decoders = new Map(parts.formats.map((one) => [one.topic, decoderOf(parts, one)]));
        this.#rows = new Map(
            parts.formats.flatMap(({ topic, source }) => {
                const decoder = this.#decoders.get(topic);
                return decoder instanceof KeyedRowDecoder ? [[topic, { source, columns: decoder.columns }]] : [];
            }),
        );
    }

    decode({ topic, partition, records }: MessageRun, emit: EmitEvent): void {
        const decoder = this.#decoders.get(topic) as TopicDecoder;
        this.#place.before = `${topic}/${partition}@`;
        this.#emit = emit;
        for (const record of records) {
            this.record = record;
            this.#place.offset = record.offset;
            try {
                decoder.decode(record, this.#placed);
            } catch (error) {
                throw error instanceof WrongFormat ? wrongFormat(topic, topicPlaceText(this.#place), error) : error;
            }
            this.#end.record = record.offset;
            emit(this.#end);
        }
    }

    /** How the rows of topics look whose messages are rows as JSON objects. */
    rows(): ReadonlyMap<string, ScannedSource> {
        return this.#rows;
    }

    readonly #placed = (event: StreamEvent): void => {
        if (event.kind === 'change') {
            this.#emit(placedInTopic(event, this.#place));
        } else if (event.kind === 'reject') {
            this.#emit({ ...event, position: topicPlaceText(this.#place) });
        } else if (event.kind !== 'recordEnd') {
            this.#emit(event);
        }
    };
}

function decoderOf(parts: DecoderParts, { format, source }: TopicFormat): TopicDecoder {
    const { database, formats, settings, schemas } = parts;
    const declared = declaredText(settings);
    switch (format) {
        case 'wal2json':
            return new Wal2jsonTopic(settings);
        case 'debezium':
            return new JsonEnvelopeDecoder(declared, declaredFields(formats));
        case 'avro':
            return new AvroDecoder(schemas, source, declared);
        default:
            return new KeyedRowDecoder(source, knownColumns(database, source));
    }
}

/** Columns of tables that are declared, for messages without a schema. */
function declaredFields(formats: readonly TopicFormat[]): DeclaredFields {
    const columns = new Map(
        formats.flatMap(({ source }) => source.columns.map((column) => [`${source.table}.${column.name}`, column])),
    );
    return (_, table, name, text) => {
        const column = columns.get(`${table}.${name}`);
        return column === undefined
            ? undefined
            : { pgType: ROW_TYPES[column.type], read: () => jsonValue(text, column) };
    };
}

/** The columns that the staging table has besides the declared ones: a message that lacks them is no drift. */
function knownColumns(database: Database, { schema, table }: DeclaredSource): readonly DeclaredColumn[] {
    const relation = readCatalogue(database).find((one) => one.schema === schema && one.table === table);
    return (relation?.columns ?? []).map(({ sourceName: name }) => ({ name, type: 'text', required: false }) as const);
}

function wrongFormat(topic: string, where: string, { looksLike, message }: WrongFormat): EltError {
    return new EltError({
        code: 'TOPIC_FORMAT',
        message: `the messages of "${topic}" are not what was said`,
        where,
        found: `${message}: ${looksLike}, it seems`,
        state: 'what came before has landed',
        next: `say --format ${looksLike}, or "-- format: ${looksLike}" in the topic's file in sql/<pipeline>/sources/`,
    });
}
