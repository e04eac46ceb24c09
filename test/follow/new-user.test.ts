import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clusterForTests, hasPostgres } from '../support/cluster-for-tests.ts';
import { elt, workFolder } from '../support/elt.ts';
import { FollowWorld, PIPELINE } from '../support/follow-world.ts';

const TABLES = `
    create table customers (id bigint primary key, name text not null);
    create table orders (
        id bigint primary key, customer_id bigint not null, total numeric(10,2), note text, "Odd ""name" date,
        twice numeric generated always as (total * 2) stored
    );
    create table visits (page text);
    create schema sales;
    create table sales."group" (a int, b text, words text, primary key (b, a));
    comment on table orders is E'What people order,\\n  once it is paid';
    comment on column orders.total is 'with tax; -- not cents */ ; ''quoted''';
    comment on column orders.note is '${'many words '.repeat(30)}';
    comment on column sales."group".words is E'two\\nlines';
    insert into customers values (1, 'Ada'), (2, 'Grace');
    insert into orders select number, 1 + number % 2, number * 1.5 from generate_series(1, 1000) as number;
    insert into sales."group" values (1, 'x', 'first');
    analyze;`;

/** `elt init --from postgres://…`, and what follows, as somebody does it who sees it for the first time. */
describe.skipIf(!hasPostgres)('a pipeline of a server', () => {
    const cluster = clusterForTests();
    let world: FollowWorld;

    beforeAll(async () => {
        world = await FollowWorld.open(cluster(), 'new_user', TABLES);
        rmSync(join(world.folder, 'sql'), { recursive: true });
        rmSync(join(world.folder, 'migrations'), { recursive: true });
    });
    afterAll(async () => {
        await world.close();
    });

    const init = (words: readonly string[], cwd = world.folder) => elt(['init', PIPELINE, ...words], { cwd });
    const text = (file: string) => readFileSync(join(world.folder, 'sql', PIPELINE, file), 'utf8');
    const inServer = () =>
        world.session.sql(`select (select count(*) from pg_replication_slots), (select count(*) from pg_publication),
            (select count(*) from pg_class);`);

    it('is written from the catalogue alone, and nothing is made in the server', async () => {
        const before = await inServer();
        const ran = await init(['--from', world.address]);
        expect([ran.stderr, ran.status]).toEqual([
            'public.visits stays as changes: the stream names no key for it; once it has landed, "elt --pipeline shop scaffold public.visits --key COLUMN"\n',
            0,
        ]);
        expect(await inServer()).toBe(before);
        expect(existsSync(world.file)).toBe(false);
        expect(readdirSync(join(world.folder, 'sql', PIPELINE, 'upkeep')).sort()).toEqual([
            'current_customers.sql',
            'current_orders.sql',
            'current_sales__group.sql',
            'orders_mart.sql',
        ]);
        expect(text('pipeline.sql')).not.toContain('tables');
        expect(text('upkeep/current_orders.sql')).toContain(
            '-- key: id\n-- why: What people order, once it is paid; total: with tax; -- not cents */ ; ',
        );
        expect(text('upkeep/current_sales__group.sql')).toMatch(/-- key: a, b\n-- why: words: two lines\n/);
        expect(text('marts/orders_mart.sql')).toContain(`    orders.total, -- with tax; -- not cents */ ; 'quoted'\n`);
        expect(text('marts/orders_mart.sql')).not.toContain('twice');
    });

    it('is filled by the first follow, also when its copy is cut short, and its files stay as they are', async () => {
        const cut = await world.elt(['follow', '--until-caught-up'], { ELT_FAILPOINT: 'table copied' });
        expect(cut.status).not.toBe(0);
        await world.catchUp();
        const counts = ['customers', 'orders', 'sales__group'].map(
            (tail) => world.rows<{ n: number }>(`select count(*) as n from current_${tail}`)[0]?.n,
        );
        expect(counts).toEqual([2, 1000, 1]);
    });

    it('says what it has in the shell', () => {
        expect(world.rows(`select count(*) as n, sum(total) as total from orders_mart`)).toEqual([
            { n: 1000, total: 750_750 },
        ]);
    });

    it('needs no other file later', async () => {
        const ran = await world.ran(['scaffold', '--all']);
        expect(ran.stdout.match(/^\w+/gm)).toEqual(['unchanged', 'unchanged', 'unchanged', 'unchanged']);
        await world.session.sql(`update orders set total = 1 where id = 7; alter table customers add column mail text;
            insert into customers values (3, 'Edsger', 'e@x');`);
        await world.catchUp();
        expect(world.rows('select total from orders_mart where id = 7')).toEqual([{ total: 1 }]);
        expect(world.rows('select mail from current_customers where id = 3')).toEqual([{ mail: 'e@x' }]);
        await world.ran(['verify']);
    });

    it('keeps what was said of a table when the file is written anew', async () => {
        await world.session.sql(`alter table orders add column weight int; update orders set weight = 4 where id = 1;`);
        await world.catchUp();
        const before = text('upkeep/current_orders.sql');
        await world.ran(['scaffold', '--all']);
        const after = text('upkeep/current_orders.sql');
        expect(after).toContain('weight integer');
        const head = (file: string) => file.slice(0, file.indexOf('-- scaffold'));
        expect(head(after)).toBe(head(before));
    });

    it('has the tables that were asked for, and follows those alone', async () => {
        const cwd = workFolder();
        const ran = await init(['--from', world.address, '--tables', 'customers', 'sales.*'], cwd);
        expect(ran.status).toBe(0);
        expect(readFileSync(join(cwd, 'sql', PIPELINE, 'pipeline.sql'), 'utf8')).toContain(
            '-- tables: customers\n-- tables: sales.*\n',
        );
        const env = { ELT_SOURCE: world.address };
        const checked = await elt(['--pipeline', PIPELINE, 'source', 'check'], { cwd, env });
        expect(checked.stdout).toContain('2 tables can be followed');
        const followed = await elt(['--pipeline', PIPELINE, 'follow', '--until-caught-up'], { cwd, env });
        expect(followed.stderr).toContain('copied  2 tables, 4 rows');
    });

    it.each([
        { name: 'of an unknown table', words: (from: string) => ['--from', from, '--tables', 'customer'] },
        { name: 'of an unknown database', words: (from: string) => ['--from', from.replace('new_user', 'nobody')] },
    ])('$name leaves nothing behind', async ({ words }) => {
        const cwd = workFolder();
        const ran = await init(words(world.address), cwd);
        expect([ran.status !== 0, readdirSync(cwd)]).toEqual([true, []]);
    });
});
