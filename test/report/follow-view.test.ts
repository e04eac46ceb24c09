import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { FollowView } from '../../src/report/follow-view.ts';
import { makeOutput, type Output } from '../../src/report/output.ts';

const MINUTE_MS = 60_000;

beforeEach(() => {
    vi.useFakeTimers({ toFake: ['performance', 'Date'] });
});
afterEach(() => {
    vi.useRealTimers();
});

function logging(more: Partial<Output> = {}): { lines: string[]; view: FollowView } {
    const lines: string[] = [];
    const output = { ...makeOutput({ json: false, quiet: false }), showsProgress: false, ...more };
    return { lines, view: new FollowView({ ...output, note: (line) => lines.push(line) }, 'shop') };
}

const progress = (changes: number) => ({
    changes,
    commits: 1,
    lag: { behind: 0, unit: 'bytes' as const, seconds: 0 },
    milliseconds: 1,
});

it('outside of a terminal a line is written once a minute while changes come, and none while nothing comes', () => {
    const { lines, view } = logging();
    for (let second = 0; second < 180; second++) {
        view.progressed(progress(second * 10));
        vi.advanceTimersByTime(1_000);
    }
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(/^shop {2}600 changes {2}10\/s {2}lag 0 B$/);
    lines.length = 0;
    for (let minute = 0; minute < 60; minute++) {
        view.progressed(progress(1_790));
        vi.advanceTimersByTime(MINUTE_MS);
    }
    expect(lines).toHaveLength(1);
    view.progressed(progress(1_791));
    expect(lines[1]).toContain('1,791 changes');
});

it('the rate is that of the last seconds, however often is committed', () => {
    const lines: number[] = [];
    const result = (line: Readonly<Record<string, unknown>>): void => {
        lines.push(line.changes_per_second as number);
    };
    const { view } = logging({ json: true, result: result as Output['result'] });
    // 1,000 commits a second of 5 changes, then 100 of 10.
    for (let at = 0; at < 20_000; at++) {
        view.progressed(progress(at * 5));
        vi.advanceTimersByTime(1);
    }
    for (let at = 0; at < 1_000; at++) {
        view.progressed(progress(100_000 + at * 10));
        vi.advanceTimersByTime(10);
    }
    expect(lines[19_999]).toBe(5_000);
    expect(lines[20_999]).toBe(1_000);
});

it('a copy too', () => {
    const { lines, view } = logging();
    for (let second = 0; second <= 120; second++) {
        const copy = { table: 'public.t', tablesDone: 0, tables: 2, rows: second * 10, rowsExpected: 2_400, bytes: 1 };
        view.copies(copy);
        vi.advanceTimersByTime(1_000);
    }
    expect(lines.map((line) => /\d+ %/.exec(line)?.[0])).toEqual(['25 %', '50 %']);
});

it('for machines it is JSON alone', () => {
    const { lines, view } = logging({ json: true, result: () => undefined });
    for (let minute = 0; minute < 5; minute++) {
        view.progressed(progress(minute));
        vi.advanceTimersByTime(MINUTE_MS);
    }
    expect(lines).toEqual([]);
});
