import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { elt, eltJson, workFolder } from '../support/elt.ts';

/** The path of a new user: tables of a shop of their own, a mart in eight lines, and what happens to it later. */

type Row = Readonly<Record<string, string | number | null>>;

const TYPES: Readonly<Record<string, string>> = {
    customer_id: 'integer',
    purchase_id: 'bigint',
    cents: 'integer',
};

let cwd = '';
let position = 0;

/** A transaction of wal2json's format 2. */
function landed(file: string, changes: readonly (readonly [action: 'I' | 'U' | 'D', table: string, row: Row])[]): void {
    const lsn = (): string => {
        position += 8;
        return `0/${position.toString(16).toUpperCase()}`;
    };
    const xid = position;
    const lines = changes.map(([action, table, row]) => {
        const columns = Object.entries(row).map(([name, value]) => ({ name, type: TYPES[name] ?? 'text', value }));
        const key = columns.filter(({ name }) => name === `${table}_id`);
        const more = action === 'D' ? { identity: key } : { columns, ...(action === 'U' ? { identity: key } : {}) };
        return {
            action,
            xid,
            lsn: lsn(),
            schema: 'public',
            table,
            ...more,
            pk: key.map(({ name, type }) => ({ name, type })),
        };
    });
    const all = [{ action: 'B', xid, lsn: lsn() }, ...lines, { action: 'C', xid, lsn: lsn() }];
    write(file, all.map((line) => `${JSON.stringify(line)}\n`).join(''));
}

function write(file: string, text: string): void {
    mkdirSync(dirname(join(cwd, file)), { recursive: true });
    writeFileSync(join(cwd, file), text);
}

const read = (file: string): string => readFileSync(join(cwd, file), 'utf8');
const run = (...words: readonly string[]) => elt(['--pipeline', 'shop', ...words], { cwd });

async function done(...words: readonly string[]): Promise<{ readonly stdout: string; readonly stderr: string }> {
    const ran = await run(...words);
    expect([ran.status, ran.stderr.replaceAll(/^(note|applied): .*\n?/gm, '')], ran.stdout).toEqual([0, '']);
    return ran;
}

async function rowsOf(table: string): Promise<readonly (readonly unknown[])[]> {
    const shown = await eltJson<{ rows: readonly (readonly unknown[])[] }>(
        ['--pipeline', 'shop', 'show', table, '--limit', '100'],
        { cwd },
    );
    return [...shown.rows].sort();
}

const MART = 'sql/shop/marts/spent.sql';
const UPKEEP = 'sql/shop/upkeep/spent.sql';
const SPENT = `-- row: one country
-- key: country
-- why: where the shop is bought from
select customer.country, count(*) as purchases, sum(purchase.cents) as cents
from current_customer as customer
join current_purchase as purchase on purchase.customer_id = customer.customer_id
where customer.country is not null
group by customer.country;
`;

beforeEach(async () => {
    cwd = workFolder();
    position = 0x100;
    landed('first.jsonl', [
        ['I', 'customer', { customer_id: 1, name: 'Ada', country: 'GB' }],
        ['I', 'customer', { customer_id: 2, name: 'Linus', country: 'FI' }],
        ['I', 'purchase', { purchase_id: 10, customer_id: 1, cents: 500 }],
        ['I', 'purchase', { purchase_id: 11, customer_id: 2, cents: 250 }],
    ]);
    await done('init', 'shop', '--from', 'first.jsonl');
    await done('run', 'first.jsonl');
    write(MART, SPENT);
});

