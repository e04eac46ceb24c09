import { describe, expect, it } from 'vitest';
import { Framer } from '../../src/capture/frame/framer.ts';
import { frameAhead } from './frame-ahead.ts';

const CHANGES = 1_000;

const format1 = (value: number): string =>
    `{"kind":"insert","schema":"public","table":"t","columnnames":["a","b"],"columntypes":["integer","text"],` +
    `"columnvalues":[${value},"say \\"${value}\\" {\\"kind\\":1}"]}`;
const format2 = (value: number): string =>
    `{"action":"I","schema":"public","table":"t","columns":[{"name":"a","type":"integer","value":${value}}]}`;
const numbers = Array.from({ length: CHANGES }, (_, index) => index);

const SOURCES: Record<string, string> = {
    'records of one change': `[${numbers.map((value) => `{"change":[${format1(value)}]}`).join(',\n')}]`,
    'records of several changes': numbers
        .filter((value) => value % 4 === 0)
        .map((value) => `{"change":[${[0, 1, 2, 3].map((more) => format1(value + more)).join(',')}]}`)
        .join('\n'),
    'records of format 2': numbers.map(format2).join('\n'),
};

describe.each(Object.entries(SOURCES))('%s', (_, source) => {
    it.each([
        { chunkBytes: 20_000, depth: 1 },
        { chunkBytes: 10_000, depth: 2 },
        { chunkBytes: 7_777, depth: 3 },
    ])('are mostly scanned ahead, in chunks of $chunkBytes, $depth at a time', (ahead) => {
        const seen: (string | number)[] = [];
        let found = 0;
        const error = frameAhead(new Framer(), Buffer.from(source), ahead, (frame, scanned) => {
            if (frame.kind !== 'change' && frame.kind !== 'record') {
                return;
            }
            const { values } = frame;
            const at = frame.bounds[0];
            if (values === null || at === undefined) {
                const text = frame.source.toString('utf8', frame.start, frame.end);
                seen.push(Number(/"(?:columnvalues":\[|value":)([0-9]+)/.exec(text)?.[1]));
                return;
            }
            if (values === scanned.values) {
                found++;
            }
            seen.push(Number(values.text(at)));
        });
        expect(error).toBeNull();
        expect(seen).toEqual(numbers);
        expect(found).toBeGreaterThan(CHANGES / 4);
    });
});
