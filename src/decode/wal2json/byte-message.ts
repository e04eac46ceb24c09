import { isUtf8 } from 'node:buffer';
import type { ChangeFrame, RecordFrame } from '../../core/frame.ts';
import type { StreamMessage } from '../../core/stream-event.ts';
import { asObject, type JsonObject } from '../json-checks.ts';
import { Refusal } from '../refusal.ts';
import { messageOf } from './format1.ts';

/**
 * A logical message may hold any bytes, and wal2json writes them as they are into its JSON. Read byte by byte (as
 * latin-1, which gives each byte a character of its own) it is JSON all the same.
 */

const BEGINS_MESSAGE = /^\{\s*"(?:action"\s*:\s*"M"|kind"\s*:\s*"message")/;
const LOOKED_AT_BYTES = 64;

/** Whether the bytes are those of a message, as wal2json writes it. */
export function isMessage(bytes: Buffer): boolean {
    return BEGINS_MESSAGE.test(bytes.toString('latin1', 0, LOOKED_AT_BYTES));
}

export function bytesOf(frame: ChangeFrame | RecordFrame): Buffer {
    return frame.source.subarray(frame.start, frame.end);
}

/** A message that is not UTF-8; `placeOf` says from its members where it stands. @throws Refusal */
export function byteMessage(
    frame: ChangeFrame | RecordFrame,
    placeOf: (members: JsonObject) => Pick<StreamMessage, 'lsn' | 'xid'>,
): StreamMessage {
    const members = asObject(parsed(bytesOf(frame).toString('latin1')), 'the message');
    const { prefix, content, transactional } = messageOf(members);
    const prefixBytes = rawBytes(prefix);
    if (!isUtf8(prefixBytes)) {
        throw new Refusal('not-utf8', 'the prefix of a message is not UTF-8');
    }
    const { record, offset } = frame;
    return {
        kind: 'message',
        prefix: prefixBytes.toString('utf8'),
        content: rawBytes(content),
        transactional,
        ...placeOf(members),
        record,
        change: frame.kind === 'change' ? frame.change : 1,
        offset,
    };
}

function parsed(text: string): unknown {
    try {
        return JSON.parse(text);
    } catch (error) {
        throw new Refusal('not-json', (error as Error).message);
    }
}

/** What was written without escapes; `escape_json` of PostgreSQL escapes nothing above a space. */
function rawBytes(text: string): Buffer {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: every character that is one byte
    if (!/^[\u0000-\u00ff]*$/.test(text)) {
        throw new Refusal('not-utf8', 'a message holds bytes that are not UTF-8, and escapes beyond them');
    }
    return Buffer.from(text, 'latin1');
}
