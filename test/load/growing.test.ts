import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import Sqlite from 'better-sqlite3';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readCatalogue } from '../../src/ledger/catalogue.ts';
import { type LoadResult, loadSource } from '../../src/load/load-source.ts';
import { verifyStaging } from '../../src/load/verify-staging.ts';
import { undeclaredSource } from '../../src/project/declared-source.ts';
import { quoteName } from '../../src/sql/quote.ts';
import { closeDatabase, type Database } from '../../src/sqlite/database.ts';
import { memorySource, migratedDatabase, QUIET } from '../support/bench-database.ts';
import { elt, eltJson, workFolder } from '../support/elt.ts';
import { propertyRuns } from '../support/properties.ts';

/**
 * A file that is read while it is written: what is whole lands, a torn last line is a normal state, and however often it
 * is looked at, what has landed in the end is what one look at the whole file lands.
 */

type Kind = 'csv' | 'jsonl' | 'stream';

async function look(
    database: Database,
    kind: Kind,
    bytes: Buffer,
    strict = false,
    canGrow = true,
): Promise<LoadResult> {
    const rows = { ...undeclaredSource('t'), format: kind === 'csv' ? 'csv' : 'jsonl' } as const;
    return await loadSource(database, memorySource(bytes, { path: '/in', chunkBytes: 7, canGrow }), {
        asNew: false,
        strict,
        settings: { drift: 'evolve', text: new Map() },
        interrupt: QUIET,
        ...(kind === 'stream' ? {} : { rows: { rows, expected: [] } }),
    });
}

/**
 * Everything that has landed, without what differs between one load and several, and without the tables and columns of
 * a row that was taken back.
 */
function landed(database: Database): unknown {
    const tables = readCatalogue(database).flatMap(({ stagingTable, columns }) => {
        const names = columns.map(({ columnName }) => quoteName(columnName)).sort();
        const rows = database
            .prepare(`select _op, ${names.join(', ')} from ${quoteName(stagingTable)} order by _seq`)
            .all() as Record<string, unknown>[];
        const values = rows.map((row) => Object.entries(row).filter(([, value]) => value !== null));
        return rows.length === 0 ? [] : [[stagingTable, values]];
    });
    return {
        tables,
        rejects: database.prepare('select first_byte, bytes, reason from elt_rejects order by first_byte').raw().all(),
        messages: database.prepare('select prefix, content from elt_messages order by _seq').raw().all(),
        open: database.prepare('select open_xid, open_changes, whole_seq = last_seq from elt_stream').raw().get(),
        faults: verifyStaging(database),
    };
}

function counted(database: Database): unknown {
    return database
        .prepare('select total(records), total(changes), total(rejected), total(messages) from elt_loads')
        .raw()
        .get();
}

/** Looks at each prefix that ends at a cut, then at the whole. */
async function lookAtEach(
    kind: Kind,
    text: Buffer,
    cuts: readonly number[],
): Promise<readonly [unknown, unknown, LoadResult]> {
    const database = await migratedDatabase('payments');
    try {
        for (const cut of [...cuts].sort((left, right) => left - right)) {
            await look(database, kind, text.subarray(0, cut));
        }
        const last = await look(database, kind, text);
        return [landed(database), counted(database), last];
    } finally {
        closeDatabase(database);
    }
}

const field = fc.constantFrom(
    '',
    '1',
    '12',
    '1234',
    'é',
    '😀x',
    '"a"',
    '"a\nb"',
    '"a ""b"", c"',
    '"\r\n"',
    '" x',
    'a"b',
);
const lineBreak = fc.constantFrom('\n', '\n', '\n', '\r\n', '\n\n');
const csv = fc
    .record({
        rows: fc.array(fc.tuple(fc.array(field, { minLength: 1, maxLength: 3 }), lineBreak), { maxLength: 6 }),
        columns: fc.integer({ min: 1, max: 2 }),
        isEnded: fc.boolean(),
    })
    .map(({ rows, columns, isEnded }) => {
        const header = ['n', 'm'].slice(0, columns).join(',');
        const text = rows.map(([fields, ending]) => fields.join(',') + ending).join('');
        return `${header}\n${isEnded ? text : text.replace(/[\r\n]+$/, '')}`;
    });
