import { describe, expect, test } from 'vitest';
import { readCatalogue } from '../../src/ledger/catalogue.ts';
import { type LoadResult, loadSource } from '../../src/load/load-source.ts';
import { verifyStaging } from '../../src/load/verify-staging.ts';
import { undeclaredSource } from '../../src/project/declared-source.ts';
import { closeDatabase } from '../../src/sqlite/database.ts';
import { memorySource, migratedDatabase, QUIET } from '../support/bench-database.ts';
import { change, type Kind, look } from './look-at.ts';

/** Where a file ends: within a line, within a transaction, or whole. */

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
            name: 'continues after its object',
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
