import type { TopicRecord } from '../../core/topic-record.ts';

const OPS = new Set(['c', 'r', 'u', 'd', 't']);

/** Whether a message is an envelope of Debezium's, with or without its schema. */
export function looksLikeEnvelope({ source, valueStart, valueEnd }: TopicRecord): boolean {
    if (source[valueStart] !== 0x7b) {
        return false;
    }
    try {
        const value = JSON.parse(source.toString('utf8', valueStart, valueEnd)) as Envelope;
        const envelope = value.schema !== undefined && typeof value.payload === 'object' ? value.payload : value;
        return (
            typeof envelope?.op === 'string' && OPS.has(envelope.op) && ('after' in envelope || 'before' in envelope)
        );
    } catch {
        return false;
    }
}

interface Envelope {
    readonly op?: unknown;
    readonly schema?: unknown;
    readonly payload?: Envelope | null;
}
