import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { PROJECT, sqliteShell } from '../../support/elt.ts';
import { caseProject, printAll, runAll } from './case-project.ts';

const TOTALS = 'tests/customer_totals.case.sql';

/** A case that is right. */
const RIGHT = `-- case: a customer without orders counts none
-- why: the letter goes to all

insert into current_customer (id, name) values ('c1', 'Ann'), ('c2', 'Bob');
insert into current_orders (number, customer, cents) values (1, 'c1', 700), (2, 'c1', 800);

-- expected, in any order
insert into customer_totals (id, orders, cents) values ('c2', 0, null), ('c1', 2, 1500);
`;

describe('a case', () => {
    test('passes where the mart has the rows that it expects, also in random histories', async () => {
        const [result, ...others] = await runAll(caseProject({ [TOTALS]: RIGHT }), { seed: 1, histories: 10 });
        expect(others).toEqual([]);
        expect(result).toMatchObject({
            mart: 'customer_totals',
            name: 'a customer without orders counts none',
            line: 1,
            rows: 2,
            differences: [],
            histories: 10,
            fault: null,
        });
    });

    test.each<[what: string, expected: string, differences: readonly (readonly string[])[]]>([
        [
            'a column that differs',
            "(id, orders, cents) values ('c1', 2, 1501), ('c2', 0, null)",
            [["id = 'c1'", 'cents', '1501', '1500']],
        ],
        [
            'a text in place of a number',
            "(id, name, orders) values ('c1', 'Ann', 2), ('c2', '0', 0)",
            [["id = 'c2'", 'name', "'0'", "'Bob'"]],
        ],
        [
            'a row that is missing',
            "(id, orders) values ('c1', 2), ('c2', 0), ('c3', 0)",
            [["id = 'c3'", 'orders', '0', 'none']],
        ],
        [
            'a row that nobody expects',
            "(id, orders) values ('c1', 2)",
            [
                ["id = 'c2'", 'name', 'none', "'Bob'"],
                ["id = 'c2'", 'orders', 'none', '0'],
            ],
        ],
        [
            'rows without their key, paired by what fits',
            "(name, orders, cents) values ('Ann', 2, 9), ('Bob', 0, null)",
            [['row 1', 'cents', '9', '1500']],
        ],
    ])('shows %s', async (_, expected, differences) => {
        const text = RIGHT.replace(/insert into customer_totals .*;/, `insert into customer_totals ${expected};`);
        const [result] = await runAll(caseProject({ [TOTALS]: text }));
        const found = result?.differences.map((one) => [
            one.row,
            one.column,
            one.expected ?? 'none',
            one.got ?? 'none',
        ]);
        expect(found).toEqual(differences);
        // What is wrong at once is not fed at random.
        expect(result?.histories).toBe(0);
    });

    test('runs the models between what it gives and its mart', async () => {
        const text = `-- case: from the orders
insert into current_customer (id) values ('c1'), ('c2');
insert into current_orders (number, customer, cents) values (1, 'c1', 700), (2, 'c1', 800), (3, 'c2', 10);
insert into good_customers (id, cents) values ('c1', 1500);

-- case: from the totals
insert into customer_totals (id, orders, cents) values ('c1', 2, 1500), ('c2', 1, 10);
insert into good_customers (id, cents) values ('c1', 1500);

-- case: from what has landed
insert into stg_customer (id) values ('c1');
insert into stg_orders (number, customer, cents) values (1, 'c1', 700), (2, 'c1', 800);
insert into good_customers (id, cents) values ('c1', 1500);

-- case: nobody has bought enough
-- expect: no rows
insert into customer_totals (id, cents) values ('c1', 1000);
`;
        const results = await runAll(caseProject({ 'tests/good_customers.case.sql': text }), { seed: 3, histories: 5 });
        expect(results.map(({ name, rows }) => [name, rows])).toEqual([
            ['from the orders', 1],
            ['from the totals', 1],
            ['from what has landed', 1],
            ['nobody has bought enough', 0],
        ]);
        expect(
            results.flatMap(({ differences, fault }) => [...differences, ...(fault === null ? [] : [fault])]),
        ).toEqual([]);
    });

    test('numbers staged rows in their order, and a column that a source requires has a value', async () => {
        const text = `-- case: lines in their order
insert into stg_prices (item) values ('apple'), ('pear');
insert into price_list (_seq, item, cents) values (1, 'apple', 0), (2, 'pear', 0);
`;
        const [result] = await runAll(caseProject({ 'tests/price_list.case.sql': text }));
        expect(result?.differences).toEqual([]);
    });

    test('keeps values exactly', async () => {
        const text = `-- case: long numbers, texts that look like numbers, reals
insert into current_customer (id, name, discount) values ('007', '1e5', 5), ('9007199254740993', 'x', 0.1);
insert into current_orders (number, customer, cents) values (9007199254740993, '007', 9007199254740993);
insert into customer_totals (id, name, cents) values ('007', '1e5', 9007199254740993), ('9007199254740993', 'x', null);
`;
        const [result] = await runAll(caseProject({ [TOTALS]: text }), { seed: 1, histories: 10 });
        expect(result).toMatchObject({ differences: [], fault: null });
    });
});