describe('a mart in eight lines', () => {
    test('is filled, follows changes, and costs no migration', async () => {
        expect(SPENT.trimEnd().split('\n')).toHaveLength(8);
        const first = await done('transform');
        expect(first.stderr).toBe(
            `note: ${UPKEEP} is not written yet: the run uses what "elt scaffold spent" would write\n`,
        );
        expect(await rowsOf('spent')).toEqual([
            ['FI', 1, 250],
            ['GB', 1, 500],
        ]);
        expect(existsSync(join(cwd, UPKEEP))).toBe(false);
        landed('second.jsonl', [
            ['U', 'customer', { customer_id: 1, name: 'Ada', country: 'IE' }],
            ['I', 'purchase', { purchase_id: 12, customer_id: 2, cents: 50 }],
        ]);
        await done('run', 'second.jsonl');
        expect(await rowsOf('spent')).toEqual([
            ['FI', 2, 300],
            ['IE', 1, 500],
        ]);
        expect((await done('test')).stdout).toMatch(/spent__not_its_definition_anywhere +all +built in +0/);
        await done('verify');
    });

    test('has its upkeep written, explained, and left as it is when a person edits it', async () => {
        const written = await done('scaffold', 'spent');
        expect(written.stdout).toBe(
            `written    ${UPKEEP}: 2 arms (current_customer, current_purchase); compared in full: never\n`,
        );
        await done('transform');
        const explained = (await done('scaffold', 'spent', '--explain')).stdout;
        expect(explained).toContain('SCAN changed_customer');
        expect(explained).toMatch(/SEARCH purchase USING INDEX current_purchase_by_customer_id/);
        expect(explained).not.toContain('reads every row');
        const plan = await eltJson<{ models: readonly { model: string; how: string | null }[] }>(
            ['--pipeline', 'shop', 'transform', '--dry-run'],
            { cwd },
        );
        expect(Object.fromEntries(plan.models.map(({ model, how }) => [model, how]))).toEqual({
            current_customer: null,
            current_purchase: null,
            customer_mart: 'keys',
            spent: 'keys',
        });
        write(UPKEEP, read(UPKEEP).replace('-- 3.', 'delete from spent where cents < 0;\n\n-- 3.'));
        const edited = `${UPKEEP} was edited and is left alone: it does not follow its mart`;
        expect((await done('transform')).stderr).toContain(edited);
        const again = (await done('scaffold', 'spent')).stdout;
        expect(again).toMatch(/^edited /);
        expect(again).toContain(`delete it, and "elt scaffold" writes it anew`);
        expect(read(UPKEEP)).toContain('cents < 0');
        write(MART, SPENT.replace('count(*) as purchases', 'count(*) as purchases, max(purchase.cents) as most'));
        const lacking = await elt(['--pipeline', 'shop', 'transform'], { cwd });
        expect([lacking.status, lacking.stderr]).toEqual([
            6,
            expect.stringContaining(`"${UPKEEP}" has no column "most", which the SELECT of "${MART}" gives`),
        ]);
        write(MART, SPENT.replace('count(*) as purchases', 'random() as purchases'));
        expect((await done('check')).stdout).toContain(`${MART}:`);
        expect((await done('check')).stdout).toContain('random() gives something else each time');
        write(MART, SPENT);
        rmSync(join(cwd, UPKEEP));
        expect((await done('scaffold', 'spent')).stdout).toMatch(/^written /);
        expect((await done('transform')).stderr).toBe('');
    });

    test('follows its SELECT: a column more, another key, a type', async () => {
        await done('transform');
        write(MART, SPENT.replace('count(*) as purchases', 'count(*) as purchases, max(purchase.cents) as most'));
        expect((await done('transform')).stdout).toMatch(/^spent +edited +2/m);
        expect(await rowsOf('spent')).toEqual([
            ['FI', 1, 250, 250],
            ['GB', 1, 500, 500],
        ]);
        write(MART, SPENT.replace('-- why', '-- column: purchases text\n-- why'));
        await done('transform');
        expect(await rowsOf('spent')).toEqual([
            ['FI', '1', 250],
            ['GB', '1', 500],
        ]);
        write(
            MART,
            SPENT.replace('-- key: country', '-- key: customer_id')
                .replace('select customer.country', 'select customer.customer_id')
                .replace('group by customer.country', 'group by customer.customer_id'),
        );
        await done('transform');
        expect(await rowsOf('spent')).toEqual([
            [1, 1, 500],
            [2, 1, 250],
        ]);
        expect((await done('transform')).stdout).toContain('nothing new');
    });

    test('takes a column that comes upstream, and says what it lacks when one goes', async () => {
        await done('transform');
        landed('wider.jsonl', [['U', 'purchase', { purchase_id: 10, customer_id: 1, cents: 700, channel: 'web' }]]);
        await done('run', 'wider.jsonl');
        write(MART, SPENT.replace('count(*)', 'max(purchase.channel) as channel, count(*)'));
        await done('transform');
        expect(await rowsOf('spent')).toEqual([
            ['FI', null, 1, 250],
            ['GB', 'web', 1, 700],
        ]);
        write(MART, SPENT.replace('count(*)', 'max(purchase.chanel) as channel, count(*)'));
        const wrong = await run('transform');
        expect([wrong.status, wrong.stdout]).toEqual([6, '']);
        expect(wrong.stderr).toContain(`where:  ${MART}:4:30`);
        expect(wrong.stderr).toContain('did you mean "channel"?');
        expect(await rowsOf('spent')).toHaveLength(2);
    });

    test.each([
        ['current_date as day, count(*)', 'current_date gives something else each time'],
        ['random() as dice, count(*)', 'random() gives something else each time'],
        ["date('now') as day, count(*)", 'date() gives something else each time'],
    ])('that asks %s is refused', async (columns, found) => {
        write(MART, SPENT.replace('count(*)', columns));
        const ran = await run('transform');
        expect([ran.status, ran.stdout]).toEqual([6, '']);
        expect(ran.stderr).toMatch(/^error MART_REFUSED: /);
        expect(ran.stderr).toContain(found);
    });

    test('may forbid that all of its rows are compared', async () => {
        const ranked = `${SPENT.replace('-- why', '-- in_full: never\n-- why').replace(';\n', '')}\norder by cents desc, country limit 1;\n`;
        write(MART, ranked);
        const ran = await run('transform');
        expect([ran.status, ran.stderr.split('\n')[0]]).toEqual([
            6,
            `error MART_REFUSED: "${MART}" says "in_full: never", and its rows would be compared in full`,
        ]);
        write(MART, ranked.replace('-- in_full: never\n', ''));
        await done('transform');
        expect(await rowsOf('spent')).toEqual([['GB', 1, 500]]);
        const plan = (await done('transform', '--dry-run')).stdout;
        expect(plan).toMatch(/^spent .* all rows when current_customer changes/m);
        expect((await done('check')).stdout).toContain(`${MART}: all rows are compared when current_customer changes`);
    });

    test('with a key that two rows share, or that is null, names it and publishes nothing', async () => {
        await done('transform');
        const twice = SPENT.replace('group by customer.country', 'group by purchase.purchase_id').replace(
            '-- key: country',
            '-- key: purchases',
        );
        write(MART, twice);
        const ran = await run('transform');
        expect([ran.status, ran.stdout]).toEqual([6, '']);
        expect(ran.stderr).toMatch(/^error MART_KEY: the key of "sql\/shop\/marts\/spent.sql" does not name one row/m);
        expect(ran.stderr).toContain('found:  2 rows have purchases = 1');
        write(MART, SPENT.replace('where customer.country is not null\n', ''));
        await done('transform');
        landed('null.jsonl', [['U', 'customer', { customer_id: 2, name: 'Linus', country: null }]]);
        const nulled = await run('run', 'null.jsonl');
        expect(nulled.status).toBe(6);
        expect(nulled.stderr).toContain('error MART_KEY: ');
        expect(nulled.stderr).toContain('found:  1 row has country = null');
        expect(await rowsOf('spent')).toEqual([
            ['FI', 1, 250],
            ['GB', 1, 500],
        ]);
    });

    test('is forgotten with its file', async () => {
        await done('scaffold', 'spent');
        await done('transform');
        rmSync(join(cwd, MART));
        expect((await done('transform')).stderr).toContain(`${UPKEEP} belongs to no mart: delete it`);
        rmSync(join(cwd, UPKEEP));
        expect((await done('prune')).stdout).toContain('spent');
        expect((await run('show', 'spent')).status).not.toBe(0);
    });
});

