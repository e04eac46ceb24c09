import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import Sqlite from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { elt, eltJson, PROJECT, runProgram, workFolder } from '../../support/elt.ts';
import { sharedData } from '../../support/shared-data.ts';

/** Rows and questions as people use them: the command line, files with any name, the bare shell. */

function query(file: string, sql: string): unknown[] {
    const database = new Sqlite(file, { readonly: true });
    try {
        return database.prepare(sql).all();
    } finally {
        database.close();
    }
}

describe('elt load --table', () => {
    test('any CSV and JSON; the same file again doubles nothing, its growth lands', async () => {
        const cwd = workFolder();
        await elt(['--db', 'x.db', 'migrate'], { cwd });
        writeFileSync(join(cwd, 'orders.csv'), 'id;price\n007;1,50\n');
        const load = ['--db', 'x.db', 'load', '--table', 'orders', 'orders.csv'];
        expect((await elt(load, { cwd })).status).toBe(0);
        expect((await elt(load, { cwd })).stdout).toContain('nothing new');
        writeFileSync(join(cwd, 'orders.csv'), 'id;price\n007;1,50\n008;2\nbad\n');
        expect((await elt(load, { cwd })).status).toBe(4);
        writeFileSync(join(cwd, 'more.json.gz'), gzipSync('[{"id": 9, "price": 1.10, "note": "x"}]'));
        expect((await elt(['--db', 'x.db', 'load', '--table', 'orders', 'more.json.gz'], { cwd })).status).toBe(0);
        const piped = await elt(['--db', 'x.db', 'load', '--table', 'orders', '-'], { cwd, input: '{"id": "10"}\n' });
        expect(piped.status).toBe(0);
        expect(query(join(cwd, 'x.db'), 'select id, price, note from stg_orders order by _seq')).toEqual([
            { id: '007', price: '1,50', note: null },
            { id: '008', price: '2', note: null },
            { id: '9', price: '1.10', note: 'x' },
            { id: '10', price: null, note: null },
        ]);
        expect(
            query(
                join(cwd, 'x.db'),
                'select record, first_byte, cast(bytes as text) as bytes, reason from elt_rejects',
            ),
        ).toEqual([{ record: 3, first_byte: 24, bytes: 'bad', reason: 'too-few-fields' }]);
        expect((await elt(['--db', 'x.db', 'verify'], { cwd })).stdout).toContain('ok      staging');
    });
});

describe('declared sources', () => {
    test('files are recognised by their base name in every folder; a key that comes again doubles nothing', async () => {
        const cwd = workFolder();
        mkdirSync(join(cwd, 'deep', 'er'), { recursive: true });
        const row = '{"transaction_id":"2f6debfd-3d68-43c3-ae64-e9089dbed67a","inserted_at":1}';
        writeFileSync(join(cwd, 'deep', 'er', 'cash_outs_processed-2.json'), `[${row}]`);
        writeFileSync(join(cwd, 'cash_outs_processed.json'), `${row}\n{"inserted_at":2}\n${row}\n`);
        const ran = await elt(['--pipeline', 'cash_flow', 'run', 'deep', 'cash_outs_processed.json'], { cwd });
        expect(ran.stderr).toContain('RECORDS_REJECTED');
        expect(ran.status).toBe(4);
        const db = join(cwd, 'cash_flow.db');
        expect(query(db, 'select count(*) as staged from stg_cash_outs_processed')).toEqual([{ staged: 3 }]);
        expect(query(db, 'select count(*) as found from current_cash_outs_processed')).toEqual([{ found: 1 }]);
        expect(query(db, 'select reason from elt_rejects')).toEqual([{ reason: 'value-missing' }]);
    });

    test('a file that belongs to no source is refused before anything lands, and skipped in a folder', async () => {
        const cwd = workFolder();
        const words = ['--pipeline', 'game', '--db', 'x.db'];
        await elt([...words, 'migrate'], { cwd });
        mkdirSync(join(cwd, 'in', 'deep'), { recursive: true });
        writeFileSync(join(cwd, 'evnts.jsonl'), '{"event_id": 1}\n');
        writeFileSync(join(cwd, 'in', 'notes.txt'), 'nothing\n');
        const rate = '{"currency": "EUR", "rate_to_usd": "1.3"}\n';
        writeFileSync(join(cwd, 'in', 'deep', 'exchange_rates-2.jsonl'), rate);
        const misnamed = await elt([...words, 'load', 'in', 'evnts.jsonl'], { cwd });
        expect([misnamed.status, misnamed.stdout]).toEqual([2, '']);
        expect(misnamed.stderr).toContain('evnts.jsonl; expected for example events*.jsonl');
        const loads = 'select source from elt_loads';
        expect(query(join(cwd, 'x.db'), loads)).toEqual([]);
        const folder = await elt([...words, 'load', 'in'], { cwd });
        expect([folder.status, folder.stderr]).toEqual([0, expect.stringMatching(/^skipped, .*: in\/notes.txt\n$/)]);
        expect(query(join(cwd, 'x.db'), loads)).toEqual([{ source: 'in/deep/exchange_rates-2.jsonl' }]);
        rmSync(join(cwd, 'in', 'deep'), { recursive: true });
        expect((await elt([...words, 'load', 'in'], { cwd })).status).toBe(2);
        expect((await elt([...words, 'load', '-'], { cwd, input: rate })).status).toBe(2);
        expect((await elt([...words, 'load', '--table', 'events', 'evnts.jsonl'], { cwd })).status).toBe(0);
        const stream =
            '{"action":"I","schema":"public","table":"t","columns":[{"name":"id","type":"integer","value":1}]}';
        writeFileSync(join(cwd, 'wal.json'), `{"action":"B"}\n${stream}\n{"action":"C"}\n`);
        expect((await elt([...words, 'load', '--stream', 'wal.json'], { cwd })).status).toBe(0);
        expect(query(join(cwd, 'x.db'), 'select id from stg_t')).toEqual([{ id: 1 }]);
    });

    test('commit_rows: a chunk and its position are one transaction, and the load continues from there', async () => {
        const cwd = workFolder();
        const id = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
        const rows = Array.from({ length: 1_234 }, (_, n) => `{"transaction_id":"${id(n)}","inserted_at":${n}}`);
        const whole = `[${rows.join(',')}]`;
        const file = join(cwd, 'cash_outs_refunded.json');
        writeFileSync(file, whole.slice(0, -50));
        const words = ['--pipeline', 'cash_flow'];
        await elt([...words, 'migrate'], { cwd });
        expect((await elt([...words, 'load', file], { cwd })).status).toBe(3);
        const db = join(cwd, 'cash_flow.db');
        expect(query(db, 'select state, changes from elt_loads')).toEqual([{ state: 'loading', changes: 1_233 }]);
        writeFileSync(file, whole);
        expect((await elt([...words, 'load', file], { cwd })).stdout).toContain('resumed');
        expect(
            query(db, 'select count(*) as found, count(distinct transaction_id) as ids from stg_cash_outs_refunded'),
        ).toEqual([{ found: 1_234, ids: 1_234 }]);
    });
});

