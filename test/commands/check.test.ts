import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Finding } from '../../src/ledger/finding.ts';
import { elt, eltJson, workFolder } from '../support/elt.ts';

/** What `elt check` reports for a stream, case by case; `elt status` shows the part of it that is certain. */

const id = { name: 'id', type: 'integer', value: 1 };
const note = { name: 'note', type: 'text', value: 'a' };
const pk = [{ name: 'id', type: 'integer' }];
const change = (action: string, more: object): object => ({ action, schema: 'public', table: 't', ...more });
const insert = (more: object): object => change('I', { columns: [id, note], ...more });

interface Case {
    readonly name: string;
    readonly records: readonly object[];
    /** Beginnings of what is found, in order; without the stream's own `carries no positions`. */
    readonly findings: readonly string[];
    readonly withoutIdentity?: readonly string[];
}

interface Found {
    readonly findings: readonly Finding[];
}

const CASES: readonly Case[] = [
    {
        name: 'inserts of a table whose key the stream does not name',
        records: [insert({})],
        findings: ['public.t: only inserts came'],
    },
    {
        name: 'inserts of a table that has no key',
        records: [insert({ pk: [] })],
        findings: ['public.t: has no primary key'],
        withoutIdentity: ['stg_t'],
    },
    {
        name: 'inserts of a table that has one, such as a reference table or a new partition',
        records: [insert({ pk })],
        findings: [],
    },
    {
        name: 'a table without a key, whose old rows come whole',
        records: [insert({ pk: [] }), change('D', { identity: [id, note], pk: [] })],
        findings: [],
    },
    {
        name: 'a table with updates',
        records: [insert({ pk }), change('U', { columns: [id, { ...note, value: 'b' }], identity: [id], pk })],
        findings: [],
    },
    {
        name: 'columns without types',
        records: [
            change('I', { columns: [{ name: 'id', value: 1 }] }),
            change('D', { identity: [{ name: 'id', value: 1 }] }),
        ],
        findings: ['public.t: its columns have no types'],
    },
    {
        name: 'a column that was added',
        records: [
            insert({ pk }),
            change('U', { columns: [id, note, { name: 'more', type: 'text', value: 'x' }], identity: [id], pk }),
        ],
        findings: ['public.t.more: was added at _seq 2'],
    },
    {
        name: 'a column that was renamed, as far as anybody can tell',
        records: [
            insert({ pk }),
            change('U', { columns: [id, { ...note, name: 'remark' }], identity: [id], pk }),
            insert({
                columns: [
                    { ...id, value: 2 },
                    { ...note, name: 'remark' },
                ],
                pk,
            }),
        ],
        findings: ['public.t.remark: '],
    },
    {
        name: 'a column that was retyped',
        records: [
            insert({ pk }),
            change('U', { columns: [id, { name: 'note', type: 'bigint', value: 7 }], identity: [id], pk }),
        ],
        findings: ['public.t.note: was retyped at _seq 2, from text to bigint'],
    },
];

describe('elt check and elt status', () => {
    test.each(CASES)('$name', async ({ records, findings, withoutIdentity = [] }) => {
        const folder = workFolder();
        const source = join(folder, 'stream.jsonl');
        writeFileSync(source, records.map((record) => `${JSON.stringify(record)}\n`).join(''));
        const settings = ['--db', join(folder, 'check.db')];

        const fromSource = await eltJson<Found>([...settings, 'check', source]);
        const loaded = await elt([...settings, 'run', source]);
        expect(loaded.status).toBe(0);
        const fromDatabase = await eltJson<Found>([...settings, 'check']);

        for (const answer of [fromSource, fromDatabase]) {
            const found = answer.findings;
            const texts = found.map((one) => `${one.subject}: ${one.finding}`);
            expect(texts.filter((text) => !text.endsWith('carries no positions'))).toEqual(
                findings.map((beginning) => expect.stringMatching(new RegExp(`^${beginning.replace('.', '\\.')}`))),
            );
        }
        expect(await eltJson([...settings, 'status'])).toMatchObject({ withoutIdentity });
    });
});

