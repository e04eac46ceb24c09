import { describe, expect, test } from 'vitest';
import { EltError } from '../../src/core/errors.ts';
import type { HeaderEntry } from '../../src/project/file-head.ts';
import { readDefinition } from '../../src/project/mart-definition.ts';

/** The line of a mart's head that names the key of its rows. */

const FILE = 'sql/shop/marts/totals.sql';
const headOf = (key: string | null): readonly HeaderEntry[] => [
    { key: 'row', value: 'one order', line: 1 },
    ...(key === null ? [] : [{ key: 'key', value: key, line: 2 }]),
];

describe('the key of a mart', () => {
    test.each([
        ['day, currency_code', ['day', 'currency_code']],
        ['"order id"', ['order id']],
        ['day,"a, b" , "say ""no"""', ['day', 'a, b', 'say "no"']],
    ])('%s', (line, names) => {
        expect(readDefinition('select 1', FILE, headOf(line))?.key).toEqual(names);
    });

    test.each([
        ['that is not named', null, `${FILE}:1`, 'no line "-- key:"', 'add a line to its head: -- key: '],
        [
            'with a blank that is not quoted',
            'order id',
            `${FILE}:2`,
            'order id',
            'in double quotes: -- key: day, "order id"',
        ],
        ['with a quote that is not closed', 'day, "order', `${FILE}:2`, 'day, "order', 'in double quotes'],
        ['with a comma too many', 'day,', `${FILE}:2`, 'day,', 'separate columns by commas'],
    ])('%s is refused with its line, and says how it is written', (_, line, where, found, next) => {
        let refused: unknown;
        try {
            readDefinition('select 1', FILE, headOf(line));
        } catch (error) {
            refused = error;
        }
        expect(refused).toBeInstanceOf(EltError);
        const { facts } = refused as EltError;
        expect(facts).toMatchObject({ code: 'SQL_HEADER', where, found });
        expect(facts.next).toContain(next);
    });
});
