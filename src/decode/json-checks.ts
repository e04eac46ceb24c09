import { Refusal, requireUnicode, shown } from './refusal.ts';

/** Checks on results of `JSON.parse`. Each throws a Refusal that names the member. */

export type JsonObject = Readonly<Record<string, unknown>>;

export function asObject(value: unknown, what: string): JsonObject {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
        throw wrongType(what, 'an object', value);
    }
    return value as JsonObject;
}

export function asList(value: unknown, what: string): readonly unknown[] {
    if (value === undefined) {
        throw new Refusal('missing-field', `the member "${what}" is missing`);
    }
    if (!Array.isArray(value)) {
        throw wrongType(`the member "${what}"`, 'a list', value);
    }
    return value;
}

export function asText(value: unknown, what: string): string {
    if (value === undefined) {
        throw new Refusal('missing-field', `the member "${what}" is missing`);
    }
    if (typeof value !== 'string') {
        throw wrongType(`the member "${what}"`, 'text', value);
    }
    requireUnicode(value, `the member "${what}"`);
    return value;
}

export function asTexts(value: unknown, what: string): readonly string[] {
    return asList(value, what).map((element) => asText(element, what));
}

/** Text, or a number as its text, or null where it is absent or null. */
export function asOptionalText(value: unknown, what: string): string | null {
    if (value === undefined || value === null) {
        return null;
    }
    return Number.isSafeInteger(value) ? String(value) : asText(value, what);
}

function wrongType(what: string, expected: string, value: unknown): Refusal {
    return new Refusal('wrong-type', `${what} is not ${expected}: ${shown(value)}`);
}
