import { copyFileSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { beforeAll, describe, expect, test } from 'vitest';
import { faultsAfterCrash, finalContent, killedAt, verified } from '../../support/crash.ts';
import { elt, workFolder } from '../../support/elt.ts';
import { Random } from '../../support/random.ts';

/**
 * Rows under `kill -9`: `elt load` of CSV, JSON lines and an array, killed at any moment and again while it recovers.
 * The same command then ends with the rows, the rejects and the ledger of a load that nobody disturbed; the positions
 * that were committed in between lie behind whole chunks. `FC_RUNS=n` makes n rounds each, `FC_SEED=n` other moments.
 */

const ROUNDS = Number(process.env.FC_RUNS ?? 4);
const SEED = Number(process.env.FC_SEED ?? 1);

const cwd = workFolder();
const at = (name: string): string => join(cwd, name);

const uuid = (number: number): string => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;

function csvRow(number: number): string {
    if (number % 1_009 === 0) {
        return `${number},too,few`;
    }
    const text = number % 7 === 0 ? '"a ""quoted""\nReturnActivity"' : 'PurchaseActivity';
    return `${number},${text},0742,${number % 100_000},2024-05-01 09:12:44`;
}

function message(number: number): string {
    return number % 1_009 === 0
        ? `{"inserted_at":${number}}`
        : `{"transaction_id":"${uuid(number)}",\n"inserted_at":${number}}`;
}

const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, number) => number + 1);

interface Case {
    readonly pipeline: string;
    readonly file: string;
    /** Rows of each commit but the last of a load; null: there are none in between that matter. */
    readonly chunk: number | null;
    readonly make: () => Promise<string> | string;
}

const cases: readonly Case[] = [
    {
        pipeline: 'card_spend',
        file: 'combined_transactions.csv',
        chunk: null,
        make: () =>
            `user_id,transaction_type,merchant_type_code,amount_cents,datetime\n${numbers(30_000).map(csvRow).join('\n')}`,
    },
    {
        pipeline: 'game',
        file: 'events.jsonl',
        chunk: null,
        make: async () => (await elt(['sample', 'game', '--records', '25000'])).stdout,
    },
    {
        pipeline: 'cash_flow',
        file: 'cash_outs_processed.json',
        chunk: 500,
        make: () => `[${numbers(25_000).map(message).join(',\n')}]`,
    },
];

describe.each(cases)('elt load $file, killed', ({ pipeline, file, chunk, make }) => {
    const load = (database: string): string[] => ['--pipeline', pipeline, '--db', database, 'load', file];
    const empty = at(`${pipeline}-empty.db`);

    beforeAll(async () => {
        writeFileSync(at(file), await make());
        expect((await elt(['--pipeline', pipeline, '--db', empty, 'migrate'], { cwd })).status).toBe(0);
    });

    test(`${ROUNDS} times, and again while it recovers`, { timeout: 300_000 }, async () => {
        const random = new Random(SEED);
        const calm = at(`${pipeline}-calm.db`);
        start(empty, calm);
        const began = performance.now();
        expect((await elt(load(calm), { cwd })).status).toBe(4);
        const lasting = { ms: performance.now() - began };
        const expected = contentOf(calm);
        const killed = at(`${pipeline}-killed.db`);
        let kills = 0;
        for (let round = 0; round < ROUNDS; round++) {
            start(empty, killed);
            // At the end of each part of its time once, then at any moment.
            for (const part of [(round + random.int(0, 99) / 100) / ROUNDS, random.int(0, 99) / 100]) {
                if (await killedAt(part, lasting, load(killed), cwd)) {
                    kills++;
                }
                expect([round, faultsAfterCrash(killed)]).toEqual([round, []]);
                expect([round, unevenCommits(killed, chunk)]).toEqual([round, []]);
            }
            await elt(load(killed), { cwd });
            expect([round, contentOf(killed)]).toEqual([round, expected]);
        }
        expect(await verified(killed, cwd)).toEqual([0, '']);
        expect(kills).toBeGreaterThan(ROUNDS / 2);
    });
});

function start(empty: string, file: string): void {
    for (const end of ['-wal', '-shm']) {
        rmSync(file + end, { force: true });
    }
    copyFileSync(empty, file);
}

function contentOf(file: string): unknown {
    const rejects = rows(file, 'select record, first_byte, bytes, reason from elt_rejects order by reject_id');
    return { ...(finalContent(file) as object), rejects };
}

/** What is committed of a load that has not ended: whole chunks, each with its position. */
function unevenCommits(file: string, chunk: number | null): unknown[] {
    if (chunk === null || !existsSync(file)) {
        return [];
    }
    return rows(file, `select changes from elt_loads where state = 'loading' and changes % ${chunk} <> 0`);
}

function rows(file: string, sql: string): unknown[] {
    const database = new Sqlite(file, { readonly: true });
    try {
        return database.prepare(sql).all();
    } finally {
        database.close();
    }
}
