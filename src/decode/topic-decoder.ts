import { isUtf8 } from 'node:buffer';
import { rejectedBytes } from '../core/rejected-bytes.ts';
import type { EmitEvent, StreamReject } from '../core/stream-event.ts';
import type { TopicRecord } from '../core/topic-record.ts';
import { utf8Text } from '../core/utf8-text.ts';
import { Refusal } from './refusal.ts';

/** What makes changes of a topic's messages; of one topic, in the order of each partition. */
export interface TopicDecoder {
    /** @throws WrongFormat if the topic holds something else than was said. */
    decode(record: TopicRecord, emit: EmitEvent): void;
}

/** Messages are of another format than was said: said once, in place of a reject for each. */
export class WrongFormat extends Error {
    /** The format that they look like. */
    readonly looksLike: string;

    constructor(looksLike: string, detail: string) {
        super(detail);
        this.looksLike = looksLike;
    }
}

/** @throws Refusal `not-utf8`: replacing what is not UTF-8 would change values. */
export function utf8Of(bytes: Buffer): string {
    if (!isUtf8(bytes)) {
        throw new Refusal('not-utf8', 'the message is not UTF-8');
    }
    return utf8Text(bytes, 0, bytes.length);
}

const NOTHING = Buffer.alloc(0);

/** A message that is put aside. `relation`: where it would have landed, if that is known. */
export function rejectedMessage(
    { source, valueStart, valueEnd, offset: record }: TopicRecord,
    reason: string,
    detail: string,
    relation: string | null,
): StreamReject {
    const bytes = valueStart < 0 ? NOTHING : source.subarray(valueStart, valueEnd);
    const reject = rejectedBytes(bytes, 0, reason, detail);
    return { kind: 'reject', reject, record, change: null, torn: false, relation, xid: null, position: null };
}

/** What begins a message that a schema registry knows, before the number of its schema. */
const MAGIC = 0;
const MAGIC_BYTES = 5;

/** The number of the schema in a registry (Confluent's wire format); null: the message does not begin so. */
export function registrySchema({ source, valueStart, valueEnd }: TopicRecord): number | null {
    return valueStart >= 0 && valueEnd - valueStart >= MAGIC_BYTES && source[valueStart] === MAGIC
        ? source.readUInt32BE(valueStart + 1)
        : null;
}
