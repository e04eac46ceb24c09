import { asObject, type JsonObject } from './json-checks.ts';
import { Refusal } from './refusal.ts';
import { repairedJson } from './repair.ts';

/** The members before "change" as an object: `{"xid":1,` becomes `{"xid":1}`. */
export function headText(text: string): string {
    return `${text.replace(/[\s,]+$/, '')}}`;
}

/** The members behind "change" as an object: `,"xid":1}` becomes `{"xid":1}`. */
export function tailText(text: string): string {
    return `{${text.replace(/^[\s,]+/, '')}`;
}

export function parseObject(text: string): JsonObject {
    return asObject(parseRepaired(text)[1], 'The record');
}

/** The text that was parsed (repaired if need be), and what it holds. */
export function parseRepaired(text: string): [string, unknown] {
    try {
        return [text, JSON.parse(text)];
    } catch (error) {
        const repaired = repairedJson(text);
        if (repaired !== null) {
            try {
                return [repaired, JSON.parse(repaired)];
            } catch {
                // The first error tells more.
            }
        }
        throw new Refusal('not-json', (error as Error).message);
    }
}

/** `schema.table` of a change that could not be decoded, if it can be read off. */
export function relationOf(bytes: Buffer): string | null {
    const head = bytes.toString('utf8', 0, 4096);
    const schema = /"schema"\s*:\s*("(?:[^"\\]|\\.)*")/.exec(head)?.[1];
    const table = /"table"\s*:\s*("(?:[^"\\]|\\.)*")/.exec(head)?.[1];
    if (schema === undefined || table === undefined) return null;
    try {
        return `${JSON.parse(schema)}.${JSON.parse(table)}`;
    } catch {
        return null;
    }
}
