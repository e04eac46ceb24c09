import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { type PostgresTable, postgresTables } from '../oracle/postgres-rows.ts';
import { elt, type Ran, startElt, workFolder } from './elt.ts';
import type { Cluster } from './postgres.ts';
import type { Psql } from './psql.ts';

export const PIPELINE = 'shop';
const WAIT_MS_MAX = 45_000;

/** An `elt follow` under way. */
export class Following {
    readonly child: ChildProcess;
    stdout = '';
    stderr = '';
    readonly #closed: Promise<void>;
    status: number | null = null;
    signal: NodeJS.Signals | null = null;

    constructor(child: ChildProcess) {
        this.child = child;
        child.stdout?.on('data', (chunk: Buffer) => {
            this.stdout += chunk;
        });
        child.stderr?.on('data', (chunk: Buffer) => {
            this.stderr += chunk;
        });
        this.#closed = once(child, 'close').then(([status, signal]) => {
            this.status = status as number | null;
            this.signal = signal as NodeJS.Signals | null;
        });
    }

    /** Everything that it has printed. */
    get printed(): string {
        return this.stdout + this.stderr;
    }

    async ended(): Promise<this> {
        await this.#closed;
        return this;
    }

    /** Sends the signal and waits for the end; how long it took. */
    async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number> {
        const began = performance.now();
        this.child.kill(signal);
        await this.#closed;
        return performance.now() - began;
    }

    /** Waits until it has printed that. */
    async says(text: string | RegExp): Promise<void> {
        await until(
            () => (typeof text === 'string' ? this.printed.includes(text) : text.test(this.printed)),
            () => {
                return `"${text}" in:\n${this.printed}`;
            },
        );
    }
}

/** Waits until `isSo` holds; throws with `what` was awaited when it never does. */
export async function until(
    isSo: () => boolean | Promise<boolean>,
    what: () => string,
    waitMs = WAIT_MS_MAX,
): Promise<void> {
    for (const end = performance.now() + waitMs; performance.now() < end; ) {
        if (await isSo()) {
            return;
        }
        await sleep(25);
    }
    throw new Error(`in vain awaited: ${what()}`);
}

/** A PostgreSQL database with a project and a SQLite file that follows it. */
export class FollowWorld {
    /** Another one may take its place. */
    cluster: Cluster;
    readonly name: string;
    readonly folder = workFolder();
    session: Psql;
    readonly #following: Following[] = [];

    private constructor(cluster: Cluster, name: string, session: Psql) {
        this.cluster = cluster;
        this.name = name;
        this.session = session;
        mkdirSync(join(this.folder, 'sql', PIPELINE), { recursive: true });
        mkdirSync(join(this.folder, 'migrations', PIPELINE), { recursive: true });
    }

    static async open(cluster: Cluster, name: string, sql: string, more = ''): Promise<FollowWorld> {
        const session = await cluster.createDatabase(name, more);
        await session.sql(sql);
        return new FollowWorld(cluster, name, session);
    }

    /** After the server was restarted. */
    async reconnect(): Promise<void> {
        await this.session.close();
        this.session = this.cluster.connect(this.name);
    }

    get file(): string {
        return join(this.folder, `${PIPELINE}.db`);
    }

    get address(): string {
        return this.cluster.address(this.name);
    }

