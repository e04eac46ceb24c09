import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';
import type { Psql } from '../support/psql.ts';
import type { Random } from '../support/random.ts';
import type { Elt } from './elt.ts';

const MARK_PREFIX = 'oracle-mark';
const SETTLE_MS_MAX = 60_000;
export interface SourceName {
    readonly schema: string;
    readonly name: string;
}

/** An `elt follow` beside the workload: it is killed and started again now and then. Owns its process; `stop` ends it. */
export class LiveFollower {
    /** Tables that came to be followed later: what is staged of them begins with a copy. */
    readonly copiedLater = new Set<string>();
    readonly plugin: 'pgoutput' | 'wal2json';
    readonly #elt: Elt;
    readonly #address: string;
    readonly #session: Psql;
    readonly #random: Random;
    #child: ChildProcess | null = null;
    #said = '';
    #marks = 0;

    constructor(elt: Elt, address: string, session: Psql, random: Random) {
        this.plugin = random.chance(75) ? 'pgoutput' : 'wal2json';
        this.#elt = elt;
        this.#address = address;
        this.#session = session;
        this.#random = random;
    }

    /** Copies what is there, and returns when the stream has begun. */
    async begin(): Promise<void> {
        await this.#elt.run(['follow', this.#address, '--until-caught-up', '--plugin', this.plugin]);
    }

    /** Before a piece of history: it runs, or does not; or it ends meanwhile, by a signal that may not be caught. */
    async accompany(piece: () => Promise<void>): Promise<void> {
        if (this.#random.chance(15)) {
            await this.stop('SIGTERM');
        }
        if (this.#random.chance(85)) {
            this.#start();
        }
        if (this.#random.chance(20)) {
            const delay = this.#random.int(0, 400);
            await Promise.all([piece(), sleep(delay).then(() => this.stop('SIGKILL'))]);
        } else {
            await piece();
        }
    }

    /** Waits until everything that is committed has landed, tables that are new too. */
    async settle(): Promise<void> {
        this.#start();
        await this.#reachMark();
        const added = await this.#unknownTables();
        if (added.length > 0) {
            const words = added.map(({ schema, name }) => `${schema}.${name}`);
            await this.#elt.run(['source', 'resnapshot', '--', ...words]);
            for (const { schema, name } of added) {
                this.copiedLater.add(JSON.stringify([schema, name]));
            }
            await this.#until(
                () => this.#count("select count(*) from elt_source_tables where state <> 'streaming'") === 0,
            );
            await this.#reachMark();
        }
    }

    async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
        const child = this.#child;
        this.#child = null;
        if (child !== null && child.exitCode === null && child.signalCode === null) {
            child.kill(signal);
            await once(child, 'close');
        }
    }

    #start(): void {
        if (this.#child !== null) {
            return;
        }
        const child = spawn(
            process.execPath,
            [...this.#elt.words(['follow', this.#address, '--every', '20ms', '--plugin', this.plugin])],
            {
                stdio: ['ignore', 'pipe', 'pipe'],
            },
        );
        const hear = (text: Buffer): void => {
            this.#said = (this.#said + text).slice(-4_000);
        };
        child.stdout.on('data', hear);
        child.stderr.on('data', hear);
        this.#child = child;
    }

    async #reachMark(): Promise<void> {
        const mark = `${++this.#marks}`;
        await this.#session.sql(`select pg_logical_emit_message(true, '${MARK_PREFIX}', '${mark}');`);
        const query = `select count(*) from elt_messages where prefix = '${MARK_PREFIX}' and content = '${mark}'`;
        await this.#until(() => this.#count(query) > 0);
        // Models that are too much for the landing's transaction run after it.
        await this.#until(() => this.#modelsBehind() === 0);
    }

    async #until(isSo: () => boolean): Promise<void> {
        for (const end = performance.now() + SETTLE_MS_MAX; !isSo(); ) {
            const child = this.#child;
            if (child === null || child.exitCode !== null || performance.now() > end) {
                throw new Error(`the follower did not come so far (status ${child?.exitCode}):\n${this.#said}`);
            }
            await sleep(10);
        }
    }

    /** Current tables that have not taken in what has landed, and what keeps models from running. */
    #modelsBehind(): number {
        const database = new Database(this.#elt.options.database, { readonly: true });
        try {
            database.exec('begin');
            const errors = database
                .prepare('select count(*) from elt_sources where error is not null')
                .pluck()
                .get() as number;
            const models = database
                .prepare(`select model, watermark from elt_watermarks where model glob 'current_*'`)
                .all() as { readonly model: string; readonly watermark: number }[];
            const behind = models.filter(({ model, watermark }) => {
                const staging = `"stg_${model.slice('current_'.length).replaceAll('"', '""')}"`;
                const sql = `select exists (select 1 from ${staging}, elt_stream where _seq > ? and _seq <= whole_seq)`;
                return database.prepare(sql).pluck().get(watermark) === 1;
            });
            return errors + behind.length;
        } finally {
            database.close();
        }
    }

    #count(sql: string): number {
        const database = new Database(this.#elt.options.database, { readonly: true });
        try {
            return database.prepare(sql).pluck().get() as number;
        } finally {
            database.close();
        }
    }

    /** Tables of the source that are not followed: made since, or renamed. */
    async #unknownTables(): Promise<readonly SourceName[]> {
        const kinds = this.plugin === 'pgoutput' ? `relkind in ('r', 'p') and not relispartition` : `relkind = 'r'`;
        const there = await this.#session.rows<SourceName>(
            `select nspname as schema, relname as name from pg_class join pg_namespace on pg_namespace.oid = relnamespace
                where ${kinds} and relpersistence = 'p' and nspname !~ '^(pg_|information_schema$)' order by 1, 2`,
        );
        const database = new Database(this.#elt.options.database, { readonly: true });
        try {
            const known = database
                .prepare('select json_array(schema_name, table_name) from elt_source_tables')
                .pluck()
                .all() as string[];
            return there.filter(({ schema, name }) => !known.includes(JSON.stringify([schema, name])));
        } finally {
            database.close();
        }
    }
}
