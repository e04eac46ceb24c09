import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { outerLimit } from '../../src/sql/outer-limit.ts';
import { close, load, migratedDatabase, projectFiles, runTransform, tableText } from '../support/bench-database.ts';
import { transactionLines } from '../support/postgres-model.ts';
import { shopProject } from '../support/shop-project.ts';

/** An insert of an upkeep whose limit is 0 is not run: SQLite would compute its common table expressions first. */

describe('the limit of a whole statement', () => {
    test.each([
        ['insert into t select 1 limit 0;', '0'],
        ['insert into t\nselect a\nfrom b\nlimit coalesce((select -1 from c), 0)', 'coalesce((select -1 from c), 0)'],
        ["insert into t select 'limit 3' from b limit 2 -- limit 1", '2'],
        ['insert into t select a from (select a from b limit 0)', undefined],
        ['insert into t select a from b where a in (select a from c limit 0)', undefined],
        ['insert into t select a from b limit 3 offset 1', undefined],
        ['insert into t select a from b limit 1, 3', undefined],
        ['insert into t select a from b where true limit 0 on conflict do nothing', undefined],
        ['insert into t select a from b limit 0 returning a', undefined],
        ['insert into t select a from b', undefined],
    ])('of %j is %j', (sql, limit) => {
        expect(outerLimit(sql)?.trim()).toBe(limit);
    });
});

test('a first fill is computed in the first run only, and a gate only where it is open', async () => {
    const project = shopProject();
    const marts = join(project, 'sql', 'shop', 'marts');
    mkdirSync(marts, { recursive: true });
    // The function is replaced below by one that counts: it is called for each row that is computed.
    writeFileSync(
        join(marts, 'shouted.sql'),
        `-- row: one order
-- key: region, number
-- why: who shouts
with shouted as materialized (
    select region, number, cents, upper(customer) as customer from current_orders
)
select one.region, one.number, one.customer
from shouted as one
join shouted as other on other.region = one.region and other.number = one.number
where one.cents > (select count(*) from current_ban)
`,
    );
    const database = await migratedDatabase('shop', ':memory:', project);
    onTestFinished(() => close(database));
    let calls = 0;
    database.function('upper', { deterministic: true }, (text) => {
        calls++;
        return String(text).toUpperCase();
    });
    let transaction = 0;
    const land = async (table: string, columns: Readonly<Record<string, unknown>>) => {
        const typed = Object.entries(columns).map(([name, value]) => ({
            name,
            type: typeof value === 'number' ? 'integer' : 'text',
            value,
        }));
        const changes = [{ action: 'I', schema: 'public', table, columns: typed }];
        await load(database, transactionLines(changes, ++transaction).join('\n'));
    };
    const callsOfRun = async () => {
        calls = 0;
        await runTransform(database, projectFiles('shop', project));
        return calls;
    };
    for (let number = 1; number <= 20; number++) {
        await land('orders', { region: 'north', number, customer: 'c0', cents: number, note: null });
    }
    await land('customer', { id: 'c0', name: 'Ann' });
    await land('ban', { customer: 'c0', reason: null });
    await callsOfRun();
    await land('orders', { region: 'south', number: 1, customer: 'c1', cents: 9, note: null });
    // What is used twice is always computed in full: once for the keys reached.
    expect(await callsOfRun()).toBeLessThan(2 * 21);
    await land('ban', { customer: 'c1', reason: null });
    // All rows are compared now, and no keys asked for.
    expect(await callsOfRun()).toBeLessThan(2 * 21);
    expect(tableText(database, 'shouted')).toHaveLength(19);
});
