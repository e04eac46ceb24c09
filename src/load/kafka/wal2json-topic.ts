import { Framer } from '../../capture/frame/framer.ts';
import type { Frame } from '../../core/frame.ts';
import type { EmitEvent, StreamEvent } from '../../core/stream-event.ts';
import type { TopicRecord } from '../../core/topic-record.ts';
import { placedAt } from '../../decode/scanned-row.ts';
import { registrySchema, rejectedMessage, type TopicDecoder, WrongFormat } from '../../decode/topic-decoder.ts';
import { Decoder } from '../../decode/wal2json/decoder.ts';
import { declaredText, type PipelineSettings } from '../../project/pipeline-settings.ts';

const LINE_FEED = Buffer.from('\n');

/**
 * Decodes messages of which each is a text of wal2json's: a transaction (format 1) or an event (format 2). A transaction
 * of format 2 spans messages, and is not kept together: they may lie in several partitions, and one that never ends would
 * hold back all that follows.
 */
export class Wal2jsonTopic implements TopicDecoder {
    readonly #decoder: Decoder;
    #framer = new Framer();
    /** Of the message under way: frames that are whole, and whether a record has begun that is not. */
    #frames = 0;
    #isOpen = false;

    constructor(settings: PipelineSettings) {
        this.#decoder = new Decoder({ declared: declaredText(settings) });
    }

    decode(record: TopicRecord, emit: EmitEvent): void {
        const { source, valueStart: start, valueEnd: end } = record;
        if (start < 0 || start === end) {
            emit(rejectedMessage(record, 'empty-value', 'the message holds nothing', null));
            return;
        }
        const schema = registrySchema(record);
        if (schema !== null) {
            throw new WrongFormat('avro', `it begins like a message that a schema registry knows as schema ${schema}`);
        }
        this.#frames = 0;
        this.#isOpen = false;
        const take = this.#takes(record, emit);
        const decode = (frame: Frame): void => {
            this.#frames += frame.kind === 'begin' ? 0 : 1;
            this.#isOpen = frame.kind === 'begin' || (frame.kind === 'change' && this.#isOpen);
            this.#decoder.decode(frame, take);
        };
        this.#framer.push(source.subarray(start, end), decode);
        this.#framer.push(LINE_FEED, decode);
        if (this.#frames === 0 || this.#isOpen) {
            // What is missing would be taken from the next message.
            this.#framer = new Framer();
            emit({
                ...rejectedMessage(record, 'not-json', 'the message ends inside a record', null),
                torn: this.#isOpen,
            });
        }
    }

    #takes({ source, valueStart, offset: record }: TopicRecord, emit: EmitEvent): EmitEvent {
        const isEvent = source
            .subarray(valueStart, valueStart + 64)
            .toString('latin1')
            .includes('"action"');
        const passes = (event: StreamEvent): boolean => !isEvent || !isBoundary(event);
        return (event) => {
            if (passes(event) && event.kind !== 'recordEnd' && event.kind !== 'batch') {
                emit(event.kind === 'change' ? placedAt(event, event.lsn, record) : { ...event, record });
            }
        };
    }
}

function isBoundary({ kind }: StreamEvent): boolean {
    return kind === 'begin' || kind === 'commit';
}
