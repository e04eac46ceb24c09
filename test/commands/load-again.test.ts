import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { closeDatabase, openDatabase } from '../../src/sqlite/database.ts';
import { tablesText } from '../support/bench-database.ts';
import { elt, workFolder } from '../support/elt.ts';
import { expectError } from '../support/error-lines.ts';

/** `elt verify` finds rows that were edited, removed or added by hand; `elt load --again` puts them back. */

const cwd = workFolder();

function record(id: number, columns: Readonly<Record<string, readonly [string, string]>>): string {
    const names = Object.keys(columns);
    return JSON.stringify({
        xid: id,
        change: [
            {
                kind: 'insert',
                schema: 'public',
                table: 't',
                columnnames: ['id', ...names],
                columntypes: ['integer', ...names.map((name) => columns[name]?.[0])],
                columnvalues: [id, ...names.map((name) => columns[name]?.[1])],
            },
        ],
    }).concat('\n');
}

/** Rows of a table whose columns come, go, and change their types. */
const DRIFTING = [
    Array.from({ length: 20 }, (_, id) => record(id, { a: ['text', `a${id}`], n: ['integer', String(id)] })),
    Array.from({ length: 20 }, (_, id) =>
        record(id + 20, { a: ['text', 'x'], n: ['text', `0${id}`], b: ['jsonb', '{}'] }),
    ),
    Array.from({ length: 20 }, (_, id) => record(id + 40, { n: ['bigint', '7'], b: ['text', `b${id}`] })),
].map((part) => part.join('').replace(/"columnvalues":\[(\d+),"a(\d+)","(\d+)"\]/g, '"columnvalues":[$1,"a$2",$3]'));

interface Situation {
    readonly what: string;
    readonly pipeline?: string;
    /** Loads what there is to load, and returns the source that the damaged load was made from, by load. */
    readonly prepare: (folder: string, run: (...words: string[]) => Promise<void>) => Promise<Record<number, string>>;
}

const sample = async (folder: string, name: string, ...words: string[]): Promise<string> => {
    const made = await elt(['sample', 'payments', ...words]);
    expect(made.status).toBe(0);
    writeFileSync(join(folder, name), made.stdout);
    return made.stdout;
};

const SITUATIONS: readonly Situation[] = [
    {
        what: 'an array of records',
        prepare: async (folder, run) => {
            await sample(folder, 'wal.json', '--records', '300');
            await run('run', 'wal.json');
            return { 1: 'wal.json' };
        },
    },
    {
        what: 'a file that grew, and another one',
        prepare: async (folder, run) => {
            const lines = (await sample(folder, 'all', '--records', '300', '--shape', 'lines')).split('\n');
            writeFileSync(join(folder, 'log'), `${lines.slice(0, 100).join('\n')}\n`);
            await run('run', 'log');
            appendFileSync(join(folder, 'log'), `${lines.slice(100, 250).join('\n')}\n`);
            await run('run', 'log');
            await sample(folder, 'other', '--records', '50', '--seed', '2');
            await run('run', 'other');
            return { 1: 'log', 2: 'log', 3: 'other' };
        },
    },
    {
        what: 'pieces of a stream with positions that overlap, cut inside a transaction',
        prepare: async (folder, run) => {
            const all = await sample(folder, 'all', '--records', '300', '--mix', 'changes', '--shape', 'lines');
            const lines = all.split('\n');
            writeFileSync(join(folder, 'first'), `${lines.slice(0, 203).join('\n')}\n`);
            await run('run', 'first');
            await run('run', 'all');
            return { 1: 'first', 2: 'all' };
        },
    },
    {
        what: 'a torn stream that was sent again',
        prepare: async (folder, run) => {
            const all = await sample(folder, 'all', '--records', '120', '--mix', 'changes', '--shape', 'lines');
            const begin = all.lastIndexOf('{"action":"B"');
            const torn = all.slice(0, begin + Math.floor((all.length - begin) / 2));
            writeFileSync(join(folder, 'torn'), `${torn}${all.slice(begin)}`);
            await run('migrate');
            await run('load', 'torn');
            return { 1: 'torn' };
        },
    },
    {
        what: 'a table that drifts in every load',
        prepare: async (folder, run) => {
            await run('migrate');
            for (const [index, part] of DRIFTING.entries()) {
                writeFileSync(join(folder, `part${index + 1}`), part);
                await run('load', `part${index + 1}`);
            }
            return { 1: 'part1', 2: 'part2', 3: 'part3' };
        },
    },
    {
        what: 'a table that drifts within a load',
        prepare: async (folder, run) => {
            await run('migrate');
            writeFileSync(join(folder, 'whole'), DRIFTING.join(''));
            await run('load', 'whole');
            return { 1: 'whole' };
        },
    },
    {
        what: 'the same bytes twice, with --as-new',
        prepare: async (folder, run) => {
            await sample(folder, 'stream', '--records', '60', '--mix', 'changes');
            await run('run', 'stream');
            await run('run', 'stream', '--as-new');
            return { 1: 'stream', 2: 'stream' };
        },
    },
    {
        what: 'rows of a CSV file',
        pipeline: 'card_spend',
        prepare: async (folder, run) => {
            const lines = Array.from(
                { length: 40 },
                (_, user) => `${user},PurchaseActivity,5310,${user}01,2024-01-02T03:04:05\n`,
            );
            writeFileSync(
                join(folder, 'combined_transactions.csv'),
                ['user_id,transaction_type,merchant_type_code,amount_cents,datetime\n', ...lines].join(''),
            );
            await run('run', 'combined_transactions.csv');
            return { 1: 'combined_transactions.csv' };
        },
    },
];

