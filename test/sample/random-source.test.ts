import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { randomSource } from '../../src/core/random-source.ts';
import { randomBase36, randomBase64, randomDigits, randomUuid } from '../../src/sample/random-values.ts';
import { propertyRuns } from '../support/properties.ts';

function words(seed: number, count = 4): readonly number[] {
    const random = randomSource(seed);
    return Array.from({ length: count }, random.word);
}

describe('randomSource', () => {
    test('gives the words that it has always given', () => {
        expect(words(1)).toEqual([3059756466, 2658592661, 260201315, 220582183]);
    });

    test.each([
        ['neighbours', 1, 2],
        ['zero and the smallest', 0, Number.MIN_SAFE_INTEGER],
        ['a seed and its negative', 7, -7],
        ['seeds that share their low 32 bits', 5, 5 + 2 ** 32],
    ])('seeds differ: %s', (_, left, right) => {
        expect(words(left)).not.toEqual(words(right));
    });

    test('words are unsigned 32-bit numbers, and each bit is set about half the time', () => {
        fc.assert(
            fc.property(fc.maxSafeInteger(), (seed) => {
                const drawn = words(seed, 2000);
                expect(drawn.every((word) => Number.isInteger(word) && word >= 0 && word < 2 ** 32)).toBe(true);
                for (let bit = 0; bit < 32; bit++) {
                    const set = drawn.filter((word) => ((word >>> bit) & 1) === 1).length;
                    expect(set).toBeGreaterThan(800);
                    expect(set).toBeLessThan(1200);
                }
            }),
            propertyRuns(20),
        );
    });
});

test.each([
    ['uuid', randomUuid, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/],
    ['base64', (random) => randomBase64(random, 18), /^[\w-]{36}$/],
    ['base36', (random) => randomBase36(random, 4), /^[0-9a-z]{8}$/],
    ['digits', (random) => randomDigits(random, 6), /^\d{6}$/],
] satisfies [string, (random: ReturnType<typeof randomSource>) => string, RegExp][])(
    'random values have their form and do not repeat: %s',
    (_, draw, form) => {
        const random = randomSource(3);
        const drawn = Array.from({ length: 500 }, () => draw(random));
        for (const text of drawn) {
            expect(text).toMatch(form);
        }
        expect(new Set(drawn).size).toBe(500);
    },
);
