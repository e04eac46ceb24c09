import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRoute } from '../../src/query/question-route.ts';
import { matchRoute } from '../../src/serve/http/match-route.ts';
import { decodeAfter, encodeAfter } from '../../src/serve/http/page-place.ts';
import { questionAddress } from '../../src/serve/http/question-address.ts';
import { readTarget } from '../../src/serve/http/request-target.ts';
import { AnswerSplitter, type ReaderAnswer } from '../../src/serve/readers/answer-splitter.ts';
import { BodyBudget } from '../../src/serve/readers/body-budget.ts';
import { OutputBuffer } from '../../src/serve/readers/output-buffer.ts';
import { timestampSeconds } from '../../src/serve/readers/timestamp-seconds.ts';
import { propertyRuns } from '../support/properties.ts';

describe('a timestamp truncated to seconds', () => {
    it.each([
        ['2023-03-25T11:31:26.999999', '2023-03-25T11:31:26+00:00'],
        ['2023-03-25 11:31:26', '2023-03-25T11:31:26+00:00'],
        ['2023-03-25T11:31', '2023-03-25T11:31:00+00:00'],
        ['2023-03-25', '2023-03-25T00:00:00+00:00'],
        ['2023-03-25T11:31:26.5Z', '2023-03-25T11:31:26+00:00'],
        ['2023-03-25 11:31:26.9+02', '2023-03-25T09:31:26+00:00'],
        ['2023-03-25 23:31:26.9-05:30', '2023-03-26T05:01:26+00:00'],
        ['2024-02-29 23:59:59.999-00:01', '2024-03-01T00:00:59+00:00'],
        ['infinity', 'infinity'],
        ['0044-03-15 BC', '0044-03-15 BC'],
        ['not a time', 'not a time'],
        ['', ''],
    ])('%s: %s', (text, expected) => {
        expect(timestampSeconds(text)).toBe(expected);
    });

    it('is the second of every moment', () => {
        fc.assert(
            fc.property(fc.date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true }), (date) => {
                const second = new Date(Math.floor(date.getTime() / 1_000) * 1_000);
                expect(new Date(timestampSeconds(date.toISOString()))).toEqual(second);
            }),
            propertyRuns(300),
        );
    });
});

describe('the frames of a reader', () => {
    const answers = fc.array(fc.record({ rows: fc.nat(1_000), body: fc.string({ unit: 'binary', maxLength: 300 }) }), {
        minLength: 1,
        maxLength: 8,
    });

    it('are whole however the bytes are split', () => {
        fc.assert(
            fc.property(answers, fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }), (all, cuts) => {
                const out = new OutputBuffer();
                for (const { rows, body } of all) {
                    const setLengths = out.reserveTwo();
                    const bodyAt = out.length;
                    out.write(body);
                    const headAt = out.length;
                    out.write(JSON.stringify({ results: [{ rows }], milliseconds: 1 }));
                    setLengths(headAt - bodyAt, out.length - headAt);
                }
                const bytes = Buffer.concat(out.pieces());
                const got: ReaderAnswer[] = [];
                const frames = new AnswerSplitter(new BodyBudget(1e9), (answer) => got.push(answer));
                for (let at = 0, turn = 0; at < bytes.length; turn++) {
                    const length = cuts[turn % cuts.length] as number;
                    frames.take(Buffer.from(bytes.subarray(at, at + length)));
                    at += length;
                }
                expect(
                    got.map(({ head }) => (head as unknown as { results: { rows: number }[] }).results[0]?.rows),
                ).toEqual(all.map(({ rows }) => rows));
                expect(got.map(({ body }) => Buffer.from(body))).toEqual(all.map(({ body }) => Buffer.from(body)));
            }),
            propertyRuns(300),
        );
    });

    it('without room are discarded, and the next one is whole', () => {
        const budget = new BodyBudget(20_000);
        const got: ReaderAnswer[] = [];
        const frames = new AnswerSplitter(budget, (answer) => got.push(answer));
        const frame = (body: string): Buffer => {
            const head = Buffer.from('{"results":[],"milliseconds":0}');
            const prefix = Buffer.alloc(8);
            prefix.writeUInt32LE(body.length, 0);
            prefix.writeUInt32LE(head.length, 4);
            return Buffer.concat([prefix, Buffer.from(body), head]);
        };
        const bytes = Buffer.concat([frame('x'.repeat(30_000)), frame('small')]);
        frames.take(bytes.subarray(0, 5_000));
        frames.take(bytes.subarray(5_000, 29_000));
        frames.take(bytes.subarray(29_000));
        expect(got.map(({ head }) => 'failure' in head)).toEqual([true, false]);
        expect(got[1]?.body.toString()).toBe('small');
        expect(budget.hasRoom(20_000)).toBe(true);
    });

    it('that end early free their room', () => {
        const budget = new BodyBudget(40_000);
        const frames = new AnswerSplitter(budget, () => undefined);
        const prefix = Buffer.alloc(9);
        prefix.writeUInt32LE(30_000, 0);
        frames.take(prefix);
        expect(budget.hasRoom(20_000)).toBe(false);
        frames.end();
        expect(budget.hasRoom(40_000)).toBe(true);
    });
});