const json = fc.constantFrom(
    '{"a":1}',
    '{"a":12,"b":"é"}',
    '{"a":{"b":[1]}}',
    '{"a":1}{"a":2}',
    'x',
    '[1]',
    '{"b":"x\\ny"}',
);
const jsonl = fc.tuple(fc.array(fc.tuple(json, lineBreak), { maxLength: 6 }), fc.boolean()).map(([lines, isEnded]) => {
    const text = lines.map((line) => line.join('')).join('');
    return isEnded ? text : text.replace(/[\r\n]+$/, '');
});
const change = (id: number): string =>
    `{"action":"I","schema":"public","table":"t","columns":[{"name":"id","type":"integer","value":${id}},{"name":"x","type":"text","value":"é{"}]}`;
const transaction = fc.array(fc.nat(99), { maxLength: 4 }).map((ids) => ids.map(change));
const stream = fc.tuple(fc.array(transaction, { maxLength: 4 }), fc.boolean()).map(([transactions, isEnded]) => {
    const lines = transactions.flatMap((changes, at) => [
        `{"action":"B","xid":${at + 1},"nextlsn":"0/${at + 1}"}`,
        ...changes,
        `{"action":"C","xid":${at + 1},"nextlsn":"0/${at + 1}"}`,
    ]);
    return lines.join('\n') + (isEnded && lines.length > 0 ? '\n' : '');
});

describe('looked at any number of times while it grows', () => {
    test.each<[Kind, fc.Arbitrary<string>]>([
        ['csv', csv],
        ['jsonl', jsonl],
        ['stream', stream],
    ])('%s: what lands is what one look at the whole lands', async (kind, arbitrary) => {
        await fc.assert(
            fc.asyncProperty(arbitrary, fc.array(fc.nat(), { maxLength: 6 }), async (text, places) => {
                const bytes = Buffer.from(text);
                const [whole, wholeCounts, once] = await lookAtEach(kind, bytes, []);
                const cuts = places.map((place) => place % (bytes.length + 1));
                const [grown, grownCounts, last] = await lookAtEach(kind, bytes, cuts);
                expect(grown).toEqual(whole);
                expect(grownCounts).toEqual(wholeCounts);
                expect(last.tornAt === null).toBe(once.tornAt === null);
            }),
            propertyRuns(120),
        );
    });
});

const ONE = change(1);
const B = '{"action":"B","xid":7}';
const C = '{"action":"C","xid":7}';

