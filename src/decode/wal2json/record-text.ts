import { utf8Text } from '../../core/utf8-text.ts';
import { asObject, type JsonObject } from '../json-checks.ts';
import { Refusal } from '../refusal.ts';
import { hasDefaults, withoutDefaults } from './defaults.ts';
import { repairedJson } from './repair.ts';

/** The members before "change" as an object: `{"xid":1,` becomes `{"xid":1}`. */
export function headText(text: string): string {
    return `${text.replace(/[\s,]+$/, '')}}`;
}

/** The members after "change" as an object: `,"xid":1}` becomes `{"xid":1}`. */
export function tailText(text: string): string {
    return `{${text.replace(/^[\s,]+/, '')}`;
}

export function parseObject(text: string): JsonObject {
    return asObject(parseRepaired(text)[1], 'the record');
}

/** The text that was parsed (repaired where necessary, without the defaults of columns) and the result. */
export function parseRepaired(written: string): [string, unknown] {
    const text = hasDefaults(written) ? withoutDefaults(written) : written;
    if (text === null) {
        throw new Refusal('not-json', 'the end of a column default is not certain');
    }
    try {
        return [text, JSON.parse(text)];
    } catch (error) {
        const repaired = repairedJson(text);
        if (repaired !== null) {
            try {
                return [repaired, JSON.parse(repaired)];
            } catch {
                // The first error says more.
            }
        }
        throw new Refusal('not-json', (error as Error).message);
    }
}

/**
 * The JSON of a skeleton. Its gaps were found by reading it as JSON.
 * @throws Refusal if a default of a column looks like JSON and misled that reading.
 */
export function parseSkeleton(text: string): unknown {
    const json = JSON.parse(text);
    if (hasDefaults(text)) {
        const apart = (value: unknown): string =>
            JSON.stringify(value, (name, one) => (name === 'default' || name === 'columndefaults' ? null : one));
        if (apart(json) !== apart(parseRepaired(text)[1])) {
            throw new Refusal('not-json', 'a column default looks like a part of the change');
        }
    }
    return json;
}

/** `schema.table` of a change that could not be decoded, if its text names it. */
export function relationOf(bytes: Buffer): string | null {
    const head = bytes.toString('utf8', 0, 4096);
    const schema = /"schema"\s*:\s*("(?:[^"\\]|\\.)*")/.exec(head)?.[1];
    const table = /"table"\s*:\s*("(?:[^"\\]|\\.)*")/.exec(head)?.[1];
    if (schema === undefined || table === undefined) {
        return null;
    }
    try {
        return `${JSON.parse(schema)}.${JSON.parse(table)}`;
    } catch {
        return null;
    }
}

/** A frame's bytes as text. */
export function textOf(frame: { readonly source: Buffer; readonly start: number; readonly end: number }): string {
    return utf8Text(frame.source, frame.start, frame.end);
}

/** Why an object is not a record of either format. */
export function unknownRecord(object: JsonObject): Refusal {
    if (Object.hasOwn(object, 'action')) {
        return new Refusal('unknown-action', `unknown action ${JSON.stringify(object.action)}`);
    }
    if (Object.hasOwn(object, 'change')) {
        return new Refusal('wrong-type', 'the member "change" is not a list');
    }
    return new Refusal('unknown-record', 'the record has neither a member "change" nor "action"');
}
