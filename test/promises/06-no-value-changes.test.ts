import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { foldedName } from '../../src/land/staging/staging-names.ts';
import { readCatalogue } from '../../src/ledger/catalogue.ts';
import { verifyStaging } from '../../src/load/verify-staging.ts';
import { quoteName } from '../../src/sql/quote.ts';
import type { Database } from '../../src/sqlite/database.ts';
import { currentSql } from '../../src/transform/current/current-sql.ts';
import { close, load, migratedDatabase, runByHand } from '../support/bench-database.ts';
import { propertyRuns } from '../support/properties.ts';

/** Promise 6: no value changes on the way, whatever its type, its column's name, and what else its column has held. */

/** What SQLite must hold, with its storage class. */
type Stored = { readonly integer: string } | { readonly real: number } | string | null;

interface Sent {
    /** The value's JSON text in the stream. */
    readonly json: string;
    readonly stored: Stored;
    /** PostgreSQL's text of it, which a retyped column of a current table holds. */
    readonly text: string | null;
}

const ODD_TEXTS = [
    '',
    '007',
    '1e5',
    '1E5',
    ' 7 ',
    '-0',
    '+1',
    '0x10',
    'NaN',
    'infinity',
    'null',
    'true',
    '1.0',
    '.5',
    '9223372036854775808',
    "it's",
    '"q"',
    '\\',
    '😀',
    '\u2028',
    'a\nb',
    '\t',
    '{"a": [1, 2]}',
    "'; drop table t; --",
    '%,"',
    'İı',
];

const integers = fc.oneof(
    fc.constantFrom(0n, -1n, 2n ** 53n, 2n ** 53n + 1n, -(2n ** 53n) - 1n, 2n ** 63n - 1n, -(2n ** 63n)),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
);
const integer = integers.map(
    (value): Sent => ({ json: String(value), stored: { integer: String(value) }, text: String(value) }),
);
const numeric = fc
    .tuple(fc.bigInt({ min: -(10n ** 38n), max: 10n ** 38n }), fc.stringMatching(/^\d{0,20}$/))
    .map(([whole, part]) => (part === '' ? String(whole) : `${whole}.${part}`))
    .map((text): Sent => ({ json: text, stored: text, text }));
const real = fc
    .double({ noNaN: true, noDefaultInfinity: true })
    .filter((value) => !Object.is(value, -0))
    .map((value): Sent => ({ json: JSON.stringify(value), stored: { real: value }, text: null }));
const text = fc
    .oneof(fc.constantFrom(...ODD_TEXTS), fc.string({ unit: 'grapheme', maxLength: 12 }))
    .filter((value) => !value.includes('\0'))
    .map((value): Sent => ({ json: JSON.stringify(value), stored: value, text: value }));
const boolean = fc
    .boolean()
    .map((value): Sent => ({ json: String(value), stored: { integer: value ? '1' : '0' }, text: value ? '1' : '0' }));

const TYPES: Readonly<Record<string, fc.Arbitrary<Sent>>> = {
    bigint: integer,
    'numeric(38,20)': numeric,
    numeric,
    'double precision': real,
    text,
    'character varying(40)': text,
    uuid: text,
    interval: text,
    point: text,
    mood: text,
    jsonb: text,
    boolean,
};

/** Names that SQLite, a path into JSON, a list or our own columns could trip over. */
const NAMES = [
    'a',
    'A',
    'Ab',
    'aB',
    '_seq',
    'col_seq',
    '_op',
    'b"c',
    'ü',
    'Ü',
    'x.y',
    'a,b',
    "it's",
    ' ',
    'order',
    '😀',
    '%2C',
    'new',
    'rowid',
    'OID',
];

interface SentColumn {
    readonly name: string;
    readonly type: string;
    readonly value: Sent;
}

const column: fc.Arbitrary<SentColumn> = fc
    .record({ name: fc.constantFrom(...NAMES), type: fc.constantFrom(...Object.keys(TYPES)) })
    .chain(({ name, type }) =>
        fc
            .oneof(
                { weight: 6, arbitrary: TYPES[type] as fc.Arbitrary<Sent> },
                { weight: 1, arbitrary: fc.constant<Sent>({ json: 'null', stored: null, text: null }) },
            )
            .map((value) => ({ name, type, value })),
    );

/** A stream in which columns come, go and are retyped between any two rows. */
const rows = fc.array(fc.uniqueArray(column, { maxLength: 6, selector: ({ name }) => name }), {
    minLength: 1,
    maxLength: 12,
});

function line(table: string, id: number, columns: readonly SentColumn[]): string {
    const texts = columns.map(
        ({ name, type, value }) =>
            `{"name":${JSON.stringify(name)},"type":${JSON.stringify(type)},"value":${value.json}}`,
    );
    const all = [`{"name":"id","type":"integer","value":${id}}`, ...texts];
    return `{"action":"I","schema":"public","table":${JSON.stringify(table)},"columns":[${all.join(',')}]}`;
}