    elt(words: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ran> {
        return elt([...this.#common(), ...words], { cwd: this.folder, env: { ELT_SOURCE: this.address, ...env } });
    }

    /** `elt …`, which must end with 0. */
    async ran(words: readonly string[]): Promise<Ran> {
        const ran = await this.elt(words);
        if (ran.status !== 0) {
            throw new Error(`elt ${words.join(' ')} ended with ${ran.status}:\n${ran.stdout}\n${ran.stderr}`);
        }
        return ran;
    }

    /** Starts `elt follow`. */
    follow(words: readonly string[] = [], env: Readonly<Record<string, string>> = {}): Following {
        const options = { cwd: this.folder, env: { ELT_SOURCE: this.address, ...env } };
        const following = new Following(startElt([...this.#common(), 'follow', ...words], options));
        this.#following.push(following);
        return following;
    }

    /** Follows until everything that is committed now has landed. */
    async catchUp(words: readonly string[] = []): Promise<Ran> {
        return await this.ran(['follow', '--until-caught-up', ...words]);
    }

    /** Waits until a follower that runs has landed everything that is committed now. */
    async settled(): Promise<void> {
        const lsn = await this.session.sql('select pg_current_wal_insert_lsn();');
        const query = `select case when end_lsn is null then 0 else 1 end as begun, end_lsn, phase from elt_sources`;
        await until(
            async () => {
                const [row] = this.rows<{ end_lsn: string | null; phase: string }>(query);
                return (
                    row?.end_lsn != null &&
                    row.phase === 'streaming' &&
                    (await this.session.sql(`select '${row.end_lsn}'::pg_lsn >= '${lsn}'::pg_lsn - 40;`)) === 't'
                );
            },
            () => `${lsn} of ${JSON.stringify(this.rows(query))}\n${this.#following.at(-1)?.printed}`,
        );
    }

    /** Waits until a table that was asked for is copied, and its changes come by the stream. */
    async streamed(table: string): Promise<void> {
        const query = 'select state from elt_source_tables where table_name = ?';
        await until(
            () => this.rows<{ state: string }>(query, table)[0]?.state === 'streaming',
            () => `${table} to be streamed: ${this.#following.at(-1)?.printed}`,
        );
    }

    /** Rows of the SQLite file; none where it is not there yet. */
    rows<Row = Record<string, unknown>>(sql: string, ...values: readonly unknown[]): readonly Row[] {
        return this.rowsOf(`${PIPELINE}.db`, sql, ...values);
    }

    /** The same of another file of the folder. */
    rowsOf<Row = Record<string, unknown>>(file: string, sql: string, ...values: readonly unknown[]): readonly Row[] {
        let database: Database.Database | undefined;
        try {
            database = new Database(join(this.folder, file), { readonly: true, fileMustExist: true });
            return database.prepare(sql).all(...values) as Row[];
        } catch (error) {
            if (/no such table|unable to open/.test(String(error))) {
                return [];
            }
            throw error;
        } finally {
            database?.close();
        }
    }

    /** Writes the SQL of current tables for all that has landed, and fills them. */
    async scaffold(): Promise<void> {
        await this.ran(['scaffold', '--all']);
        await this.ran(['transform']);
    }

    /** Each table with a key whose current table is not what PostgreSQL has, with the first rows that differ. */
    async differences(): Promise<readonly string[]> {
        const tables = (await postgresTables(this.session)).filter(({ key }) => key.length > 0);
        const found = await Promise.all(tables.map((table) => this.#difference(table)));
        return found.flat();
    }

    async #difference(table: PostgresTable): Promise<readonly string[]> {
        const { schema, name, columns } = table;
        const list = columns.map(({ name: column, type }) => textOf(column, type)).join(', ');
        const wanted = (await this.session.sql(`select json_build_array(${list}) from "${schema}"."${name}";`))
            .split('\n')
            .filter((line) => line !== '')
            .map((line) => JSON.stringify(JSON.parse(line)))
            .sort();
        const current = schema === 'public' ? `current_${name}` : `current_${schema}__${name}`;
        const names = columns.map(({ name: column }) => `"${column}"`).join(', ');
        const got = this.rows(`select ${names} from "${current}"`)
            .map((row) => JSON.stringify(columns.map(({ name: column, type }) => storedText(row[column], type))))
            .sort();
        const missing = wanted.filter((row) => !got.includes(row)).slice(0, 3);
        const extra = got.filter((row) => !wanted.includes(row)).slice(0, 3);
        return wanted.length === got.length && missing.length === 0 && extra.length === 0
            ? []
            : [`${current}: ${got.length} rows of ${wanted.length}; missing ${missing}; too many ${extra}`];
    }

    /** What is staged of a table that only grows, since it was last copied: rows, different ones, and the source's. */
    async grown(table: string): Promise<readonly [staged: number, distinct: number, source: number]> {
        const [row] = this.rows<{ staged: number; distinct_ids: number }>(
            `select count(*) as staged, count(distinct id) as distinct_ids from "stg_${table}"
            where _seq > (select coalesce(max(_seq), 0) from "stg_${table}" where _op = 'truncate')`,
        );
        const source = Number(await this.session.sql(`select count(*) from "${table}";`));
        return [row?.staged ?? -1, row?.distinct_ids ?? -1, source];
    }

    /** Ends the followers and drops the database with its slots. */
    async close(): Promise<void> {
        await this.end();
        await this.cluster.dropDatabase(this.name);
    }

    /** Ends the followers; the server goes as a whole. */
    async end(): Promise<void> {
        for (const { child } of this.#following) {
            child.kill('SIGKILL');
        }
        await Promise.all(this.#following.map((one) => one.ended()));
        await this.session.close();
    }

    #common(): readonly string[] {
        return ['--project', this.folder, '--pipeline', PIPELINE];
    }
}

function textOf(column: string, type: string): string {
    const name = `"${column.replaceAll('"', '""')}"`;
    return type === 'bytea' ? `encode(${name}, 'hex')` : `${name}::text`;
}

/** What SQLite holds, as PostgreSQL's text of it, for types whose text a number of SQLite's keeps. */
function storedText(value: unknown, type: string): string | null {
    if (value === null || value === undefined) {
        return null;
    }
    if (type === 'boolean') {
        return value === 1 ? 'true' : 'false';
    }
    const scale = /^numeric\(\d+,(\d+)\)$/.exec(type)?.[1];
    return typeof value === 'number' && scale !== undefined ? value.toFixed(Number(scale)) : String(value);
}
