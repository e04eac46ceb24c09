import { change } from '../lake/pushed.ts';
import { type ItemWorld, itemWorld } from './lake-world.ts';

/** Values out of documents that the functions of engines would change: SQLite reads them, and engines get its texts. */
export const JSON_VALUES: readonly (readonly [document: string | null, a: string | null])[] = [
    ['{"a":0.10}', '0.10'],
    ['{"a":1e3}', '1e3'],
    ['{"a":12345678901234567890123}', '12345678901234567890123'],
    ['{"a":0.1234567890123456789}', '0.1234567890123456789'],
    ['{"a":1E400}', '1E400'],
    ['{"a":-0}', '-0'],
    ['{"a":7.0}', '7.0'],
    ['{"a":"0.10"}', '0.10'],
    ['{"a":"it\'s \\u00e9 \\\\"}', "it's é \\"],
    ['{"a":true}', 'true'],
    ['{"a":null}', null],
    ['{"b":1}', null],
    ['{}', null],
    [null, null],
];

const MART = "-- row: an item\n-- key: id\nselect id, json_text(doc, '$.a') as a from current_item\n";

/** A lake of items with these documents, and a mart `read` of what it reads out of them. */
export async function jsonWorld(): Promise<ItemWorld> {
    const insert = ([doc]: (typeof JSON_VALUES)[number], id: number): string =>
        change('I', [
            { name: 'id', type: 'bigint', value: id },
            { name: 'doc', type: 'text', value: doc },
        ]);
    return await itemWorld(JSON_VALUES.map(insert), { 'marts/read.sql': MART });
}

export const JSON_ROWS: readonly (readonly (string | null)[])[] = JSON_VALUES.map(([, a], id) => [String(id), a]);