describe('the output of a reader', () => {
    it('is what was written and not taken back, whatever the lengths', () => {
        const texts = fc.array(
            fc.record({
                text: fc.oneof(
                    fc.string({ unit: 'binary' }),
                    fc.nat(400_000).map((length) => 'ü'.repeat(length)),
                ),
                isTakenBack: fc.boolean(),
            }),
            { maxLength: 12 },
        );
        const out = new OutputBuffer();
        fc.assert(
            fc.property(texts, (all) => {
                out.clear();
                let expected = '';
                for (const { text, isTakenBack } of all) {
                    const place = out.place();
                    out.write(text);
                    if (isTakenBack) {
                        out.rewind(place);
                    } else {
                        expected += text.toWellFormed();
                    }
                }
                expect(Buffer.concat(out.pieces()).equals(Buffer.from(expected))).toBe(true);
                expect(out.length).toBe(Buffer.byteLength(expected));
            }),
            propertyRuns(100),
        );
    });
});

describe('a route', () => {
    it.each([
        ['GET /api/v1/users/{userId}/stats', true],
        ['/api/v1/numbers', true],
        ['GET api', false],
        ['POST /api', false],
        ['GET /', false],
        ['GET /{all}', false],
        ['GET /health', false],
        ['GET /dashboard/x', false],
        ['GET /api/a b', false],
        ['GET /api/{a}{b}', false],
        ['GET /api/x.csv', false],
        ['GET /api//x', false],
        ['GET /api/ü', false],
    ])('%s can be served: %s', (text, isGood) => {
        const parse = (): unknown => parseRoute(text, 'q.sql', 1);
        if (isGood) {
            parse();
        } else {
            expect(parse).toThrow(expect.objectContaining({ code: 'SQL_HEADER' }));
        }
    });

    it('returns the values of the address that was built from them', () => {
        const route = parseRoute('GET /api/{one}/of/{two}', 'q.sql', 1);
        const value = fc
            .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
            .filter((text) => text.isWellFormed());
        fc.assert(
            fc.property(
                value,
                fc.oneof(
                    value,
                    value.map((text) => `${text}.csv`),
                ),
                value,
                fc.constantFrom('', 'json', 'csv', 'ndjson'),
                (one, two, more, format) => {
                    const { words, suffix, given } = readTarget(
                        questionAddress(
                            route,
                            new Map([
                                ['one', one],
                                ['two', two],
                                ['more', more],
                            ]),
                            format,
                        ),
                    );
                    expect(matchRoute(route, words)).toEqual(
                        new Map([
                            ['one', one],
                            ['two', two],
                        ]),
                    );
                    expect(suffix).toBe(format === '' ? null : format);
                    expect(given).toEqual(new Map([['more', more]]));
                },
            ),
            propertyRuns(300),
        );
    });
});

describe('the place where a page ends', () => {
    const value = fc.oneof(
        fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((integer) => ({ integer: String(integer) })),
        fc.double({ noNaN: true, noDefaultInfinity: true }).map((real) => ({ real })),
        fc.string({ unit: 'grapheme' }).filter((text) => text.isWellFormed()),
    );

    it('is read back from its text, whatever the values', () => {
        fc.assert(
            fc.property(fc.array(value, { minLength: 1, maxLength: 4 }), (values) => {
                const text = encodeAfter(values);
                expect(encodeURIComponent(text)).toBe(text);
                expect(decodeAfter(text, values.length)).toEqual(values);
                expect(decodeAfter(text, values.length + 1)).toBe(null);
            }),
            propertyRuns(300),
        );
    });
});