/** Damages rows of a load, in every staging table that has some of it; how many were damaged. */
function damage(file: string, load: number, kind: (typeof KINDS)[number]): number {
    const database = new Sqlite(file);
    const tables = database
        .prepare('select staging_table from elt_load_tables where load_id = ?')
        .pluck()
        .all(load) as string[];
    let damaged = 0;
    for (const table of tables) {
        const ofLoad = `_seq in (select _seq from "${table}" where _load = ${load} order by _seq limit 3 offset ${kind === 'edited' ? 3 : 0})`;
        const columns = database
            .prepare("select name from pragma_table_info(?) where name not like '\\_%' escape '\\' and type = 'TEXT'")
            .pluck()
            .all(table) as string[];
        const [column] = columns;
        damaged += database
            .prepare(
                kind === 'removed'
                    ? `delete from "${table}" where ${ofLoad}`
                    : kind === 'added'
                      ? `insert into "${table}" (_seq, _op, _load) values (9000000 + abs(random() % 1000000), 'insert', ${load})`
                      : `update "${table}" set ${column === undefined ? "_op = 'delete'" : `"${column}" = coalesce("${column}", '') || '!'`} where ${ofLoad}`,
            )
            .run().changes;
    }
    database.close();
    return damaged;
}

const KINDS = ['added', 'removed', 'edited'] as const;

/** Staging, ledger and models; what a run touched last is not part of it. */
function contents(file: string): string {
    const database = openDatabase(file, { readonly: true });
    try {
        const prefixes = ['stg_', 'current_', 'metrics', 'transactions', 'elt_loads', 'elt_load_tables', 'elt_stream'];
        const { metrics_dirty: _, ...tables } = tablesText(database, prefixes);
        return JSON.stringify(tables);
    } finally {
        closeDatabase(database);
    }
}