describe('the last line', () => {
    interface Case {
        readonly name: string;
        readonly kind: Kind;
        readonly looks: readonly string[];
        /** Of the last look: what is staged, and how it ended. */
        readonly rows: readonly unknown[];
        readonly ends: 'whole' | 'torn' | 'took back';
        readonly rejected?: number;
    }
    const cases: readonly Case[] = [
        { name: 'has no line break, and is whole', kind: 'csv', looks: ['n\n7\n12'], rows: ['7', '12'], ends: 'whole' },
        {
            name: 'is ended afterwards',
            kind: 'csv',
            looks: ['n\n12', 'n\n12\n34\n'],
            rows: ['12', '34'],
            ends: 'whole',
        },
        {
            name: 'is ended by two bytes',
            kind: 'csv',
            looks: ['n\n12', 'n\n12\r\n34'],
            rows: ['12', '34'],
            ends: 'whole',
        },
        {
            name: 'was cut between those',
            kind: 'csv',
            looks: ['n\n12\r', 'n\n12\r\n34'],
            rows: ['12', '34'],
            ends: 'whole',
        },
        {
            name: 'went on',
            kind: 'csv',
            looks: ['n\n7\n12', 'n\n7\n1234\n5\n'],
            rows: ['7', '1234', '5'],
            ends: 'took back',
        },
        { name: 'went on twice', kind: 'csv', looks: ['n\n1', 'n\n12', 'n\n123'], rows: ['123'], ends: 'took back' },
        { name: 'fits no more', kind: 'csv', looks: ['n\n12', 'n\n12,3\n'], rows: [], ends: 'took back', rejected: 1 },
        { name: 'has too few fields', kind: 'csv', looks: ['n,m\n1,2\n3'], rows: ['1'], ends: 'torn' },
        {
            name: 'has them at last',
            kind: 'csv',
            looks: ['n,m\n1,2\n3', 'n,m\n1,2\n3,4'],
            rows: ['1', '3'],
            ends: 'whole',
        },
        { name: 'is a part of the header', kind: 'csv', looks: ['n,', 'n,m\n1,2\n'], rows: ['1'], ends: 'whole' },
        { name: 'is cut within a character', kind: 'csv', looks: ['n\n\u{1f600}'], rows: ['\u{1f600}'], ends: 'whole' },
        { name: 'ends in quotes', kind: 'csv', looks: ['n,m\n1,"x'], rows: [], ends: 'torn' },
        {
            name: 'ended in a field of several lines',
            kind: 'csv',
            looks: ['n,m\n1,"x\ny'],
            rows: [],
            ends: 'torn',
        },
        {
            name: 'ended there, and is whole at last',
            kind: 'csv',
            looks: ['n,m\n1,"x\ny', 'n,m\n1,"x\ny"\n3,4\n'],
            rows: ['1', '3'],
            ends: 'whole',
        },
        {
            name: 'ended there, where it looked like a row',
            kind: 'csv',
            looks: ['n,m\n1,"x\ny,z', 'n,m\n1,"x\ny,z"\n3,4\n'],
            rows: ['1', '3'],
            ends: 'took back',
        },
        {
            name: 'opens a quote that never ends',
            kind: 'csv',
            looks: ['n,m\n1,"x\n2,y\n3,z'],
            rows: ['2', '3'],
            ends: 'whole',
            rejected: 1,
        },
        {
            name: 'goes on behind its object',
            kind: 'jsonl',
            looks: ['{"n":1}', '{"n":1}{"n":2}\n'],
            rows: [],
            ends: 'took back',
            rejected: 1,
        },
        { name: 'is half an object', kind: 'jsonl', looks: ['{"n":1}\n{"n":'], rows: ['1'], ends: 'torn' },
        {
            name: 'is whole at last',
            kind: 'jsonl',
            looks: ['{"n":1}\n{"n":', '{"n":1}\n{"n":2}'],
            rows: ['1', '2'],
            ends: 'whole',
        },
        {
            name: 'of a stream is torn',
            kind: 'stream',
            looks: [`${ONE}\n${ONE.slice(0, 40)}`],
            rows: [1],
            ends: 'torn',
        },
        { name: 'is the first', kind: 'stream', looks: [ONE.slice(0, 40)], rows: [], ends: 'torn' },
        { name: 'is whole later', kind: 'stream', looks: [ONE.slice(0, 40), `${ONE}\n`], rows: [1], ends: 'whole' },
        {
            name: 'is torn in a transaction',
            kind: 'stream',
            looks: [`${B}\n${ONE}\n${ONE.slice(0, 9)}`],
            rows: [],
            ends: 'torn',
        },
        {
            name: 'is torn in one that was begun before',
            kind: 'stream',
            looks: [`${B}\n${ONE}\n`, `${B}\n${ONE}\n${ONE}\n${C.slice(0, 5)}`],
            rows: [1],
            ends: 'torn',
        },
        {
            name: 'ends the transaction at last',
            kind: 'stream',
            looks: [`${B}\n${ONE}\n`, `${B}\n${ONE}\n${ONE}\n${C.slice(0, 5)}`, `${B}\n${ONE}\n${ONE}\n${C}\n`],
            rows: [1, 1],
            ends: 'whole',
        },
        {
            name: 'holds a large record of the other format',
            kind: 'stream',
            looks: [
                `{"change":[]}\n{"change":[{"kind":"insert","schema":"public","table":"t","columnnames":["n"],"columntypes":["text"],"columnvalues":["${'x'.repeat(2 << 20)}"]},{`,
            ],
            rows: [],
            ends: 'torn',
        },
    ];
    test.each(cases)('$kind: $name', async ({ kind, looks, rows, ends, rejected = 0 }) => {
        const database = await migratedDatabase('payments');
        try {
            const results: LoadResult[] = [];
            for (const text of looks) {
                results.push(await look(database, kind, Buffer.from(text)));
            }
            const last = results.at(-1) as LoadResult;
            const name = kind === 'stream' ? 'id' : 'n';
            const isThere = readCatalogue(database).length > 0;
            expect(isThere ? database.prepare(`select ${name} from stg_t order by _seq`).pluck().all() : []).toEqual(
                rows,
            );
            expect([last.tornAt !== null, last.tookBack !== null]).toEqual([ends === 'torn', ends === 'took back']);
            expect(database.prepare('select count(*) from elt_rejects').pluck().get()).toBe(rejected);
            expect(verifyStaging(database)).toEqual([]);
        } finally {
            closeDatabase(database);
        }
    });

    test.each<[string, Kind, string, string]>([
        ['a line of a stream', 'stream', `${ONE}\n${ONE.slice(0, 40)}`, 'SOURCE_TRUNCATED'],
        ['an object', 'jsonl', '{"n":1}\n{"n":', 'RECORD_REJECTED'],
        ['a row', 'csv', 'n,m\n1,2\n3', 'RECORD_REJECTED'],
    ])('with --strict, or of what cannot grow, is an error as before: %s', async (_, kind, text, code) => {
        const database = await migratedDatabase('payments');
        try {
            await expect(look(database, kind, Buffer.from(text), true)).rejects.toMatchObject({ code });
            const loose = look(database, kind, Buffer.from(text), false, false);
            await (kind === 'stream'
                ? expect(loose).rejects.toMatchObject({ code })
                : expect(loose).resolves.toMatchObject({ rejected: 1, tornAt: null }));
        } finally {
            closeDatabase(database);
        }
    });

    test('outside of lines is an error: an array, a record over several lines', async () => {
        for (const text of [`[${ONE},`, `[${ONE},${ONE.slice(0, 9)}`, '{\n  "action": "B"', `${ONE}\n[${ONE},`]) {
            const database = await migratedDatabase('payments');
            await expect(look(database, 'stream', Buffer.from(text))).rejects.toMatchObject({
                code: 'SOURCE_TRUNCATED',
            });
            closeDatabase(database);
        }
    });
});

