import { describe, expect, test } from 'vitest';
import type { Stored } from './current-tables.ts';
import { sameValue } from './same-value.ts';

describe('sameValue', () => {
    const cases: readonly (readonly [Stored, string | null, string, boolean, boolean])[] = [
        // stored, PostgreSQL's text, type, retyped, same
        [null, null, 'text', false, true],
        ['', null, 'text', false, false],
        [null, '', 'text', false, false],
        ['007', '007', 'text', false, true],
        [7n, '7', 'text', false, false],
        [7, '7', 'text', false, false],
        [7n, '007', 'text', false, false],
        ['7', '007', 'text', false, false],
        ['ab ', 'ab', 'character(3)', false, false],
        [9223372036854775807n, '9223372036854775807', 'bigint', false, true],
        [9223372036854775800n, '9223372036854775807', 'bigint', false, false],
        [5, '5.00', 'numeric(12,2)', false, true],
        [5n, '5.00', 'numeric(12,2)', false, false],
        ['5', '5.00', 'numeric', false, false],
        ['5.00', '5.00', 'numeric', false, true],
        ['5.0', '5.00', 'numeric', true, true],
        [1.1, '1.1', 'real', false, true],
        [1.100000023841858, '1.1', 'real', false, false],
        [1n, 'true', 'boolean', false, true],
        [0n, 'true', 'boolean', false, false],
        ['true', 'true', 'boolean', false, false],
        ['true', 'true', 'boolean', true, true],
        ['f', 'true', 'boolean', true, false],
        ['t', 't', 'yes_no', false, true],
        [1n, 't', 'yes_no', false, false],
    ];
    test.each(cases)('%s stored for %s of type %s, retyped %s: %s', (stored, expected, type, retyped, same) => {
        expect(sameValue(stored, expected, type, retyped)).toBe(same);
    });
});
