import type { StreamEvent } from '../../src/core/stream-event.ts';
import type { TopicRecord } from '../../src/core/topic-record.ts';
import type { TopicDecoder } from '../../src/decode/topic-decoder.ts';

export interface Message {
    readonly key?: string | Buffer | null;
    readonly value: string | Buffer | null;
}

/** A message as a fetch gives it. */
export function topicRecord({ key = null, value }: Message, offset = 0): TopicRecord {
    const keyBytes = key === null ? Buffer.alloc(0) : Buffer.from(key);
    const valueBytes = value === null ? Buffer.alloc(0) : Buffer.from(value);
    const keyEnd = keyBytes.length;
    return {
        offset,
        timestamp: 0,
        source: Buffer.concat([keyBytes, valueBytes]),
        keyStart: key === null ? -1 : 0,
        keyEnd,
        valueStart: value === null ? -1 : keyEnd,
        valueEnd: keyEnd + valueBytes.length,
        headersStart: keyEnd + valueBytes.length,
        headers: 0,
        end: keyEnd + valueBytes.length,
        ahead: null,
        aheadAt: 0,
    };
}

/** What a decoder makes of messages, as short texts: `insert public.t {"id":1}`, `reject no-key`. */
export function decodedTexts(decoder: TopicDecoder, messages: readonly Message[]): readonly string[] {
    const texts: string[] = [];
    for (const [offset, message] of messages.entries()) {
        decoder.decode(topicRecord(message, offset), (event) => texts.push(...textOf(event)));
    }
    return texts;
}

function textOf(event: StreamEvent): readonly string[] {
    if (event.kind === 'reject') {
        return [`reject ${event.reject.reason}`];
    }
    if (event.kind === 'message') {
        return [`message ${event.prefix} ${event.content}`];
    }
    if (event.kind !== 'change') {
        return [];
    }
    const { shape, values, old } = event;
    const side = (names: readonly { readonly name: string }[], of: readonly unknown[]): string =>
        names.length === 0 ? '' : ` {${names.map(({ name }, index) => `${name}: ${literal(of[index])}`).join(', ')}}`;
    const was = side(shape.oldColumns, old);
    return [
        `${shape.op} ${shape.schema}.${shape.table}${was === '' ? '' : ` where${was}`}${side(shape.columns, values)}`,
    ];
}

function literal(value: unknown): string {
    return typeof value === 'string' ? `'${value}'` : String(value);
}