test('rows that are loaded while a transaction is open are none of it: it is sent again, and nothing is left out', async () => {
    const database = await migratedDatabase('payments');
    const begun = '{"action":"B","xid":7,"nextlsn":"0/7"}';
    const committed = '{"action":"C","xid":7,"nextlsn":"0/7"}';
    const send = async (lines: readonly string[], path: string): Promise<void> => {
        await loadSource(database, memorySource(`${lines.join('\n')}\n`, { path }), {
            asNew: false,
            strict: false,
            settings: { drift: 'evolve', text: new Map() },
            interrupt: QUIET,
        });
    };
    try {
        await send([begun, change(1)], '/first');
        await loadSource(database, memorySource('id\n1\n2\n3\n', { path: '/rows.csv' }), {
            asNew: false,
            strict: false,
            settings: { drift: 'evolve', text: new Map() },
            interrupt: QUIET,
            rows: { rows: { ...undeclaredSource('other'), format: 'csv' }, expected: [] },
        });
        expect(database.prepare('select open_changes, last_seq, whole_seq from elt_stream').raw().get()).toEqual([
            1, 4, 0,
        ]);
        await send([begun, change(1), change(2), change(3), change(4), committed], '/second');
        expect(database.prepare('select id from stg_t order by _seq').pluck().all()).toEqual([1, 2, 3, 4]);
        expect(database.prepare('select open_changes, last_seq = whole_seq from elt_stream').raw().get()).toEqual([
            null,
            1,
        ]);
    } finally {
        closeDatabase(database);
    }
});

