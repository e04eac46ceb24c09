import { describe, expect, it, onTestFinished } from 'vitest';
import { NO_CONFIG } from '../../src/capture/kafka/client-config.ts';
import { ServerConnection } from '../../src/capture/kafka/server-connection.ts';
import { topicStart } from '../../src/capture/kafka/topic-start.ts';
import { TopicStream } from '../../src/capture/kafka/topic-stream.ts';
import { until } from '../support/follow-world.ts';
import { brokerForTests, hasKafka } from '../support/kafka.ts';
import { messagesOf } from './kill-rounds.ts';

/** What a stream of topics says about where it is. */

const RUN_MESSAGES = 10;
const TOPIC = 'grows';

describe.skipIf(!hasKafka)('the places that a stream gives with its messages', () => {
    const broker = brokerForTests();

    it('never go back, whenever a partition is added', async () => {
        await broker().createTopic(TOPIC);
        await broker().send(TOPIC, messagesOf(0, 2 * RUN_MESSAGES));
        const brokers = [{ host: '127.0.0.1', port: broker().port }];
        const connection = new ServerConnection({ brokers, topics: [TOPIC], config: NO_CONFIG });
        let hasGrown = false;
        const stream = new TopicStream({
            connection,
            topics: [TOPIC],
            places: topicStart([TOPIC], await connection.facts([TOPIC]), [], null).places,
            leaders: [1],
            runMessagesMax: RUN_MESSAGES,
            // A partition is added while messages that have been taken wait for their schemas.
            learn: async () => {
                if (!hasGrown) {
                    await broker().admin.createPartitions({
                        topics: [{ name: TOPIC, count: 2, assignments: [{ brokerIds: [1] }] }],
                        validateOnly: false,
                    });
                    await until(
                        () => hasGrown,
                        () => 'the partition is not seen',
                    );
                }
            },
            group: null,
            grown: () => {
                hasGrown = true;
            },
            startThread: null,
        });
        onTestFinished(() => stream.close());
        const offsets: (number | undefined)[] = [];
        let read = 0;
        let isSecondSeen = false;
        while (read < 2 * RUN_MESSAGES || !isSecondSeen) {
            for (const { partition, records, after } of await stream.next(100)) {
                read += records.length;
                isSecondSeen ||= partition === 1;
                offsets.push(after[0]?.nextOffset);
            }
        }
        // The beginning, the messages, and the partition without any.
        expect(offsets).toEqual([0, RUN_MESSAGES, 2 * RUN_MESSAGES, 2 * RUN_MESSAGES]);
    });
});
