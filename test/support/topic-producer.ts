import type { Producer } from '@platformatic/kafka';

/** A producer of texts and bytes. */
export type TestProducer = Producer<Buffer | null, Buffer | null, string, string>;

export interface Sent {
    readonly key?: string | Buffer | null;
    /** Null: a tombstone. */
    readonly value: string | Buffer | null;
    readonly partition?: number;
    readonly headers?: Readonly<Record<string, string>>;
    readonly timestamp?: bigint;
}

const SEND_MESSAGES = 1_000;

/** Within a transaction, or with a producer. */
export async function sendWith(
    producer: Pick<TestProducer, 'send'>,
    topic: string,
    messages: readonly Sent[],
    more: Readonly<Record<string, unknown>> = {},
): Promise<void> {
    for (let from = 0; from < messages.length; from += SEND_MESSAGES) {
        const part = messages
            .slice(from, from + SEND_MESSAGES)
            .map(({ key, value, partition, headers, timestamp }) => ({
                topic,
                ...(key === undefined || key === null ? {} : { key: Buffer.from(key) }),
                value: value === null ? null : Buffer.from(value),
                ...(partition === undefined ? {} : { partition }),
                ...(headers === undefined
                    ? {}
                    : {
                          headers: new Map(
                              Object.entries(headers).map(([name, text]) => [Buffer.from(name), Buffer.from(text)]),
                          ),
                      }),
                ...(timestamp === undefined ? {} : { timestamp }),
            }));
        await producer.send({ messages: part, ...more } as never);
    }
}
