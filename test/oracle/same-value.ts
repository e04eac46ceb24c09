import type { Stored } from './current-tables.ts';
import type { StreamValue } from './replay.ts';

/**
 * Whether a stored value is the one that PostgreSQL has: text by text; booleans as 0 and 1; REAL columns (numeric of
 * few digits, real, double precision) as numbers, since they do not keep the scale.
 *
 * @param type PostgreSQL's name of the column's type now
 * @param retyped the column holds values of more than one type and keeps them as text, numbers without their scale
 */
export function sameValue(stored: Stored, expected: StreamValue, type: string, retyped: boolean): boolean {
    if (stored === null || expected === null) {
        return stored === expected;
    }
    if (type === 'boolean') {
        const words = expected === 'true' ? ['1', 'true', 't'] : ['0', 'false', 'f'];
        return retyped ? words.includes(String(stored)) : stored === (expected === 'true' ? 1n : 0n);
    }
    if (typeof stored === 'string') {
        return stored === expected || (retyped && isNumber(type) && Number(stored) === Number(expected));
    }
    if (typeof stored === 'bigint') {
        return isInteger(type) && String(stored) === expected;
    }
    return typeof stored === 'number' && isNumber(type) && stored === Number(expected);
}

function isInteger(type: string): boolean {
    return /^(smallint|integer|bigint|oid)$/.test(type);
}

function isNumber(type: string): boolean {
    return isInteger(type) || /^(numeric|real|double precision)(\(|$)/.test(type);
}
