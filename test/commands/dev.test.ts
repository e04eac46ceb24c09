import type { ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { elt, eltJson, startElt, workFolder } from '../support/elt.ts';
import { caseProject } from '../transform/cases/case-project.ts';

/** Three customers, two of whom have bought; all models are up to date. */
async function shop(files: Readonly<Record<string, string>> = {}) {
    const project = caseProject(files);
    // Node keeps compiled code beside other temporary files.
    const temporary = workFolder();
    const inShop = { cwd: project, env: { ELT_PIPELINE: 'shop', TMPDIR: temporary, NODE_COMPILE_CACHE: workFolder() } };
    writeFileSync(
        join(project, 'wal.jsonl'),
        [
            row('customer', { id: 'c1', name: 'Ann', discount: 0.1 }),
            row('customer', { id: 'c2', name: 'Bob', discount: 0.2 }),
            row('customer', { id: 'c3', name: 'Eve', discount: 0 }),
            row('orders', { number: 1, customer: 'c1', cents: 700 }),
            row('orders', { number: 2, customer: 'c1', cents: 800 }),
            row('orders', { number: 3, customer: 'c2', cents: 10 }),
        ].join('\n'),
    );
    expect(await elt(['run', '--stream', 'wal.jsonl'], inShop)).toMatchObject({ status: 0 });
    return { project, temporary, inShop, mart: join(project, 'sql', 'shop', 'marts', 'customer_totals.sql') };
}

function row(table: string, values: Readonly<Record<string, string | number>>): string {
    const type = (name: string, value: string | number): string =>
        name === 'discount' ? 'double precision' : typeof value === 'string' ? 'text' : 'bigint';
    const columns = Object.entries(values).map(([name, value]) => ({ name, type: type(name, value), value }));
    const [key] = columns;
    return JSON.stringify({
        action: 'I',
        schema: 'public',
        table,
        columns,
        pk: [{ name: key?.name, type: key?.type }],
    });
}

function edit(file: string, from: string, to: string): void {
    const text = readFileSync(file, 'utf8');
    expect(text).toContain(from);
    writeFileSync(`${file}.new`, text.replace(from, to));
    // As editors save: a new file takes the old one's name.
    renameSync(`${file}.new`, file);
}

function hashOf(project: string): string {
    return createHash('sha256')
        .update(readFileSync(join(project, 'shop.db')))
        .digest('hex');
}

/** Files that SQLite or elt would leave beside the database, or among temporary ones. */
function leftovers(project: string, temporary: string): readonly string[] {
    return [...readdirSync(project).filter((name) => /-(?:wal|shm|journal)$/.test(name)), ...readdirSync(temporary)];
}

describe('elt dev --once', () => {
    test('says that nothing would run, and leaves the database as it is', async () => {
        const { project, temporary, inShop } = await shop();
        const before = hashOf(project);
        const ran = await elt(['dev', '--once'], inShop);
        expect(ran).toMatchObject({ status: 0, stderr: '' });
        expect(ran.stdout).toMatch(
            /^no model would run: all are up to date\nchecked {2}in .*; nothing was published\n$/,
        );
        expect(hashOf(project)).toBe(before);
        expect(leftovers(project, temporary)).toEqual([]);
    });

    test('shows rows inserted, updated and deleted, old beside new, in all models that are reached', async () => {
        const { project, temporary, inShop, mart } = await shop();
        const before = hashOf(project);
        edit(mart, 'sum(orders.cents) as cents', 'sum(orders.cents) + 300 as cents');
        edit(mart, 'left join current_orders', 'join current_orders');
        const ran = await elt(['dev', '--once'], inShop);
        expect(ran).toMatchObject({ status: 0, stderr: '' });
        expect(ran.stdout).toContain('trying  customer_totals, good_customers\n');
        expect(ran.stdout).toMatch(/\ncustomer_totals {2}edited {23}0 {8}2 {8}1 /);
        expect(ran.stdout).toMatch(/\ngood_customers {3}upstream filled anew {9}0 {8}1 {8}0 /);
        expect(ran.stdout).toContain("\n  ~ id = 'c1'  cents: 1500 -> 1800\n");
        expect(ran.stdout).toContain("\n  - id = 'c3'  name: 'Eve'  orders: 0\n");
        expect(ran.stdout).toContain('6 of 6 data tests pass');
        expect(hashOf(project)).toBe(before);
        expect(leftovers(project, temporary)).toEqual([]);
    });

    test('shows columns that come and go, and a model that is new', async () => {
        const { inShop, project, mart } = await shop();
        edit(
            mart,
            'customer.name, count(orders.number) as orders',
            'count(orders.number) as orders, max(orders.cents) as most',
        );
        edit(mart, 'group by customer.id, customer.name', 'group by customer.id');
        const added = '-- row: one customer\n-- key: id\n-- why: a test\nselect id from current_customer;\n';
        writeFileSync(join(project, 'sql', 'shop', 'marts', 'ids.sql'), added);
        const { stdout } = await elt(['dev', '--once'], inShop);
        expect(stdout).toContain('\n  + column most\n  - column name\n');
        expect(stdout).toMatch(/\nids {14}first run {20}3 {8}0 {8}0 /);
        expect(stdout).toContain("\n  + id = 'c1'\n");
    });

    test.each<[what: string, files: Readonly<Record<string, string>>, code: string, found: string]>([
        [
            'a statement that SQLite refuses',
            { 'marts/good_customers.sql': '-- row: a\n-- key: id\n-- why: b\nselect id, cent from customer_totals;' },
            'SQL_STATEMENT',
            'sql/shop/marts/good_customers.sql:4:12',
        ],
        [
            'a data test that finds rows',
            {
                'tests/customer_totals__poor.sql':
                    '-- why: a\n-- scope: all\nselect id from customer_totals where cents < 100;',
            },
            'TEST_FAILED',
            'id=c2',
        ],
        [
            'a case that fails',
            {
                'tests/good_customers.case.sql':
                    "-- case: a\ninsert into customer_totals (id, cents) values ('c1', 1001);\ninsert into good_customers (id, cents) values ('c1', 1);",
            },
            'CASE_FAILED',
            'cents is 1001; expected 1',
        ],
        [
            'a wrong head',
            { 'marts/good_customers.sql': '-- row: a\n-- kye: id\nselect id from customer_totals;' },
            'SQL_HEADER',
            'sql/shop/marts/good_customers.sql:2',
        ],
    ])('%s is status 6', async (_, files, code, found) => {
        const { inShop, project, mart } = await shop();
        edit(mart, 'left join', 'left outer join');
        for (const [name, text] of Object.entries(files)) {
            mkdirSync(join(project, 'sql', 'shop', name, '..'), { recursive: true });
            writeFileSync(join(project, 'sql', 'shop', name), text);
        }
        const ran = await elt(['dev', '--once'], inShop);
        expect(ran.status).toBe(6);
        expect(ran.stderr).toContain(`error ${code}: `);
        expect(ran.stderr).toContain(found);
        expect(ran.stdout).toMatch(/\nwrong {2}in |^wrong {2}in /);
    });

    test('applies pending migrations on the copy', async () => {
        const { inShop, project } = await shop();
        writeFileSync(
            join(project, 'migrations', 'shop', '0001_create_notes.sql'),
            'create table notes (note text) strict;',
        );
        const ran = await elt(['dev', '--once'], inShop);
        expect(ran.stdout).toContain('would apply  shop/0001_create_notes\n');
        expect((await elt(['migrate', 'status'], inShop)).stdout).toMatch(/0001_create_notes +pending/);
        writeFileSync(join(project, 'migrations', 'shop', '0002_wrong.sql'), 'create tabel notes (note text) strict;');
        const wrong = await elt(['dev', '--once'], inShop);
        expect(wrong.status).toBe(6);
        expect(wrong.stderr).toContain('where:  migrations/shop/0002_wrong.sql:1');
    });

    test('runs the cases where there is no database, or one that is too large', async () => {
        const text =
            "-- case: a\ninsert into customer_totals (id, cents) values ('c1', 1001);\ninsert into good_customers (id) values ('c1');";
        const project = caseProject({ 'tests/good_customers.case.sql': text });
        const inShop = { cwd: project, env: { ELT_PIPELINE: 'shop' } };
        const ran = await elt(['dev', '--once'], inShop);
        expect(ran.status).toBe(0);
        expect(ran.stdout).toMatch(
            /^1 of 1 case pass\nchecked {2}in .*there is no database shop\.db yet: only the cases are run/,
        );
        expect(readdirSync(project)).toEqual(['migrations', 'sql']);
        const large = await shop();
        const limited = await elt(['dev', '--once', '--copy-max', '4KiB'], large.inShop);
        expect(limited.stdout).toContain('shop.db is larger than --copy-max: only the cases are run');
        expect(await elt(['dev', '--once', '--copy-max', 'much'], large.inShop)).toMatchObject({ status: 2 });
    });

    test('--json prints what would change', async () => {
        const { inShop, mart } = await shop();
        edit(mart, 'sum(orders.cents)', 'max(orders.cents)');
        const found = await eltJson<{ models: readonly { model: string; difference: unknown }[] }>(
            ['dev', '--once'],
            inShop,
        );
        expect(found.models.map(({ model, difference }) => ({ model, difference }))).toEqual([
            {
                model: 'customer_totals',
                difference: {
                    inserted: 0,
                    updated: 1,
                    deleted: 0,
                    columnsAdded: [],
                    columnsRemoved: [],
                    samples: [
                        { kind: 'updated', row: "id = 'c1'", columns: [{ name: 'cents', old: '1500', now: '800' }] },
                    ],
                    limit: null,
                },
            },
            expect.objectContaining({
                model: 'good_customers',
                difference: expect.objectContaining({ inserted: 0, deleted: 1 }),
            }),
        ]);
    });
});

/** What a process prints, to be waited for. */
class Printed {
    #text = '';
    #seen = 0;

    constructor(child: ChildProcess) {
        for (const stream of [child.stdout, child.stderr]) {
            stream?.on('data', (chunk: Buffer) => {
                this.#text += chunk.toString('utf8');
            });
        }
    }

    /** What is printed next, up to and with a line like this. */
    async next(pattern: RegExp): Promise<string> {
        const started = performance.now();
        while (performance.now() - started < 20_000) {
            const found = pattern.exec(this.#text.slice(this.#seen));
            if (found !== null) {
                const end = this.#seen + found.index + found[0].length;
                const text = this.#text.slice(this.#seen, end);
                this.#seen = end;
                return text;
            }
            await new Promise((resolve) => setTimeout(resolve, 20));
        }
        throw new Error(`${pattern} was not printed in:\n${this.#text.slice(this.#seen)}`);
    }
}

describe('elt dev', () => {
    test('says on each save what would change, until Ctrl-C', async () => {
        const { project, temporary, inShop, mart } = await shop();
        const before = hashOf(project);
        const child = startElt(['dev'], inShop);
        const closed = new Promise<number | null>((resolve) => child.on('close', resolve));
        const printed = new Printed(child);
        expect(await printed.next(/nothing was published\n/)).toContain('all are up to date');

        edit(mart, 'sum(orders.cents)', 'max(orders.cents)');
        const changed = await printed.next(/nothing was published\n/);
        expect(changed).toMatch(/\d\d:\d\d:\d\d {2}sql\/shop\/marts\/customer_totals\.sql\n/);
        expect(changed).toContain("~ id = 'c1'  cents: 1500 -> 800\n");

        edit(mart, 'max(orders.cents)', 'max(orders.cent)');
        const wrong = await printed.next(/error SQL_STATEMENT[\s\S]*?next: [^\n]*\n/);
        expect(wrong).toContain('where:  sql/shop/marts/customer_totals.sql:5:');
        expect(wrong).toContain('did you mean "cents"?');

        // Others write meanwhile, and what they have published is what the next save is compared with.
        writeFileSync(join(project, 'more.jsonl'), row('orders', { number: 4, customer: 'c2', cents: 5000 }));
        edit(mart, 'max(orders.cent)', 'sum(orders.cents)');
        expect(await printed.next(/nothing was published\n/)).toContain('all are up to date');
        expect(await elt(['run', '--stream', 'more.jsonl'], inShop)).toMatchObject({ status: 0 });
        edit(mart, 'sum(orders.cents)', 'min(orders.cents)');
        expect(await printed.next(/nothing was published\n/)).toContain("~ id = 'c2'  cents: 5010 -> 10\n");
        expect(hashOf(project)).not.toBe(before);
        const after = hashOf(project);

        rmSync(mart);
        expect(await printed.next(/nothing was published\n/)).toContain('trying  good_customers\n');
        child.kill('SIGINT');
        expect(await closed).toBe(0);
        expect(hashOf(project)).toBe(after);
        expect(leftovers(project, temporary)).toEqual([]);
    });

    test('leaves nothing behind when it is killed', async () => {
        const { project, temporary, inShop } = await shop();
        const child = startElt(['dev'], inShop);
        const closed = new Promise((resolve) => child.on('close', resolve));
        await new Printed(child).next(/nothing was published\n/);
        child.kill('SIGKILL');
        await closed;
        expect(readdirSync(temporary)).toEqual([]);
        expect(await elt(['transform'], inShop)).toMatchObject({ status: 0, stdout: 'transformed  nothing new\n' });
        expect(leftovers(project, temporary)).toEqual([]);
    });
});
