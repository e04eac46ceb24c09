import { describe, expect, it } from 'vitest';
import { sourceLag } from '../../src/ledger/source-lag.ts';
import type { SourceRow } from '../../src/ledger/sources.ts';
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
        expect(sourceLag({ ...ROW, ...row }, NOW)).toMatchObject({ isFollowing, bytes, seconds });
    });
});

const STATE: SourceState = { phase: 'streaming', following: true, lag_bytes: 0, lag_seconds: 3, heard_at: at(3) };
const TEXTS: readonly [state: Partial<SourceState>, text: string, isLate: boolean][] = [
    [{}, 'The source is followed', false],
    [{ lag_bytes: 10, lag_seconds: 4.25 }, '4.3 s behind the source', false],
    [{ lag_bytes: 10, lag_seconds: 400 }, '7 min behind the source', false],
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
