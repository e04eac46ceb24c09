import { storageOf } from './storage-types.ts';

/**
 * Whether a column that PostgreSQL retypes keeps the text of each of its values, so that rows that are not written again
 * can still be found by it. Only what holds for every value counts; a conversion given with USING cannot be known.
 * Source: https://www.postgresql.org/docs/15/sql-altertable.html
 */
export function keepsText(was: string, now: string): boolean {
    const from = baseOf(was);
    const to = baseOf(now);
    if (INTEGERS.has(from)) {
        return INTEGERS.has(to) || TEXTS.has(to) || now === 'numeric';
    }
    if (TEXTS.has(to)) {
        return TEXTS.has(from) || PLAIN_TEXT.has(from) || (from === 'numeric' && isTextInSqlite(was));
    }
    if (from === 'numeric' && to === 'numeric') {
        return keepsDigits(was, now);
    }
    // Without a limit on the digits of a second, no digit is lost.
    return from === to && now === from && PLAIN_TEXT.has(from);
}

const INTEGERS: ReadonlySet<string> = new Set(['smallint', 'integer', 'bigint', 'oid', 'int2', 'int4', 'int8']);
const TEXTS: ReadonlySet<string> = new Set(['text', 'character varying', 'varchar']);
/** Types whose cast to text is what the stream gives. Not so: boolean, bytea, inet, character(n), timestamptz, money. */
const PLAIN_TEXT: ReadonlySet<string> = new Set(['uuid', 'name', 'date', 'timestamp', 'timestamp without time zone']);

function baseOf(type: string): string {
    return type.replace(/\(.*?\)/, '');
}

/** A short one is stored as a number, which has lost its scale. */
function isTextInSqlite(numeric: string): boolean {
    return storageOf(numeric).sqlite === 'TEXT';
}

/** Both are numbers and none rounds, or both are text and the scale stays. */
function keepsDigits(was: string, now: string): boolean {
    const [from, to] = [storageOf(was).sqlite, storageOf(now).sqlite];
    const [scaleWas, scaleNow] = [scaleOf(was), scaleOf(now)];
    if (from === 'REAL' && to === 'REAL') {
        return scaleWas !== null && scaleNow !== null && scaleNow >= scaleWas;
    }
    return from === 'TEXT' && to === 'TEXT' && (scaleNow === null || scaleNow === scaleWas);
}

/** null: any scale. */
function scaleOf(numeric: string): number | null {
    const match = /^numeric\(\d+(?:,(-?\d+))?\)$/.exec(numeric);
    return match === null ? null : Number(match[1] ?? 0);
}