const events = sharedData('events.jsonl');
const rates = sharedData('exchange_rates.jsonl');

describe.skipIf(events === undefined || rates === undefined)('elt query', () => {
    const cwd = workFolder();
    const words = ['--pipeline', 'game'];
    const user = '002b4b4c-5fbf-1e16-a736-f4fcb7cfd891';

    test('table, JSON, CSV and the shell give the same answer', async () => {
        expect((await elt([...words, 'run', events as string, rates as string], { cwd })).status).toBe(4);
        const table = await elt([...words, 'query', 'user_stats', `userId=${user}`], { cwd });
        expect(table.stdout).toContain('Marta G');
        const json = await eltJson<unknown>([...words, 'query', 'user_stats', `userId=${user}`], { cwd });
        const row = { country: 'RS', name: 'Marta G', logins: 4, days_since_last_login: 7, sessions: 2 };
        expect(json).toEqual([{ ...row, time_spent_seconds: 68968 }]);
        const csv = await elt([...words, 'query', 'user_stats', `userId=${user}`, 'date=2010-05-08', '--csv'], { cwd });
        expect(csv.stdout).toBe(
            'country,name,logins,days_since_last_login,sessions,time_spent_seconds\r\nRS,Marta G,0,,0,0\r\n',
        );
        expect(await eltJson([...words, 'query', 'user_stats', 'userId=nobody'], { cwd })).toEqual([]);
        const shell = await runProgram(
            'sqlite3',
            [
                '-bail',
                join(cwd, 'game.db'),
                `.parameter set :userId '${user}'`,
                `.read ${join(PROJECT, 'sql/game/api/user_stats.sql')}`,
            ],
            { cwd },
        );
        expect(shell.stdout).toBe('RS|Marta G|4|7|2|68968\n');
    });

    test.each([
        ['a question that is none', ['user_stat'], 'did you mean "user_stats"?'],
        ['a parameter that is missing', ['user_stats'], '"userId" is missing'],
        ['a parameter that is unknown', ['game_stats', 'contry=DE'], 'did you mean "country"?'],
        ['a date that is none', ['game_stats', 'date=2010-02-30'], '"date" cannot be "2010-02-30"'],
        ['a word that is not a parameter', ['game_stats', '2010-05-08'], 'expected name=value'],
        ['a parameter twice', ['game_stats', 'country=DE', 'country=RS'], 'is given twice'],
    ])('%s', async (_, command, found) => {
        const ran = await elt([...words, 'query', ...command], { cwd });
        expect(ran.status).toBe(2);
        expect(ran.stderr).toContain(found);
        expect(ran.stdout).toBe('');
    });

    test('every shared question is listed with its parameters', async () => {
        const listed = await elt([...words, 'query'], { cwd });
        expect(listed.stdout).toContain('user_stats');
        expect(listed.stdout).toContain('date=<date as 2010-12-31>?');
        expect(readFileSync(join(PROJECT, 'sql/game/api/user_stats.sql'), 'utf8')).toContain(
            '-- param: userId text required',
        );
    });
});
