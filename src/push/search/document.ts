import { createHash } from 'node:crypto';
import type { MartShape } from '../mart-shape.ts';
import type { PushKind } from '../push-type.ts';

/** Lucene's limit for the `_id` of a document. */
const ID_BYTES_MAX = 512;

/**
 * The `_id` of a row: the value of a key of one column, else a JSON array of the values. Of one that is too long, its
 * hash. A key that may hold numbers and texts is an array too: 1 and '1' are two rows.
 */
export function documentId(key: readonly unknown[], isPlain: boolean): string {
    const text = isPlain ? idText(key[0]) : keyText(key);
    return Buffer.byteLength(text) <= ID_BYTES_MAX && text !== ''
        ? text
        : `sha256:${createHash('sha256').update(text).digest('hex')}`;
}

/** Whether the text of the key alone names the row. */
export function isPlainKey({ key, columns }: MartShape): boolean {
    const [only] = columns.filter(({ name }) => key.includes(name));
    return key.length === 1 && only?.isTyped === true;
}

/** JSON array. */
export function keyText(key: readonly unknown[]): string {
    return `[${key.map((value) => (typeof value === 'bigint' ? String(value) : JSON.stringify(idValue(value)))).join(',')}]`;
}

function idText(value: unknown): string {
    return String(idValue(value));
}

function idValue(value: unknown): unknown {
    return Buffer.isBuffer(value) ? value.toString('base64') : value;
}

/** The document of a row as JSON. */
export function documentText(names: readonly string[], kinds: readonly PushKind[], values: readonly unknown[]): string {
    let text = '';
    for (let index = 0; index < values.length; index++) {
        const value = valueText(values[index], kinds[index] ?? 'text');
        text += `${index === 0 ? '{' : ','}${names[index]}:${value}`;
    }
    return `${text}}`;
}

/** A value as JSON. What a field cannot take is written as it is: the index refuses the document, and says why. */
function valueText(value: unknown, kind: PushKind): string {
    if (value === null || value === undefined) {
        return 'null';
    }
    switch (kind) {
        case 'boolean':
            return value === 0n ? 'false' : value === 1n ? 'true' : quoted(value);
        case 'integer':
        case 'float':
        case 'numeric':
            return numberText(value);
        case 'timestamp':
            return JSON.stringify(isoText(String(value)));
        case 'json':
            return jsonText(String(value));
        default:
            return quoted(value);
    }
}

function quoted(value: unknown): string {
    return JSON.stringify(Buffer.isBuffer(value) ? value.toString('base64') : String(value));
}

/** With every digit that is there; what is no number of JSON is a text. */
function numberText(value: unknown): string {
    const text = String(value);
    return /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(text) ? text : quoted(value);
}

/** `2024-05-14 09:26:53.5+02` as `2024-05-14T09:26:53.5+02:00`. */
function isoText(text: string): string {
    const [, date, time, offset = ''] =
        /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?)([+-]\d\d(?::\d\d)?)?$/.exec(text) ?? [];
    if (date === undefined) {
        return text;
    }
    return `${date}T${time}${offset === '+00' ? 'Z' : offset.length === 3 ? `${offset}:00` : offset}`;
}

/** A document within the document, on one line: its numbers are copied, not read. */
function jsonText(text: string): string {
    try {
        JSON.parse(text);
        return text.replace(/[\n\r]/g, ' ');
    } catch {
        return JSON.stringify(text);
    }
}