describe('a mart of a mart', () => {
    const TOTAL = `-- row: one size of country
-- key: size
-- why: how many countries are large
select iif(purchases > 1, 'large', 'small') as size, count(*) as countries
from spent
group by iif(purchases > 1, 'large', 'small');
`;

    test.each([
        ['that elt creates', undefined],
        [
            'that a migration created',
            'create table spent (country text not null primary key, purchases integer, cents integer) strict;\n',
        ],
    ])('%s follows it', async (_, migration) => {
        if (migration !== undefined) {
            write('migrations/shop/0001_create_spent.sql', migration);
            await done('migrate');
        }
        write('sql/shop/marts/sizes.sql', TOTAL);
        await done('transform');
        expect(await rowsOf('sizes')).toEqual([['small', 2]]);
        landed('more.jsonl', [['I', 'purchase', { purchase_id: 13, customer_id: 2, cents: 1 }]]);
        await done('run', 'more.jsonl');
        expect(await rowsOf('sizes')).toEqual([
            ['large', 1],
            ['small', 1],
        ]);
        await done('verify');
        expect((await done('scaffold', 'sizes', '--explain')).stdout).not.toContain('reads every row');
    });

    test('is not one for a column of the same name', async () => {
        landed('named.jsonl', [['U', 'customer', { customer_id: 1, name: 'Ada', country: 'GB', spent: 'much' }]]);
        await done('run', 'named.jsonl');
        write(
            'sql/shop/marts/words.sql',
            '-- row: one customer\n-- key: customer_id\n-- why: a column is called like a mart\nselect customer_id, spent from current_customer;\n',
        );
        await done('transform');
        expect(await rowsOf('words')).toEqual([
            [1, 'much'],
            [2, null],
        ]);
    });
});
