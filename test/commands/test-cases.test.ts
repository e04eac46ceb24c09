import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { elt, eltJson } from '../support/elt.ts';
import { caseProject } from '../transform/cases/case-project.ts';

const CASES = `-- case: who has bought
insert into current_customer (id) values ('c1');
insert into current_orders (number, customer, cents) values (1, 'c1', 700);
insert into customer_totals (id, orders, cents) values ('c1', 1, 700);

-- case: who has not
insert into current_customer (id) values ('c1');
insert into customer_totals (id, orders, cents) values ('c1', 0, null);
`;

interface Printed {
    readonly cases: readonly {
        readonly name: string;
        readonly differences: readonly unknown[];
        readonly histories: number;
    }[];
}

function project(text = CASES): string {
    return caseProject({ 'tests/customer_totals.case.sql': text });
}

test('elt test --cases runs them without a database, and leaves no file', async () => {
    const folder = project();
    const words = ['test', '--cases', '--pipeline', 'shop', '--project', folder];
    const before = readdirSync(folder, { recursive: true });
    const { cases } = await eltJson<Printed>([...words, '--histories', '2'], { cwd: folder });
    expect(cases.map(({ name, histories }) => [name, histories])).toEqual([
        ['who has bought', 2],
        ['who has not', 2],
    ]);
    expect(readdirSync(folder, { recursive: true })).toEqual(before);
});

test('a case that fails is status 6, and all of them are listed', async () => {
    const folder = project(CASES.replaceAll('700);\n\n', '701);\n\n').replace('0, null', '1, null'));
    const ran = await elt(['test', '--cases', '--pipeline', 'shop'], { cwd: folder });
    expect(ran.status).toBe(6);
    expect(ran.stdout).toContain('FAILED  customer_totals: who has bought (sql/shop/tests/customer_totals.case.sql:1)');
    expect(ran.stdout).toMatch(/id = 'c1' {2}cents {3}701 {7}700/);
    expect(ran.stdout).toContain('0 of 2 cases passed');
    expect(ran.stderr).toContain(
        'error CASE_FAILED: "customer_totals" does not have the rows that case "who has bought"',
    );
    expect(ran.stderr).toContain('also failed: "who has not"');
    const machine = await elt(['test', '--cases', '--pipeline', 'shop', '--json'], { cwd: folder });
    const { cases } = JSON.parse(machine.stdout.split('\n')[0] ?? '') as Printed;
    expect(cases[0]?.differences).toEqual([{ row: "id = 'c1'", column: 'cents', expected: '701', got: '700' }]);
});

test('elt test runs data tests and cases, of one mart where it is named', async () => {
    const folder = project();
    const inShop = { cwd: folder, env: { ELT_PIPELINE: 'shop' } };
    const sample = [
        '{"action":"I","schema":"public","table":"customer","columns":[{"name":"id","type":"text","value":"c1"},{"name":"name","type":"text","value":"Ann"},{"name":"discount","type":"double precision","value":0.1}],"pk":[{"name":"id","type":"text"}]}',
        '{"action":"I","schema":"public","table":"orders","columns":[{"name":"number","type":"bigint","value":1},{"name":"customer","type":"text","value":"c1"},{"name":"cents","type":"bigint","value":5}],"pk":[{"name":"number","type":"bigint"}]}',
    ];
    writeFileSync(join(folder, 'wal.jsonl'), `${sample.join('\n')}\n`);
    expect(await elt(['run', '--stream', 'wal.jsonl'], inShop)).toMatchObject({ status: 0 });
    const both = await elt(['test', 'customer_totals'], inShop);
    expect(both).toMatchObject({ status: 0 });
    expect(both.stdout).toMatch(/3 of 3 data tests passed .*\n\nok {6}customer_totals: who has bought\n/);
    const other = await elt(['test', 'good_customers'], inShop);
    expect(other.stdout).not.toContain('case');
    const none = await elt(['test', '--cases', 'good_customers'], inShop);
    expect(none).toMatchObject({ status: 0, stdout: 'there are no cases\n' });
    const wrong = await elt(['test', '--cases', 'good_customer'], inShop);
    expect(wrong.status).toBe(2);
    expect(wrong.stderr).toContain('did you mean "good_customers"?');
    // The cases have not touched the database.
    expect(readFileSync(join(folder, 'sql', 'shop', 'tests', 'customer_totals.case.sql'), 'utf8')).toBe(CASES);
    expect(await elt(['transform', '--dry-run'], inShop)).toMatchObject({
        stdout: expect.not.stringContaining('full'),
    });
});

test.each([
    ['--seed', 'x'],
    ['--histories', '-1'],
])('%s %s is refused', async (option, value) => {
    const ran = await elt(['test', '--cases', '--pipeline', 'shop', `${option}=${value}`], { cwd: project() });
    expect(ran).toMatchObject({ status: 2, stdout: '' });
});