describe('elt run', () => {
    const HEADER = 'user_id,transaction_type,merchant_type_code,amount_cents,datetime\n';
    const row = (user: number, second: string): string =>
        `${user},PurchaseActivity,0742,1250,2024-05-01 09:12:${second}`;

    test('a torn last row: what is whole is transformed, status 0 and a note; once it is whole it is too', async () => {
        const cwd = workFolder();
        const file = join(cwd, 'combined_transactions.csv');
        const run = () => elt(['--pipeline', 'card_spend', 'run', 'combined_transactions.csv'], { cwd });
        writeFileSync(file, `${HEADER}${row(1, '44')}\n2,Purchase`);
        const torn = await run();
        expect([torn.status, torn.stderr]).toEqual([
            0,
            'note: combined_transactions.csv ends inside a line: what follows byte 114 lands once that line is whole\n',
        ]);
        expect(users(cwd)).toEqual([1]);
        expect((await run()).status).toBe(0);
        const loads = () => query(cwd, 'select count(*) from elt_loads');
        expect(loads()).toEqual([1]);
        writeFileSync(file, `${HEADER}${row(1, '44')}\n${row(2, '45')}\n${row(3, '46')}`);
        expect(await run()).toMatchObject({ status: 0, stderr: '' });
        expect(users(cwd)).toEqual([1, 2, 3]);
    });

    test('a mart that took the row in equals its definition again', async () => {
        const cwd = workFolder();
        const file = join(cwd, 'combined_transactions.csv');
        const run = () => elt(['--pipeline', 'card_spend', 'run', 'combined_transactions.csv'], { cwd });
        writeFileSync(file, `${HEADER}${row(1, '44')}\n${row(2, '45')}`);
        expect((await run()).status).toBe(0);
        expect(query(cwd, 'select datetime from transactions order by _seq')).toEqual([
            '2024-05-01 09:12:44',
            '2024-05-01 09:12:45',
        ]);
        appendFileSync(file, `.25\n${row(3, '46')}\n`);
        const ran = await run();
        expect([ran.status, ran.stderr]).toEqual([
            0,
            'note: combined_transactions.csv continues within its last row: what load 1 landed of that row was taken back\n',
        ]);
        expect(query(cwd, 'select datetime from transactions order by _seq')).toEqual([
            '2024-05-01 09:12:44',
            '2024-05-01 09:12:45.25',
            '2024-05-01 09:12:46',
        ]);
        expect((await elt(['--pipeline', 'card_spend', 'verify'], { cwd })).status).toBe(0);
        const same = await run();
        expect(same.stdout).toContain('nothing new');
    });

    test('a stream: status 0, a note, and the place in --json', async () => {
        const cwd = workFolder();
        writeFileSync(join(cwd, 'log.jsonl'), `${ONE}\n${ONE.slice(0, 20)}`);
        const { loads } = await eltJson<{ loads: LoadResult[] }>(['run', 'log.jsonl'], { cwd });
        expect(loads).toMatchObject([{ changes: 1, tornAt: Buffer.byteLength(ONE) }]);
        expect((await elt(['run', '--strict', 'log.jsonl'], { cwd })).stderr).toContain('error SOURCE_TRUNCATED');
        writeFileSync(join(cwd, 'log.jsonl.gz'), gzipSync(`${ONE}\n${ONE.slice(0, 20)}`));
        expect((await elt(['--db', 'gz.db', 'run', 'log.jsonl.gz'], { cwd })).stderr).toContain(
            'error SOURCE_TRUNCATED',
        );
        const piped = await elt(['--db', 'pipe.db', 'run', '-'], { cwd, input: `${ONE}\n${ONE.slice(0, 20)}` });
        expect(piped.stderr).toContain('error SOURCE_TRUNCATED');
    });
});

function query(cwd: string, sql: string): unknown[] {
    const database = new Sqlite(join(cwd, 'card_spend.db'), { readonly: true });
    try {
        return database.prepare(sql).pluck().all();
    } finally {
        database.close();
    }
}

function users(cwd: string): unknown[] {
    return query(cwd, 'select user_id from transactions order by _seq');
}
