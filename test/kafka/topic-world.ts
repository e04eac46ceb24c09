import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { elt, type Ran, startElt, workFolder } from '../support/elt.ts';
import { Following } from '../support/follow-world.ts';
import type { Broker } from '../support/kafka-broker.ts';

export const PIPELINE = 'shop';

/** A project, and a SQLite file that follows topics of a broker. */
export class TopicWorld {
    readonly broker: Broker;
    readonly folder = workFolder();
    readonly #following: Following[] = [];

    constructor(broker: Broker, sources: Readonly<Record<string, string>> = {}) {
        this.broker = broker;
        mkdirSync(join(this.folder, 'sql', PIPELINE, 'sources'), { recursive: true });
        mkdirSync(join(this.folder, 'migrations', PIPELINE), { recursive: true });
        for (const [table, text] of Object.entries(sources)) {
            writeFileSync(join(this.folder, 'sql', PIPELINE, 'sources', `${table}.sql`), text);
        }
    }

    get file(): string {
        return join(this.folder, `${PIPELINE}.db`);
    }

    elt(words: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ran> {
        return elt([...this.#common(), ...words], { cwd: this.folder, env });
    }

    /** `elt …`, which must end with that status. */
    async ran(words: readonly string[], status = 0): Promise<Ran> {
        const ran = await this.elt(words);
        if (ran.status !== status) {
            throw new Error(`elt ${words.join(' ')} ended with ${ran.status}:\n${ran.stdout}\n${ran.stderr}`);
        }
        return ran;
    }

    /** Lands what the topics hold now. */
    async load(topics: readonly string[], words: readonly string[] = [], status = 0): Promise<Ran> {
        return await this.ran(['load', this.broker.address(...topics), '--until-end', ...words], status);
    }

    /** Starts `elt follow`. */
    follow(
        topics: readonly string[],
        words: readonly string[] = [],
        env: Readonly<Record<string, string>> = {},
    ): Following {
        return this.followAt(this.broker.address(...topics), words, env);
    }

    /** The same by an address of one's own. */
    followAt(address: string, words: readonly string[], env: Readonly<Record<string, string>> = {}): Following {
        const all = [...this.#common(), 'follow', address, ...words];
        const following = new Following(startElt(all, { cwd: this.folder, env }));
        this.#following.push(following);
        return following;
    }

    /** Rows of the SQLite file; none where it, or the table, is not there yet. */
    rows<Row = Record<string, unknown>>(sql: string, ...values: readonly unknown[]): readonly Row[] {
        try {
            return this.#read(true, sql, values) as Row[];
        } catch (error) {
            if (/no such table|unable to open/.test(String(error))) {
                return [];
            }
            // Killed while its journal changed: SQLite puts that right, and must write for it.
            if ((error as { code?: unknown }).code === 'SQLITE_READONLY_ROLLBACK') {
                return this.#read(false, sql, values) as Row[];
            }
            throw error;
        }
    }

    #read(readonly: boolean, sql: string, values: readonly unknown[]): readonly unknown[] {
        const database = new Database(this.file, { readonly, fileMustExist: true });
        try {
            return database.prepare(sql).all(...values);
        } finally {
            database.close();
        }
    }

    count(table: string): number {
        return this.rows<{ n: number }>(`select count(*) as n from "${table}"`)[0]?.n ?? 0;
    }

    /** Where each partition is read on: `topic/0@12`. */
    offsets(): readonly string[] {
        return this.rows<{ place: string }>(
            `select topic || '/' || partition || '@' || next_offset as place
            from elt_topic_partitions order by topic, partition`,
        ).map(({ place }) => place);
    }

    async close(): Promise<void> {
        for (const { child } of this.#following) {
            child.kill('SIGKILL');
        }
        await Promise.all(this.#following.map((one) => one.ended()));
    }

    #common(): readonly string[] {
        return ['--project', this.folder, '--pipeline', PIPELINE];
    }
}
