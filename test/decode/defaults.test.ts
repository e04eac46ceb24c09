import { describe, expect, it } from 'vitest';
import { withoutDefaults } from '../../src/decode/wal2json/defaults.ts';
import { decodeAll, reasonsOf, rowsOf } from './decode-all.ts';

/** Defaults as `pg_get_expr` prints them. wal2json 2.5 puts them between quotes as they are. */
const DEFAULTS: readonly (readonly [string, string])[] = [
    ['a number', '7'],
    ['a call', "nextval('t_id_seq'::regclass)"],
    ['a quoted sequence', `nextval('"T_id_seq"'::regclass)`],
    ['an empty literal', "''::text"],
    ['a quote in a literal', "'it''s'::text"],
    ['a double quote', `'5" pipe'::text`],
    ['a document', `'{"a": 1, "b": "]}]}"}'::jsonb`],
    ['an array', `'{"a b",c}'::text[]`],
    ['what closes everything', `'"]}]}'::text`],
    ['what closes everything in format 2', `'"}]}'::text`],
    ['a backslash at the end', `'C:\\dir\\'::text`],
    ['what ends a string of JSON', `'x","y'::text`],
    ['what looks like a member', `'x","value":"evil'::text`],
    ['what looks like values', `'x"],"columnvalues":["evil"],"y":["'::text`],
    ['a type with a schema', `'a'::"S 1"."My Mood"`],
    ['a type of one quoted name', `'a'::"char"`],
    ['a collation', `('a'::text COLLATE "C")`],
    ['a concatenation', `('"'::text || "current_user"())`],
    ['a case', `CASE WHEN ("position"('a"b'::text, '"'::text) > 0) THEN '1"'::text ELSE NULL::text END`],
];

const insert = (value: string, written: string): string =>
    `{"kind":"insert","schema":"public","table":"t","columnnames":["id","v"],"columntypes":["integer","text"],"columndefaults":[null,"${written}"],"columnvalues":[1,${value}]}`;
const insert2 = (value: string, written: string): string =>
    `{"action":"I","schema":"public","table":"t","columns":[{"name":"id","type":"integer","value":1,"default":null},{"name":"v","type":"text","value":${value},"default":"${written}"}]}\n`;

describe('defaults of columns', () => {
    it.each(DEFAULTS)('%s is passed over', (_, sql) => {
        const escaped = JSON.stringify(sql).slice(1, -1);
        for (const written of [sql, escaped]) {
            for (const make of [insert, insert2]) {
                const changes = ['"a"', '"b \\" ]}]}"', 'null'].map((value) => make(value, written));
                const source = make === insert ? changes.map((one) => `{"change":[${one}]}\n`) : changes;
                const { decoded } = decodeAll(source.join(''));
                expect(reasonsOf(decoded)).toEqual([]);
                expect(rowsOf(decoded).map((row) => row.v)).toEqual(['a', 'b " ]}]}', null]);
            }
        }
    });

    it.each(DEFAULTS)('%s is passed over in a list of changes', (_, sql) => {
        const source = `[{"change":[${insert('"a"', sql)},${insert('"b"', sql)}]},{"change":[${insert('"c"', sql)}]}]`;
        for (const chunk of [1, 7, 1 << 20]) {
            const { decoded } = decodeAll(source, { chunk });
            expect(reasonsOf(decoded)).toEqual([]);
            expect(rowsOf(decoded).map((row) => row.v)).toEqual(['a', 'b', 'c']);
        }
    });

    it('a default of which it is not certain where it ends puts the change aside', () => {
        for (const make of [insert, insert2]) {
            const source = make('"a"', `'a' ' "`);
            const { decoded } = decodeAll(make === insert ? `{"change":[${source}]}\n` : source);
            expect(reasonsOf(decoded)).toEqual(['not-json']);
        }
    });

    it.each(DEFAULTS)('a record torn within %s takes no whole record with it', (_, sql) => {
        const record = (value: string): string => `{"change":[${insert(value, sql)}]}\n`;
        const torn = record('"torn"');
        const cut = torn.indexOf(sql) + Math.ceil(sql.length / 2);
        for (const feed of ['\n', '']) {
            const { decoded } = decodeAll(
                `${record('"a"')}${torn.slice(0, cut)}${feed}${record('"b"')}${record('"c"')}`,
            );
            expect(reasonsOf(decoded)).not.toEqual([]);
            expect(rowsOf(decoded).map((row) => row.v)).toEqual(['a', 'b', 'c']);
        }
    });

    it('a value and a name that look like defaults stay', () => {
        const text = String.raw`{"name":"default","value":"{\"default\":\"x\"}"}`;
        expect(withoutDefaults(text)).toBe(text);
    });

    it('with white space between', () => {
        expect(withoutDefaults(`{"default" : "'a"b'" , "x": 1}`)).toBe(`{"default" : null , "x": 1}`);
        expect(withoutDefaults(`{"columndefaults": [ "'a","b'", null ], "x": 1}`)).toBe(
            `{"columndefaults": [], "x": 1}`,
        );
    });
});
