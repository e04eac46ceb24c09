import { expect, test } from 'vitest';
import type { Finding } from '../../src/ledger/finding.ts';
import { withoutOrder } from '../../src/query/without-order.ts';
import { eltJson } from '../support/elt.ts';
import { labProject } from '../support/server.ts';

/** `elt check` names figures for which a page would wait. */

const count = (rows: number): string =>
    `with recursive c(n) as (select 1 union all select n + 1 from c where n < ${rows}) select count(*) as n from c, numbers;\n`;

test('a figure that takes long is named, with what it reads; others are not, and no status tells of it', async () => {
    const lab = await labProject({
        'dashboard/10_slow.sql': `-- title: Slow\n-- chart: number\n${count(8_000_000)}`,
        'dashboard/20_quick.sql': `-- title: Quick\n-- chart: number\n${count(10)}`,
        'dashboard/30_wrong.sql': '-- title: Wrong\n-- chart: number\nselect n from nothing;\n',
    });
    lab.write('../../migrations/lab/0002_number.sql', "insert into numbers values (1, 'one');\n");
    await eltJson([...lab.words, 'migrate']);
    // Ends with 0: no status tells of it.
    const found = await eltJson<{ readonly slowFigures: readonly Finding[] }>([...lab.words, 'check', '--strict']);
    expect(found.slowFigures).toEqual([
        {
            subject: 'sql/lab/dashboard/10_slow.sql',
            finding: expect.stringMatching(/^takes \d+\.\d s; a page waits 500 ms gladly$/),
            lost: expect.stringContaining('time: '),
            fix: expect.stringMatching(/it reads all rows of numbers$/),
        },
    ]);
});

test.each([
    ['select a from b order by a', 'select a from b '],
    ['select a from b order by a desc, (select 1 order by 1)', 'select a from b '],
    ['select a from b order by a limit 3', 'select a from b order by a limit 3'],
    ['select a from (select a from b order by a limit 3)', 'select a from (select a from b order by a limit 3)'],
    ["select 'order by' as x from b -- order by a", "select 'order by' as x from b -- order by a"],
    ['select row_number() over (order by a) from b', 'select row_number() over (order by a) from b'],
    ['select a as "order" from b', 'select a as "order" from b'],
])('an order that changes nothing is left out: %s', (sql, expected) => {
    expect(withoutOrder(sql)).toBe(expected);
});
