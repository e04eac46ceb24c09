import { lsnOf } from '../../core/lsn.ts';
import type { RelationFacts } from '../../core/relation-facts.ts';
import { COPY_DATA_HEAD_BYTES, messageEnd } from '../../postgres/copy-data.ts';
import type { FollowedMessage } from '../source/followed-source.ts';
import { FrameKind } from './frame-kind.ts';

/** A message of a plugin: its bytes are `source[start, end)`. Where the log has it is given in two halves. */
export interface PluginMessage extends FollowedMessage<string> {
    readonly kind: 'plugin';
    readonly source: Buffer;
    readonly start: number;
    readonly end: number;
    readonly lsnHigh: number;
    readonly lsnLow: number;
}

/** What the server says of the relation that the next message names. */
export interface FactsMessage extends FollowedMessage<string> {
    readonly kind: 'facts';
    readonly facts: RelationFacts;
}

/** The server's log has nothing for us up to `after`. */
export interface IdleMessage extends FollowedMessage<string> {
    readonly kind: 'idle';
    readonly after: string;
}

export type StreamMessage = PluginMessage | FactsMessage | IdleMessage;

const [XLOG_DATA, KEEPALIVE] = [0x77, 0x6b];
/** Letter, then place in the log, its end there, and the server's time. */
const [PLACE_AT, DATA_AT] = [COPY_DATA_HEAD_BYTES + 1, COPY_DATA_HEAD_BYTES + 25];
/** Of a keepalive: after its place and the server's time, 1 if it asks for an answer. */
const ANSWER_AT = COPY_DATA_HEAD_BYTES + 17;
const [COMMIT, MESSAGE] = [0x43, 0x4d];
/** A record of wal2json begins `{"action":"C"`. */
const ACTION_AT = '{"action":"'.length;
/** Of a commit: letter, flags, where it begins; then where it ends. */
const COMMIT_END_AT = 1 + 1 + 8;

/** Where to resume after a message of a plugin; null inside a transaction. The log has it at `[high, low]`. */
export type AfterMessage = (source: Buffer, start: number, end: number, high: number, low: number) => string | null;

/** The messages of a frame, in order; their bytes are in `source[start, end)`. */
export function messagesOf(
    kind: FrameKind,
    source: Buffer,
    start: number,
    end: number,
    afterMessage: AfterMessage,
    take: (message: StreamMessage) => void,
): number {
    if (kind === FrameKind.facts) {
        const facts = JSON.parse(source.toString('utf8', start, end)) as RelationFacts;
        take({ kind: 'facts', facts, after: null, isIdle: false, wantsAnswer: false });
        return 1;
    }
    let count = 0;
    for (let at = start; at < end; count++) {
        const next = messageEnd(source, at);
        const letter = source[at + COPY_DATA_HEAD_BYTES];
        if (letter === XLOG_DATA) {
            take(pluginMessage(source, at, next, afterMessage));
        } else if (letter === KEEPALIVE) {
            const after = lsnOf(source.readUInt32BE(at + PLACE_AT), source.readUInt32BE(at + PLACE_AT + 4));
            take({ kind: 'idle', after, isIdle: true, wantsAnswer: source[at + ANSWER_AT] === 1 });
        }
        at = next;
    }
    return count;
}

function pluginMessage(source: Buffer, at: number, end: number, afterMessage: AfterMessage): PluginMessage {
    const start = at + DATA_AT;
    const lsnHigh = source.readUInt32BE(at + PLACE_AT);
    const lsnLow = source.readUInt32BE(at + PLACE_AT + 4);
    const after = afterMessage(source, start, end, lsnHigh, lsnLow);
    return { kind: 'plugin', source, start, end, lsnHigh, lsnLow, after, isIdle: false, wantsAnswer: false };
}

/**
 * After a commit it is where that ends, never further: the next commit may begin there. After a message outside of
 * transactions it is one byte further than the message, so that it is not sent again.
 */
export const afterPgoutput: AfterMessage = (source, start) => {
    if (source[start] === COMMIT) {
        const at = start + COMMIT_END_AT;
        return lsnOf(source.readUInt32BE(at), source.readUInt32BE(at + 4));
    }
    if (source[start] === MESSAGE && source[start + 1] === 0) {
        return behind(source.readUInt32BE(start + 2), source.readUInt32BE(start + 6));
    }
    return null;
};

/** The same of wal2json's records of format 2. */
export const afterWal2json: AfterMessage = (source, start, end, high, low) => {
    const action = source[start + ACTION_AT];
    if (action === COMMIT) {
        return /"nextlsn":"([^"]+)"/.exec(source.toString('latin1', start, end))?.[1] ?? null;
    }
    const isMessage = action === MESSAGE && source.toString('latin1', start, end).includes('"transactional":false');
    return isMessage ? behind(high, low) : null;
};

function behind(high: number, low: number): string {
    return low === 0xffffffff ? lsnOf(high + 1, 0) : lsnOf(high, low + 1);
}
