import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { keptText } from '../../src/process/kept-text.ts';
import { workFolder } from '../support/elt.ts';
import { propertyRuns } from '../support/properties.ts';

/** The text for what it depends on, and whether it had to be worked out. */
function asked(folder: string | undefined, dependsOn: readonly unknown[], text: string) {
    let isWorkedOut = false;
    const found = keptText(
        dependsOn,
        () => {
            isWorkedOut = true;
            return text;
        },
        folder,
    );
    return { found, isWorkedOut };
}

describe('a text that took long to work out', () => {
    test('is found by a later process, for the same words only', () => {
        const folder = join(workFolder(), 'texts');
        expect(asked(folder, ['a', ['b']], 'first')).toEqual({ found: 'first', isWorkedOut: true });
        expect(asked(folder, ['a', ['b']], 'second')).toEqual({ found: 'first', isWorkedOut: false });
        for (const other of [['a', 'b'], ['a', ['b'], null], ['ab'], [['a', 'b']], []]) {
            expect(asked(folder, other, 'other'), JSON.stringify(other)).toMatchObject({ found: 'other' });
        }
    });

    const damages: readonly { readonly what: string; readonly damage: (content: string) => string }[] = [
        { what: 'empty', damage: () => '' },
        { what: 'cut short', damage: (content) => content.slice(0, -1) },
        { what: 'longer', damage: (content) => `${content} ` },
        { what: 'changed by one character', damage: (content) => content.replace('first', 'fjrst') },
        { what: 'cut within its head', damage: (content) => content.slice(0, 40) },
        { what: 'that of something else', damage: (content) => `${'0'.repeat(64)}${content.slice(64)}` },
    ];
    test.each(damages)('a file that is $what is replaced', ({ damage }) => {
        const folder = workFolder();
        asked(folder, ['a'], 'first');
        const file = join(folder, readdirSync(folder)[0] as string);
        writeFileSync(file, damage(readFileSync(file, 'utf8')));
        expect(asked(folder, ['a'], 'second')).toEqual({ found: 'second', isWorkedOut: true });
        expect(asked(folder, ['a'], 'third')).toEqual({ found: 'second', isWorkedOut: false });
    });

    test('is worked out each time where nothing can be kept', () => {
        const file = join(workFolder(), 'file');
        writeFileSync(file, '');
        chmodSync(file, 0o400);
        for (const folder of [file, join(file, 'below'), undefined]) {
            expect(asked(folder, ['a'], 'first'), folder).toEqual({ found: 'first', isWorkedOut: true });
            expect(asked(folder, ['a'], 'second'), folder).toEqual({ found: 'second', isWorkedOut: true });
        }
    });

    test('is never that of something else, however many share a place, and places do not grow', () => {
        const folder = workFolder();
        fc.assert(
            fc.property(fc.array(fc.nat({ max: 5_000 }), { minLength: 1, maxLength: 200 }), (keys) => {
                for (const key of keys) {
                    expect(asked(folder, [key], `text ${key}`).found).toBe(`text ${key}`);
                }
                expect(readdirSync(folder).length).toBeLessThanOrEqual(256);
            }),
            propertyRuns(30),
        );
    });
});