describe('a case that is wrong', () => {
    const given = "insert into current_customer (id) values ('c1');\n";
    test.each<[what: string, text: string, code: string, where: string, found: string]>([
        [
            'an unknown table',
            `-- case: x\ninsert into curent_customer (id) values ('c1');`,
            'CASE_WRONG',
            ':2',
            'did you mean "current_customer"?',
        ],
        [
            'an unknown column',
            `-- case: x\ninsert into current_customer (nam) values ('c1');\ninsert into customer_totals (id) values ('c1');`,
            'SQL_STATEMENT',
            ':2:31',
            'no column named nam',
        ],
        [
            'a table that the mart does not read',
            `-- case: x\n${given}insert into stg_prices (item) values ('a');\ninsert into customer_totals (id) values ('c1');`,
            'CASE_WRONG',
            ':3',
            'it reads current_',
        ],
        [
            'the same key twice',
            `-- case: x\n${given}${given}insert into customer_totals (id) values ('c1');`,
            'CASE_WRONG',
            ':3',
            "id = 'c1'",
        ],
        [
            'the same key expected twice',
            `-- case: x\n${given}insert into customer_totals (id) values ('c1'), ('c1');`,
            'CASE_WRONG',
            ':1',
            "id = 'c1'",
        ],
        [
            'a key that is not named',
            `-- case: x\ninsert into current_customer (name) values ('Ann');\ninsert into customer_totals (id) values ('c1');`,
            'SQL_STATEMENT',
            ':2:13',
            'NOT NULL',
        ],
        ['no expectation', `-- case: x\n${given}`, 'CASE_WRONG', ':1', 'no insert into "customer_totals"'],
        ['no statement', '-- case: x\n', 'CASE_WRONG', ':1', 'no insert into "customer_totals"'],
        [
            'two expectations',
            `-- case: x\n-- expect: no rows\n${given}insert into customer_totals (id) values ('c1');`,
            'CASE_WRONG',
            ':1',
            'beside an insert',
        ],
        [
            'another statement',
            `-- case: x\n${given}delete from customer_totals;`,
            'CASE_WRONG',
            ':3',
            'delete from customer_totals;',
        ],
        ['a control table', '-- case: x\ninsert into elt_clock (tick) values (1);', 'CASE_WRONG', ':2', 'tables: '],
        ['no name', `${given}`, 'SQL_HEADER', ':1', 'no line "-- case:"'],
        [
            'a name twice',
            `-- case: x\n${given}insert into customer_totals (id) values ('c1');\n-- case: x\n${given}`,
            'SQL_HEADER',
            ':4',
            'lines 1 and 4',
        ],
        [
            'an unknown key of a head',
            `-- case: x\n${given}\n-- expected: none\n`,
            'SQL_HEADER',
            ':4',
            'keys: case, why, expect',
        ],
        ['another expectation', `-- case: x\n-- expect: some rows\n${given}`, 'SQL_HEADER', ':2', 'no rows'],
        ['a transaction', `-- case: x\nbegin;`, 'CASE_WRONG', ':2', 'begin;'],
        [
            'a statement that is not closed',
            `-- case: x\ninsert into current_customer (id) values ('c1')`,
            'SQL_INCOMPLETE',
            ':2',
            '',
        ],
    ])('%s', async (_, text, code, where, found) => {
        const facts = await factsOf(runAll(caseProject({ [TOTALS]: text })));
        expect(facts.code).toBe(code);
        expect(facts.where).toContain(`sql/shop/${TOTALS}${where}`);
        expect(facts.found ?? '').toContain(found);
        expect(facts.next).not.toBe('');
    });

    test('a mart that is not there', async () => {
        const facts = await factsOf(runAll(caseProject({ 'tests/customer_total.case.sql': RIGHT })));
        expect(facts).toMatchObject({ code: 'MODEL_UNKNOWN', where: 'sql/shop/tests/customer_total.case.sql' });
        expect(facts.found).toContain('did you mean "customer_totals"?');
    });

    test('a mart of a staging table that no file describes', async () => {
        const mart = '-- row: a\n-- key: _seq\n-- why: b\nselect _seq from stg_nowhere;\n';
        const facts = await factsOf(
            runAll(caseProject({ 'marts/nowhere.sql': mart, 'tests/nowhere.case.sql': '-- case: x\n' })),
        );
        expect(facts).toMatchObject({ code: 'CASE_WRONG', message: expect.stringContaining('stg_nowhere') });
    });
});

describe('the cases that come along', () => {
    test.each(['payments', 'payments_v1', 'card_spend', 'cash_flow', 'game'])('of %s pass', async (pipeline) => {
        const results = await runAll(PROJECT, { seed: 1, histories: 2 }, pipeline);
        expect(results.length).toBeGreaterThan(0);
        const wrong = results.filter(({ differences, fault }) => differences.length > 0 || fault !== null);
        expect(wrong).toEqual([]);
    });

    test('a script of a case finds nothing in the sqlite3 shell, and the rows that a wrong mart has', async (context) => {
        const shell = sqliteShell();
        if (shell === null) {
            context.skip('the sqlite3 shell is missing');
            return;
        }
        const run = (script: string): string => {
            return execFileSync(shell, ['-bail', ':memory:'], { input: script, encoding: 'utf8' });
        };
        expect(run(await printAll(PROJECT, 'cash_flow'))).toBe('');
        expect(run(await printAll(PROJECT, 'game'))).toBe('');
        expect(run(await printAll(caseProject({ [TOTALS]: RIGHT })))).toBe('');
        const wrong = RIGHT.replace('1500', '1501');
        expect(run(await printAll(caseProject({ [TOTALS]: wrong })))).toBe(
            'missing|c1|2|1501\nnot expected|c1|2|1500\n',
        );
        const empty = RIGHT.replace(/insert into customer_totals .*;/, '-- expect: no rows');
        expect(run(await printAll(caseProject({ [TOTALS]: empty })))).toMatch(/^not expected\|c1/);
    });
});

async function factsOf(run: Promise<unknown>) {
    const error = await run.then(
        () => undefined,
        (reason: unknown) => reason as { readonly facts: Readonly<Record<string, string | undefined>> },
    );
    expect(error).toBeDefined();
    return error?.facts ?? {};
}