test('a column that a later file of rows has more has lost nothing', async () => {
    const folder = workFolder();
    const words = ['--pipeline', 'card_spend', '--db', join(folder, 'rows.db')];
    const head = 'user_id,transaction_type,merchant_type_code,amount_cents,datetime';
    const files = [`${head}\n1,a,b,2,2024-05-01 09:12:44\n`, `${head},more\n2,a,b,2,2024-05-01 09:12:44,x\n`];
    const sources = files.map((text, at) => {
        const file = join(folder, `combined_transactions${at}.csv`);
        writeFileSync(file, text);
        return file;
    });
    expect((await elt([...words, 'run', ...sources])).stdout).toContain('"more" added at _seq 2');
    expect(await eltJson([...words, 'check'])).toMatchObject({ findings: [] });
});

test.each([
    [
        'card_spend',
        'combined_transactions.csv',
        'user_id,transaction_type,merchant_type_code,amount_cents,datetime\n1,a,b,2,2024-05-01 09:12:44\n',
    ],
    ['game', 'events.jsonl', '{"event_id": 1}\n'],
    [
        'cash_flow',
        'cash_outs_processed.json',
        '[{"transaction_id":"8506c45a-4000-47c3-a18a-e6780c617af2","inserted_at":1}]',
    ],
])('rows are no stream: nothing is asked of PostgreSQL about %s', async (pipeline, name, text) => {
    const folder = workFolder();
    const source = join(folder, name);
    writeFileSync(source, text);
    const settings = ['--pipeline', pipeline, '--db', join(folder, 'rows.db')];
    expect(await eltJson([...settings, 'check', source])).toMatchObject({ findings: [] });
    expect((await elt([...settings, 'migrate'])).status).toBe(0);
    expect((await elt([...settings, 'load', source])).status).toBe(0);
    expect(await eltJson([...settings, 'check'])).toMatchObject({ findings: [] });
    expect(await eltJson([...settings, 'status'])).toMatchObject({ withoutIdentity: [] });
});

test('a source that ends early: the temporary database is not mentioned', async () => {
    const folder = workFolder();
    writeFileSync(join(folder, 'torn.json'), '[{"change":[]},{"chan');
    const ran = await elt(['check', 'torn.json'], { cwd: folder });
    expect([ran.status, ran.stderr]).toEqual([3, expect.stringContaining('state:  nothing was changed')]);
});

describe('elt check --strict', () => {
    const placed = { xid: 7, lsn: '0/10' };
    const begin = { action: 'B', ...placed, nextlsn: '0/20' };
    const commit = { action: 'C', ...placed, nextlsn: '0/20' };
    const CAPTURES: readonly (readonly [name: string, pk: readonly object[], status: number, error: RegExp])[] = [
        ['is 0 where nothing is found', pk, 0, /^$/],
        ['is 4 where something is', [], 4, /^CHECK_FOUND: 1 finding;/],
    ];

    test.each(CAPTURES)('%s', async (_, key, status, error) => {
        const folder = workFolder();
        const source = join(folder, 'stream.jsonl');
        const records = [begin, { ...(insert({ pk: key }) as object), ...placed }, commit];
        writeFileSync(source, records.map((record) => `${JSON.stringify(record)}\n`).join(''));
        const settings = ['--db', join(folder, 'check.db')];

        const fromSource = await elt([...settings, 'check', '--strict', source]);
        expect([fromSource.status, fromSource.stderr]).toEqual([status, expect.stringMatching(error)]);
        expect((await elt([...settings, 'check', source])).status).toBe(0);
        expect((await elt([...settings, 'run', source])).status).toBe(0);
        expect((await elt([...settings, 'check', '--strict'])).status).toBe(status);
    });
});
