import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ScannedValues, ValueKind } from '../../src/core/scanned-values.ts';
import { propertyRuns } from '../support/properties.ts';

/** The shorter way to a double finds the same as `Number`, to the bit. */
it('reads every decimal as Number does', () => {
    const digits = fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 1, maxLength: 17 });
    const decimal = fc
        .tuple(fc.constantFrom('', '-'), digits, fc.option(digits), fc.constantFrom('', 'e5', 'e-7', 'E+300'))
        .map(
            ([sign, whole, fraction, exponent]) =>
                `${sign}${whole}${fraction === null ? '' : `.${fraction}`}${exponent}`,
        );
    fc.assert(
        fc.property(fc.oneof(decimal, fc.double({ noNaN: true, noDefaultInfinity: true }).map(String)), (text) => {
            const values = new ScannedValues();
            values.reserve(text.length);
            values.add(ValueKind.real, values.bytes.write(text, 0, 'latin1'));
            expect(Object.is(values.stored(0), Number(text)), text).toBe(true);
        }),
        propertyRuns(5_000),
    );
});
