import { describe, expect, it } from 'vitest';

import { frameAll, words } from './frame-all.ts';

const ONE = '{"change":[{"kind":"a"}]}';
const TWO = '{"change":[{"kind":"b"},{"kind":"c"}]}';
const ONE_FRAMES = ['begin:{', 'change:{"kind":"a"}', 'end:}'];
const TWO_FRAMES = ['begin:{', 'change:{"kind":"b"}', 'change:{"kind":"c"}', 'end:}'];

describe('limits', () => {
    const change = (text: string): string => `{"kind":"${text}"}`;

    it('a long record streams, and is torn as a whole', () => {
        const source = `{"change":[${change('a')},${change('b')},{"kind":"x${ONE}`;
        const framed = frameAll(source, 3, { recordHeldBytesMax: 20 });
        expect(words(framed.frames)).toEqual([
            'begin:{',
            `change:${change('a')}`,
            `change:${change('b')}`,
            `bad torn not-json:{"change":[${change('a')},${change('b')},{"kind":"x`,
            ...ONE_FRAMES,
        ]);
    });

    it('a change that is too large is reported by its place, length, hash and head', () => {
        const large = change('x'.repeat(3 << 20));
        const source = `{"change":[${change('a')},${large},${change('b')}]}`;
        for (const chunk of [1 << 16, 1 << 23]) {
            const { frames } = frameAll(source, chunk, { changeBytesMax: 1 << 20 });
            expect(frames.map(({ kind }) => kind)).toEqual(['begin', 'change', 'bad', 'change', 'end']);
            expect(frames[2]).toMatchObject({
                reason: 'change-too-large',
                change: 2,
                length: large.length,
                offset: 24,
            });
            expect(frames[2]?.text).toBe(large.slice(0, 4096));
        }
    });

    it('a record of format 2 that is too large is put aside', () => {
        const large = `{"action":"I","x":"${'x'.repeat(3 << 20)}"}`;
        const { frames } = frameAll(`${large}\n${ONE}`, 1 << 16, { changeBytesMax: 1 << 20 });
        expect(frames.map(({ kind }) => kind)).toEqual(['bad', 'begin', 'change', 'end']);
        expect(frames[0]).toMatchObject({ reason: 'record-too-large', length: large.length, offset: 0 });
    });

    it('nesting 100,000 deep is put aside', () => {
        for (const [open, close] of [
            ['[', ']'],
            ['{"a":', '}'],
        ]) {
            const deep = `{"change":[{"kind":${open?.repeat(100_000)}1${close?.repeat(100_000)}}]}`;
            const { frames, error } = frameAll(`${ONE}\n${deep}\n${ONE}`, 4096);
            expect(error).toBeNull();
            expect(frames.map(({ kind, reason }) => reason ?? kind).filter((word) => word !== 'begin')).toEqual([
                'change',
                'end',
                'nested-too-deep',
                'end',
                'change',
                'end',
            ]);
        }
    });

    it('a broken region of any length is one bad frame', () => {
        const rubbish = `{"a":"b\n${'{{xy\n'.repeat(600_000)}`;
        const source = `[${ONE},${rubbish}${ONE},\n${TWO}]`;
        for (const chunk of [1000, 1 << 16, 100_003, 1 << 23]) {
            const { frames, error } = frameAll(source, chunk);
            expect(error).toBeNull();
            expect(words(frames).filter((word) => !word.startsWith('bad'))).toEqual([
                ...ONE_FRAMES,
                ...ONE_FRAMES,
                ...TWO_FRAMES,
            ]);
            expect(frames[3]).toMatchObject({
                kind: 'bad',
                length: rubbish.length,
                offset: ONE.length + 2,
                reason: 'not-json',
            });
        }
    });

    it('a line feed at the end of a chunk ends a broken region of any length', () => {
        const broken = `{"a":"b\n${'x'.repeat(3 << 20)}\n`;
        const places = [100, 2 << 20, broken.length - 1, broken.length, broken.length + 1];
        for (const place of places) {
            const { frames } = frameAll(`${broken}{"c":1}`, [place]);
            expect(frames.map(({ kind }) => kind)).toEqual(['bad', 'record']);
        }
    });

    it('long records in long chunks lose nothing', () => {
        const records = Array.from(
            { length: 200 },
            (_, index) => `{"change":[{"kind":"${index}","v":"${'y'.repeat(index * 100)}"}]}`,
        );
        for (const chunk of [65_535, 65_536, 65_537, 100_000, 300_000]) {
            const { frames } = frameAll(records.join('\n'), chunk);
            expect(frames.flatMap(({ kind, text }) => (kind === 'change' ? [`{"change":[${text}]}`] : []))).toEqual(
                records,
            );
        }
    });

    it('takes time that grows with the length only', () => {
        const torn = Buffer.from('{"change":[{"kind":"x"},\n'.repeat(100_000));
        const open = Buffer.from('{"action":"I","columns":[{"name":'.repeat(100_000));
        const started = performance.now();
        frameAll(torn, 1 << 16);
        frameAll(open, 1 << 16);
        expect(performance.now() - started).toBeLessThan(20_000);
    });
});
