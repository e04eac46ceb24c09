import { isUtf8 } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scanList } from '../../src/capture/skeleton/scan-value.ts';
import { ScannedValues } from '../../src/core/scanned-values.ts';
import { propertyRuns } from '../support/properties.ts';

/** The scanner of value lists against `JSON.parse`, which is right by definition. */

/** The values of the list `[…` and where its `]` is; null if the scanner refuses it. `stop` cuts the bytes. */
function scanned(list: Buffer, stop = list.length): { values: unknown[]; close: number } | null {
    const values = new ScannedValues();
    values.reserve(list.length);
    const close = scanList(values, list, 1, stop);
    if (close === -1) {
        expect(values.count).toBe(0);
        return null;
    }
    return { values: Array.from({ length: values.count }, (_, index) => values.json(index)), close };
}

/** JSON writes one string in many ways: each unit as it is or as an escape. */
const written = fc
    .tuple(fc.string({ unit: 'binary', maxLength: 12 }), fc.infiniteStream(fc.nat({ max: 3 })))
    .map(([text, choices]) => {
        const units = text.split('').map((unit) => {
            const choice = choices.next().value;
            const code = unit.charCodeAt(0);
            const isHalf = code >= 0xd800 && code <= 0xdfff;
            if (choice === 0 && !isHalf) {
                return `\\u${code.toString(16).padStart(4, '0')}`;
            }
            return isHalf ? unit : JSON.stringify(unit).slice(1, -1);
        });
        return `"${units.join('')}"`;
    });
const space = fc.constantFrom('', ' ', '\n', '\t\r ');
const number = fc
    .oneof(fc.double(), fc.integer(), fc.bigInt())
    .map((one) => (Number.isFinite(Number(one)) ? `${one}` : '0'));
const scalar = fc.oneof(
    written,
    number,
    fc.constantFrom('null', 'true', 'false', '-0', '1E+5', '0.10', '1e-7', '1e400'),
);
const list = fc
    .array(fc.tuple(space, scalar, space), { maxLength: 6 })
    .map((elements) => `[${elements.map((element) => element.join('')).join(',')}]`);

describe('a list of scalars', () => {
    it('is read as JSON.parse reads it', () => {
        fc.assert(
            fc.property(list, space, (text, behind) => {
                const bytes = Buffer.from(`${text}${behind}}`);
                expect(scanned(bytes)).toEqual({ values: JSON.parse(text), close: Buffer.byteLength(text) - 1 });
            }),
            propertyRuns(1_000),
        );
    });

    it('that is cut anywhere is refused', () => {
        fc.assert(
            fc.property(list, (text) => {
                const bytes = Buffer.from(text);
                for (let stop = 1; stop < bytes.length; stop++) {
                    expect(scanned(bytes, stop)).toBeNull();
                }
            }),
            propertyRuns(200),
        );
    });

    it('with other bytes in it is refused, or still read as JSON.parse reads it', () => {
        const fault = fc.tuple(fc.nat(), fc.constantFrom(...Buffer.from('"\\[]{},:-+.eEu0919tfn \n\u0001a/d8')));
        fc.assert(
            fc.property(list, fc.array(fault, { minLength: 1, maxLength: 3 }), (text, faults) => {
                const bytes = Buffer.from(text);
                for (const [at, byte] of faults) {
                    bytes[at % bytes.length] = byte;
                }
                // What is no UTF-8 is refused before it comes here.
                const found = bytes[0] === 0x5b && isUtf8(bytes) ? scanned(bytes) : null;
                if (found !== null) {
                    expect(found.values).toEqual(JSON.parse(bytes.toString('utf8', 0, found.close + 1)));
                }
            }),
            propertyRuns(3_000),
        );
    });

    it.each([
        ['a list in it', '[1,[2]]'],
        ['an object in it', '[{"a":1}]'],
        ['half of a surrogate pair', '["\\ud83d"]'],
        ['halves in the wrong order', '["\\ude00\\ud83d"]'],
        ['half and another escape', '["\\ud83d\\u0041"]'],
        ['a control character', '["a\u0001"]'],
        ['an escape that is none', '["\\x41"]'],
        ['digits that are none', '["\\u00g0"]'],
        ['a number with a zero in front', '[007]'],
        ['a number that ends with a point', '[1.]'],
        ['a number without digits', '[-]'],
        ['an exponent without digits', '[1e+]'],
        ['a word that is none', '[nul]'],
        ['no comma', '[1 2]'],
        ['a comma too many', '[1,]'],
        ['nothing but a comma', '[,]'],
    ])('with %s is left to others', (_, text) => {
        expect(scanned(Buffer.from(text))).toBeNull();
    });
});