function stored(value: unknown): Stored {
    if (typeof value === 'bigint') {
        return { integer: String(value) };
    }
    return typeof value === 'number' ? { real: value } : (value as string | null);
}

/** Our name of each source column. */
function namesIn(database: Database, table: string): ReadonlyMap<string, string> {
    const relation = readCatalogue(database).find((one) => one.table === table);
    return new Map(relation?.columns.map((one) => [one.sourceName, one.columnName]));
}

function expectStaged(database: Database, sent: readonly (readonly SentColumn[])[]): void {
    const names = namesIn(database, 't');
    const found = database.prepare('select * from stg_t order by _seq').safeIntegers().all() as Record<
        string,
        unknown
    >[];
    expect(found).toHaveLength(sent.length);
    for (const [index, columns] of sent.entries()) {
        const values = new Map(columns.map(({ name, value }) => [name, value.stored]));
        for (const [source, name] of names) {
            const expected = source === 'id' ? { integer: String(index) } : (values.get(source) ?? null);
            expect([index, source, stored(found[index]?.[name])]).toEqual([index, source, expected]);
        }
    }
}

/** The fold that would be scaffolded now gives the same values; a retyped column holds their text. */
function expectFolded(database: Database, sent: readonly (readonly SentColumn[])[]): void {
    const relation = readCatalogue(database)[0];
    if (relation === undefined) {
        throw new Error('nothing has landed');
    }
    const columns = relation.columns.map(({ columnName: name, sqliteType: type }) => ({ name, type }));
    runByHand(database, currentSql({ tail: 't', schema: 'public', table: 't', key: ['id'], columns }));
    const found = database.prepare('select * from current_t order by id').safeIntegers().all() as Record<
        string,
        unknown
    >[];
    for (const [index, one] of sent.entries()) {
        for (const { name, value } of one) {
            const ours = relation.columns.find((candidate) => candidate.sourceName === name);
            const isText = ours?.sqliteType === 'ANY';
            const got = stored(found[index]?.[ours?.columnName ?? '']);
            if (isText && value.text === null && value.stored !== null) {
                expect(Number(got)).toBe((value.stored as { real: number }).real);
            } else {
                expect([name, got]).toEqual([name, isText ? value.text : value.stored]);
            }
        }
    }
}

test('any value of any type, in columns that come, go, are retyped and are called anything', async () => {
    await fc.assert(
        fc.asyncProperty(rows, async (sent) => {
            const database = await migratedDatabase('none');
            try {
                const result = await load(database, sent.map((columns, id) => line('t', id, columns)).join('\n'));
                expect([result.changes, result.rejected]).toEqual([sent.length, 0]);
                expectStaged(database, sent);
                expectFolded(database, sent);
                expect(verifyStaging(database)).toEqual([]);
            } finally {
                close(database);
            }
        }),
        propertyRuns(120),
    );
});

describe('names that would be one in SQLite', () => {
    test('tables: each relation has its own, and nothing is lost', async () => {
        const database = await migratedDatabase('none');
        const relations = [
            ['public', 'Foo'],
            ['public', 'foo'],
            ['public', 'FOO'],
            ['a', 'b'],
            ['public', 'a__b'],
            ['public', '_seq'],
            ['public', 'sqlite_x'],
        ];
        const lines = relations.map(([schema, table], id) =>
            line(table as string, id, []).replace('"public"', JSON.stringify(schema)),
        );
        expect((await load(database, [...lines, ...lines].join('\n'))).rejected).toBe(0);
        const catalogue = readCatalogue(database);
        const tables = catalogue.map((relation) => foldedName(relation.stagingTable));
        expect(new Set(tables).size).toBe(relations.length);
        for (const [id, [schema, table]] of relations.entries()) {
            const own = catalogue.find((relation) => relation.schema === schema && relation.table === table);
            const ids = database
                .prepare(`select id from ${quoteName(own?.stagingTable ?? '')}`)
                .pluck()
                .all();
            expect([schema, table, ids]).toEqual([schema, table, [id, id]]);
        }
        close(database);
    });

    test('columns: none is ours, none is another', async () => {
        const database = await migratedDatabase('none');
        const columns = NAMES.map(
            (name): SentColumn => ({
                name,
                type: 'text',
                value: { json: `"${name.length}"`, stored: `${name.length}`, text: '' },
            }),
        );
        await load(database, line('t', 0, columns));
        const ours = [...namesIn(database, 't').values()];
        expect(new Set(ours.map(foldedName)).size).toBe(NAMES.length + 1);
        expect(ours.filter((name) => name.startsWith('_'))).toEqual([]);
        expectStaged(database, [columns]);
        close(database);
    });
});
