import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import Sqlite from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import type { LoadResult } from '../../src/load/load-source.ts';
import { elt, eltJson, workFolder } from '../support/elt.ts';
import { change } from './look-at.ts';

/** Runs over a file that grows: what a torn last line means to a person, and to the marts. */

const ONE = change(1);

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
