import type { Cluster } from '../support/postgres.ts';
import type { Psql } from '../support/psql.ts';
import { Random } from '../support/random.ts';

/** Tables with every kind of identity, a value that TOAST keeps outside, and one that only grows. */
export const WRITTEN_TABLES = `
    create table ledger (id bigserial primary key, words text, at timestamptz default clock_timestamp());
    create table items (id int primary key, name text, price numeric(10,2), body text, flag boolean);
    create table pairs (a int, b int, words text, primary key (a, b));
    create table wholes (id int primary key, words text, body text);
    create table events (id bigserial, kind text);
    alter table wholes replica identity full;
    alter table items alter column body set storage external;
    alter table wholes alter column body set storage external;
    insert into ledger (words) select 'first ' || i from generate_series(1, 20000) as i;
    insert into items select i, 'item ' || i, i * 1.25, repeat(md5(i::text), 90), i % 3 = 0 from generate_series(1, 400) as i;
    insert into pairs select i, i % 7, 'pair ' || i from generate_series(1, 500) as i;
    insert into wholes select i, 'whole ' || i, repeat(md5(i::text), 80) from generate_series(1, 200) as i;
    insert into events (kind) select 'kind ' || i % 5 from generate_series(1, 300) as i;`;

/** Sessions that write at random, side by side, until they are stopped. The same seed writes the same statements. */
export class Writers {
    transactions = 0;
    readonly #connect: () => Psql;
    readonly #sessions: Psql[];
    #isStopped = false;
    #running: Promise<void>[] = [];

    constructor(cluster: Cluster, database: string, count = 3) {
        this.#connect = () => cluster.connect(database);
        this.#sessions = Array.from({ length: count }, this.#connect);
    }

    start(seed: number, pauseMs = 4): void {
        this.#isStopped = false;
        this.#running = this.#sessions.map((_, index) => this.#write(index, new Random(seed * 31 + index), pauseMs));
    }

    /** Waits until each has ended its transaction. */
    async stop(): Promise<void> {
        this.#isStopped = true;
        await Promise.all(this.#running);
        this.#running = [];
    }

    async close(): Promise<void> {
        await this.stop();
        await Promise.all(this.#sessions.map((session) => session.close()));
    }

    async #write(index: number, random: Random, pauseMs: number): Promise<void> {
        while (!this.#isStopped) {
            const session = this.#sessions[index] as Psql;
            try {
                await session.sql(transaction(random));
                this.transactions++;
            } catch {
                // Two of them met at a row; or the server has ended the session.
                await session.sql('rollback;').catch(() => {
                    this.#sessions[index] = this.#connect();
                });
            }
            await new Promise((resolve) => setTimeout(resolve, random.int(0, pauseMs)));
        }
    }
}

function transaction(random: Random): string {
    const statements = Array.from({ length: random.int(1, 6) }, () => statement(random));
    const end = random.chance(10) ? 'rollback;' : 'commit;';
    return random.chance(40) ? `${statements[0]}` : `begin; ${statements.join(' ')} ${end}`;
}

function statement(random: Random): string {
    const id = random.int(1, 600);
    const text = `'${random.hex(random.int(1, 12))}'`;
    return random.pick([
        () => `insert into ledger (words) values (${text}), (${text});`,
        () => `insert into ledger (words) values (${text});`,
        () => `insert into events (kind) values (${text});`,
        () =>
            `insert into items values (${id}, ${text}, ${id}.5, repeat(md5(${text}), 90), null) on conflict do nothing;`,
        // The long value stays where it is, and is not sent.
        () => `update items set price = ${random.int(0, 9_999)}.25, flag = not flag where id = ${id};`,
        () => `update items set body = repeat(md5(${text}), ${random.int(1, 95)}) where id = ${id};`,
        () =>
            `update items set id = ${id + 1_000} where id = ${id} and not exists (select from items where id = ${id + 1_000});`,
        () =>
            `update items set id = ${id} where id = ${id + 1_000} and not exists (select from items where id = ${id});`,
        () => `delete from items where id = ${id};`,
        () => `update pairs set b = ${random.int(8, 30)}, words = ${text} where a = ${id} and b < 8;`,
        () =>
            `insert into pairs values (${id}, ${random.int(0, 40)}, ${text}) on conflict (a, b) do update set words = excluded.words;`,
        () => `delete from pairs where a = ${id};`,
        () => `update wholes set words = ${text} where id = ${id};`,
        () => `update wholes set id = -id where id = ${id};`,
        () => `insert into wholes values (${id}, ${text}, repeat(md5(${text}), 70)) on conflict do nothing;`,
        () => `delete from wholes where id = ${id};`,
        () => (random.chance(3) ? 'truncate pairs;' : `update items set name = ${text} where id = ${id};`),
    ])();
}
