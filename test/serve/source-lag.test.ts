import { describe, expect, it } from 'vitest';
import { type SourceLag, sourceLag } from '../../src/ledger/source-lag.ts';
import type { SourceRow } from '../../src/ledger/sources.ts';
import type { TopicPartitionRow } from '../../src/ledger/topics.ts';
import { topicsLag } from '../../src/ledger/topics-lag.ts';
import { type SourceState, sourceText } from '../../src/serve/browser/source-text.ts';

const NOW = Date.parse('2026-03-01T12:00:00.000Z');
const at = (seconds: number) => new Date(NOW - seconds * 1_000).toISOString();
const committed = (seconds: number) => at(seconds).replace('T', ' ').replace('Z', '+00');

const ROW = {
    phase: 'streaming',
    end_lsn: '0/100',
    server_lsn: '0/100',
    measured_at: at(3),
    last_commit_at: committed(500),
    error: null,
} as SourceRow;

const CASES: readonly [
    name: string,
    row: Partial<SourceRow>,
    isFollowing: boolean,
    bytes: number | null,
    seconds: number | null,
][] = [
    ['at the end: as old as the last word', {}, true, 0, 3],
    ['behind: as old as the last commit', { server_lsn: '0/200' }, true, 256, 500],
    ['behind, of a commit whose clock is ahead', { server_lsn: '0/200', last_commit_at: committed(-9) }, true, 256, 3],
    ['behind, before the first commit', { server_lsn: '0/200', last_commit_at: null }, true, 256, null],
    ['further than when it was last heard', { end_lsn: '0/300' }, true, 0, 3],
    ['silent', { measured_at: at(61) }, false, null, 61],
    ['silent and behind', { measured_at: at(61), server_lsn: '0/200' }, false, null, 500],
    ['never heard', { measured_at: null, server_lsn: null }, false, null, null],
    ['a copy under way', { phase: 'snapshot' }, false, null, null],
    ['lost', { phase: 'lost' }, false, null, null],
];

describe('sourceLag', () => {
    it.each(CASES)('%s', (_, row, isFollowing, bytes, seconds) => {
        expect(sourceLag({ ...ROW, ...row }, NOW)).toMatchObject({
            isFollowing,
            behind: bytes,
            unit: 'bytes',
            seconds,
        });
    });
});

const PARTITION: TopicPartitionRow = {
    topic: 'orders',
    partition: 0,
    topic_id: 'a',
    next_offset: 10,
    leader_epoch: 0,
    record_time: NOW - 500_000,
    first_offset: 0,
    end_offset: 10,
    measured_at: at(3),
    level_at: at(3),
};
const LEVEL: Partial<TopicPartitionRow> = { partition: 1 };
const BEHIND: Partial<TopicPartitionRow> = { end_offset: 17, level_at: at(400) };
const TOPICS: readonly [
    name: string,
    rows: readonly Partial<TopicPartitionRow>[],
    error: string | null,
    lag: Partial<SourceLag>,
][] = [
    ['at the end: as old as the last word', [{}, LEVEL], null, { isFollowing: true, behind: 0, seconds: 3 }],
    ['behind: as old as when it was not', [BEHIND, LEVEL], null, { isFollowing: true, behind: 7, seconds: 400 }],
    ['never level: as old as the last message', [{ ...BEHIND, level_at: null }], null, { behind: 7, seconds: 500 }],
    ['nothing has landed', [{ ...BEHIND, level_at: null, record_time: null }], null, { behind: 7, seconds: null }],
    ['a clock that is ahead', [{ ...BEHIND, record_time: NOW + 9_000 }], null, { behind: 7, seconds: 0 }],
    ['silent', [{ measured_at: at(61), level_at: at(61) }], null, { isFollowing: false, behind: null, seconds: 61 }],
    ['messages are lost', [BEHIND], 'OFFSET_LOST: gone', { phase: 'lost', isFollowing: false, behind: null }],
    ['a model fails', [BEHIND], 'MODEL_FAILED: x', { phase: 'streaming', isFollowing: true, behind: 7 }],
    ['no partition yet', [], null, { isFollowing: false, behind: null, seconds: null, heardAt: null }],
];

describe('topicsLag', () => {
    it.each(TOPICS)('%s', (_, rows, error, lag) => {
        const partitions = rows.map((row) => ({ ...PARTITION, ...row }));
        expect(topicsLag({ error }, partitions, NOW, 60_000)).toMatchObject({ unit: 'messages', ...lag });
    });
});

const STATE: SourceState = { phase: 'streaming', following: true, lag_bytes: 0, lag_seconds: 3, heard_at: at(3) };
const TEXTS: readonly [state: Partial<SourceState>, text: string, isLate: boolean][] = [
    [{}, 'The source is followed', false],
    [{ lag_bytes: 10, lag_seconds: 4.25 }, '4.3 s behind the source', false],
    [{ lag_bytes: 10, lag_seconds: 400 }, '7 min behind the source', false],
    [{ lag_messages: 7, lag_seconds: 4.25 }, '4.3 s behind the source, 7 messages', false],
    [{ lag_messages: 1, lag_seconds: 4.25 }, '4.3 s behind the source, 1 message', false],
    [{ lag_messages: 0 }, 'The source is followed', false],
    [{ following: false, lag_bytes: null, heard_at: at(7_200) }, 'The source has not been heard for 2 h', true],
    // The page has stood open since.
    [{ heard_at: at(61) }, 'The source has not been heard for 61 s', true],
    [{ following: false, heard_at: null }, 'The source has not been heard yet', true],
    [{ phase: 'snapshot', following: false }, 'The source is being copied', true],
    [{ phase: 'lost', following: false }, 'Changes of the source are missing', true],
];

describe('the page of a dashboard', () => {
    it.each(TEXTS)('%o: %s', (state, text, isLate) => {
        expect(sourceText({ ...STATE, ...state }, new Date(NOW))).toEqual({ text, isLate });
    });
});
