import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formOf, hasForm, surelyHasForm, type ValueForm } from '../../src/core/value-forms.ts';
import { propertyRuns } from '../support/properties.ts';

/** Values whose text depends on the settings of a receiver's session: what is certainly wrong does not fit. */

const TYPES: Readonly<Record<string, ValueForm | undefined>> = {
    bytea: 'bytea',
    date: 'date',
    'timestamp without time zone': 'timestamp',
    'timestamp(3) without time zone': 'timestamp',
    timestamp: 'timestamp',
    'timestamp with time zone': 'timestamptz',
    'timestamp(0) with time zone': 'timestamptz',
    timestamptz: 'timestamptz',
    text: undefined,
    interval: undefined,
    'date[]': undefined,
    'time with time zone': undefined,
};

it.each(Object.entries(TYPES))('values of %s', (type, form) => {
    expect(formOf(type)).toBe(form);
});

const FITS: Readonly<Record<ValueForm, readonly string[]>> = {
    bytea: ['', 'deadbeef', '\\xdead', '\\x', '00'],
    date: ['2024-02-29', '0044-03-15 BC', '12024-01-01', 'infinity', '-infinity'],
    timestamp: [
        '2024-02-29 23:59:59',
        '2024-02-29 24:00:00',
        '2024-02-29 00:00:00.123456',
        '0044-03-15 00:00:00 BC',
        'infinity',
    ],
    timestamptz: [
        '2024-02-29 23:59:59+00',
        '2024-02-29 23:59:59.5+00',
        '2024-02-29 23:59:59+05:30',
        '1850-01-01 00:00:00-00:01:15',
        '0044-03-15 00:00:00+00 BC',
        '-infinity',
    ],
};
const DOES_NOT_FIT: Readonly<Record<ValueForm, readonly string[]>> = {
    bytea: ['36\\255\\276\\357', 'abc', 'xyz!', '\\xd'],
    date: ['06/05/2024', '06-05-2024', '06.05.2024', '2024-13-01', '2024-00-10', '2024-01-99', '2024-01-00', ''],
    timestamp: [
        '06/05/2024 12:00:00',
        'Wed Jun 05 12:00:00 2024',
        '2024-02-29T12:00:00',
        '2024-02-29 25:00:00',
        '2024-02-29',
        '2024-02-29 12:00:00.',
    ],
    timestamptz: [
        '01/08/2024 02:00:00 CEST',
        '2024-02-29 12:00:00+99:99',
        '2024-02-29 12:00:00',
        '2024-02-29 12:61:00+00',
        '2024-02-29 12:00:00+16',
    ],
};

describe.each(Object.keys(FITS) as ValueForm[])('%s', (form) => {
    it.each(FITS[form])('can be written "%s"', (text) => {
        expect(hasForm(text, form)).toBe(true);
    });

    it.each(DOES_NOT_FIT[form])('cannot be written "%s"', (text) => {
        expect(hasForm(text, form)).toBe(false);
        expect(surelyHasForm(Buffer.from(text), 0, Buffer.byteLength(text), form)).toBe(false);
    });

    it('what the bytes tell is what the pattern says, whatever stands around them', () => {
        const near = fc
            .tuple(
                fc.constantFrom(...FITS[form], ...DOES_NOT_FIT[form]),
                fc.nat(),
                fc.constantFrom(...'0123456789-+:. aT/'),
            )
            .map(([text, at, character]) => {
                const place = at % (text.length + 1);
                return text.slice(0, place) + character + text.slice(place + 1);
            });
        fc.assert(
            fc.property(near, fc.string(), fc.string(), (text, before, after) => {
                const [head, value] = [Buffer.from(before), Buffer.from(text)];
                const bytes = Buffer.concat([head, value, Buffer.from(after)]);
                if (surelyHasForm(bytes, head.length, head.length + value.length, form)) {
                    expect(hasForm(text, form)).toBe(true);
                }
            }),
            propertyRuns(3000),
        );
    });
});

it.each([
    ['date', '2024-02-29'],
    ['timestamp', '2024-02-29 23:59:59'],
    ['timestamp', '2024-02-29 23:59:59.123456'],
    ['timestamptz', '2024-02-29 23:59:59.5+00'],
    ['timestamptz', '2024-02-29 23:59:59+00'],
    ['bytea', 'deadbeef'],
] as const)('the usual way to write a %s needs no text: %s', (form, text) => {
    expect(surelyHasForm(Buffer.from(text), 0, text.length, form)).toBe(true);
});