describe.each(SITUATIONS)('of $what', ({ what, pipeline = 'payments', prepare }) => {
    test('rows of each load that were removed, edited or added are put back as they were', async () => {
        const folder = join(cwd, what);
        mkdirSync(folder);
        const words = ['--pipeline', pipeline];
        const db = join(folder, `${pipeline}.db`);
        const sources = await prepare(folder, async (...given) => {
            const ran = await elt([...given, ...words], { cwd: folder });
            expect([0, 4], ran.stderr).toContain(ran.status);
        });
        expect((await elt(['transform', ...words], { cwd: folder })).status).toBe(0);
        const before = contents(db);
        for (const [load, source] of Object.entries(sources)) {
            const damaged = KINDS.map((kind) => damage(db, Number(load), kind));
            expect(damaged.reduce((sum, rows) => sum + rows, 0)).toBeGreaterThan(0);
            expect((await elt(['verify', ...words], { cwd: folder })).status).toBe(7);
            const again = await elt(['load', '--again', source, ...words], { cwd: folder });
            expect([load, again.status, again.stderr]).toEqual([load, 0, '']);
            expect(again.stdout).toContain(`rows of load ${load} put back`);
            expect((await elt(['transform', ...words], { cwd: folder })).status).toBe(0);
            expect([load, contents(db) === before]).toEqual([load, true]);
        }
        expect((await elt(['verify', ...words], { cwd: folder })).status).toBe(0);
    });
});

test('a byte that flipped on the disk is found, and put back', async () => {
    const folder = join(cwd, 'flipped');
    mkdirSync(folder);
    const at = { cwd: folder };
    await sample(folder, 'wal.json', '--records', '200');
    expect((await elt(['migrate'], at)).status).toBe(0);
    expect((await elt(['load', 'wal.json'], at)).status).toBe(0);
    const file = join(folder, 'payments.db');
    const before = contents(file);
    const value = JSON.parse(before).stg_event_v2_data[7].match(/[0-9a-f-]{36}/)[0] as string;
    const bytes = readFileSync(file);
    // Pages hold old copies of rows in their unused parts: the first byte that shows is taken.
    for (let place = bytes.indexOf(value); contents(file) === before; place = bytes.indexOf(value, place + 1)) {
        const flipped = Buffer.from(bytes);
        flipped[place + 3] = (flipped[place + 3] as number) ^ 1;
        writeFileSync(file, flipped);
    }
    const found = await elt(['verify'], at);
    expect([found.status, found.stdout]).toEqual([7, expect.stringContaining('their content differs')]);
    expect((await elt(['load', '--again', 'wal.json'], at)).stdout).toContain('put back: 1 of stg_');
    expect(contents(file)).toBe(before);
    expect((await elt(['verify'], at)).status).toBe(0);
});

describe('refused, with nothing changed', () => {
    test('other bytes, standard input, and a load that another one interrupts', async () => {
        const folder = join(cwd, 'refused');
        mkdirSync(folder);
        const at = { cwd: folder };
        const has = ['found', 'state', 'next'] as const;
        const text = await sample(folder, 'wal.json', '--records', '100', '--shape', 'lines');
        await sample(folder, 'other.json', '--records', '50', '--seed', '3');
        const cut = `${text.split('\n').slice(0, 50).join('\n')}\n{"change":[{"kind`;
        writeFileSync(join(folder, 'wal.json'), cut);
        expect((await elt(['run', 'wal.json'], at)).status).toBe(3);
        expect((await elt(['run', 'other.json'], at)).status).toBe(0);
        writeFileSync(join(folder, 'wal.json'), text);
        expect((await elt(['run', 'wal.json'], at)).status).toBe(0);
        const sound = await elt(['load', '--again', 'wal.json'], at);
        expect([sound.status, sound.stdout]).toEqual([0, 'sound   wal.json: all rows of load 1 are as they landed\n']);

        damage(join(folder, 'payments.db'), 1, 'removed');
        const before = readFileSync(join(folder, 'payments.db'));
        expectError(await elt(['load', '--again', 'wal.json'], at), {
            status: 7,
            code: 'STAGING_DAMAGED',
            says: 'load 2 landed between',
            has,
        });
        expectError(await elt(['load', '--again', '-'], { ...at, input: text }), {
            status: 2,
            code: 'COMMAND_WRONG',
            says: 'it can be read only once',
            has,
        });
        await sample(folder, 'wal.json', '--seed', '9');
        expectError(await elt(['load', '--again', 'wal.json'], at), {
            status: 3,
            code: 'SOURCE_CHANGED',
            says: 'no load of this database read',
            has: ['where', ...has],
        });
        expect(readFileSync(join(folder, 'payments.db')).equals(before)).toBe(true);
    });
});
