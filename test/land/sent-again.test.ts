import { expect, test } from 'vitest';
import { SAMPLES } from '../../src/sample/samples.ts';
import { closeDatabase, type Database } from '../../src/sqlite/database.ts';
import { load, migratedDatabase } from '../support/bench-database.ts';

/** A stream that carries positions may be sent again from any earlier place: each transaction lands once. */

const lines = [...SAMPLES.payments.generate({ records: 40, mix: 'changes', shape: 'lines' })]
    .join('')
    .trim()
    .split('\n');
const TABLES = ['event_v2_data', 'transaction', 'transaction_request', 'payment_instrument_token_data'];

/** All staged rows but for the load's number. */
function staged(database: Database): unknown[] {
    const existing = database.prepare("select name from sqlite_schema where name glob 'stg_*'").pluck().all();
    return TABLES.filter((table) => existing.includes(`stg_${table}`)).flatMap((table) =>
        (database.prepare(`select * from stg_${table} order by _seq`).all() as object[]).map((row) => ({
            ...row,
            _load: null,
        })),
    );
}

async function landed(...pieces: readonly (readonly string[])[]): Promise<{ rows: unknown[]; whole: unknown }> {
    const database = await migratedDatabase('payments');
    try {
        for (const piece of pieces) {
            await load(database, piece.join('\n'));
        }
        const whole = database.prepare('select last_seq - whole_seq from elt_stream').pluck().get();
        return { rows: staged(database), whole };
    } finally {
        closeDatabase(database);
    }
}

test('a stream cut after any record, then sent again whole', async () => {
    const expected = await landed(lines);
    expect(expected.whole).toBe(0);
    for (let cut = 1; cut < lines.length; cut++) {
        expect(await landed(lines.slice(0, cut), lines), `cut after line ${cut}`).toEqual(expected);
    }
});

test('models wait for the end of a transaction while older ones are sent again', async () => {
    const begins = lines.flatMap((line, index) => (line.includes('"action":"B"') ? [index] : []));
    const inside = (begins.at(-1) as number) + 2;
    // The older transactions again, and not the open one.
    const { whole } = await landed(lines.slice(0, inside), lines.slice(0, begins.at(-1)));
    expect(whole).toBe(1);
});

test('a half-landed transaction waits while an older one is sent again in pieces', async () => {
    const expected = await landed(lines);
    for (let first = 2; first < lines.length; first += 3) {
        for (let second = 1; second < first; second += 2) {
            const pieces = [lines.slice(0, first), lines.slice(0, second), lines.slice(second)];
            expect(await landed(...pieces), `cut after line ${first}, then after line ${second}`).toEqual(expected);
        }
    }
});
