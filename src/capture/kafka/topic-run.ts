import type { TopicRecords } from '../../core/topic-record.ts';
import type { FollowedMessage } from '../source/followed-source.ts';
import type { TopicPlaces } from './topic-places.ts';

/** What is handed on at once: messages of one partition that follow each other. */
export interface TopicRun extends FollowedMessage<TopicPlaces> {
    readonly topic: string;
    readonly partition: number;
    /** Empty where only offsets pass: ends of transactions, messages that were given up or compacted away. */
    readonly records: TopicRecords;
    readonly after: TopicPlaces;
}
