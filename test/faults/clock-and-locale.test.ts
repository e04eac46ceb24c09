import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { openDatabase } from '../../src/sqlite/database.ts';
import { close, tablesText } from '../support/bench-database.ts';
import { elt, workFolder } from '../support/elt.ts';

/** Nothing that is landed or made depends on the clock, the time zone or the language of the machine. */

const cwd = workFolder();
let wanted = '';

beforeAll(async () => {
    for (const [name, seed] of [
        ['first.json', '1'],
        ['more.json', '2'],
    ] as const) {
        writeFileSync(join(cwd, name), (await elt(['sample', 'payments', '--records', '300', '--seed', seed])).stdout);
    }
    wanted = await contents('plain', {}, {});
    expect(wanted.length).toBeGreaterThan(100_000);
});

/** What two runs make, the second one in another surrounding than the first. */
async function contents(name: string, first: Record<string, string>, second: Record<string, string>): Promise<string> {
    const file = join(cwd, `${name}.db`);
    for (const [source, env] of [
        ['first.json', first],
        ['more.json', second],
        ['first.json', second],
    ] as const) {
        const ran = await elt(['--db', file, 'run', source], { cwd, env });
        expect(ran.status, ran.stderr).toBe(0);
    }
    const verified = await elt(['--db', file, 'verify'], { cwd, env: second });
    expect(verified.status, verified.stdout + verified.stderr).toBe(0);
    const database = openDatabase(file, { readonly: true });
    const tables = ['stg_', 'current_', 'changed_', 'metrics', 'elt_watermarks', 'elt_stream', 'elt_load_tables'];
    const text = JSON.stringify(tablesText(database, tables));
    close(database);
    return text;
}

const KIRITIMATI = { TZ: 'Pacific/Kiritimati', LANG: 'C', LC_ALL: 'C' };
const TURKISH = { TZ: 'America/St_Johns', LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8' };

test('the day is another one and the language is C', async () => {
    expect((await contents('kiritimati', KIRITIMATI, KIRITIMATI)) === wanted).toBe(true);
});

test('time zone and language change between two runs', async () => {
    expect((await contents('turkish', TURKISH, KIRITIMATI)) === wanted).toBe(true);
});

test('the clock goes back by ten years between two runs', async () => {
    const clock = join(cwd, 'clock.mjs');
    writeFileSync(
        clock,
        `const now = Date.now;
const back = 10 * 365 * 86_400_000;
Date.now = () => now() - back;
globalThis.Date = class extends Date {
    constructor(...given) {
        super(...(given.length === 0 ? [now() - back] : given));
    }
};
`,
    );
    const past = { NODE_OPTIONS: `--import ${clock}` };
    expect((await contents('past', {}, past)) === wanted).toBe(true);
    const database = openDatabase(join(cwd, 'past.db'), { readonly: true });
    onTestFinished(() => close(database));
    const started = database.prepare('select started_at from elt_loads order by load_id').pluck().all() as string[];
    // The ledger says what the clock said: it did go back.
    expect((started[1] as string) < (started[0] as string)).toBe(true);
});

test('the clock runs backwards, an hour at each look, and daylight saving time begins', async () => {
    const clock = join(cwd, 'backwards.mjs');
    writeFileSync(
        clock,
        `// 2026-03-29 01:00 UTC: in Europe/Berlin the hour from two to three does not exist.
let now = Date.UTC(2026, 2, 29, 1, 30);
const tick = () => (now -= 3_600_000);
Date.now = tick;
globalThis.Date = class extends Date {
    constructor(...given) {
        super(...(given.length === 0 ? [tick()] : given));
    }
};
`,
    );
    const backwards = { NODE_OPTIONS: `--import ${clock}`, TZ: 'Europe/Berlin', LC_ALL: 'de_DE.UTF-8' };
    expect((await contents('backwards', backwards, backwards)) === wanted).toBe(true);
});
