import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { Cluster } from '../support/postgres.ts';
import type { Psql } from '../support/psql.ts';
import { Random } from '../support/random.ts';
import { capture, createSlot, REPLAY_SLOT } from './capture.ts';
import { compareCurrent, compareStaging } from './compare-current.ts';
import { compareMetrics, postgresMetrics } from './compare-metrics.ts';
import { compareRebuilt } from './compare-rebuilt.ts';
import { compareReplay } from './compare-replay.ts';
import { Coverage } from './coverage.ts';
import type { Difference } from './difference.ts';
import { Elt } from './elt.ts';
import { generateRelations } from './generate-relations.ts';
import { LiveFollower } from './live-follower.ts';
import { PAYMENTS_RELATIONS, PAYMENTS_TYPES_SQL } from './payments-relations.ts';
import type { PlayedWorld } from './played-world.ts';
import { type PostgresTable, postgresRows, postgresTables } from './postgres-rows.ts';
import { Replay } from './replay.ts';
import { scaffoldMissing } from './scaffold-missing.ts';
import { WORLD_TYPES_SQL } from './value-types.ts';
import { Workload } from './workload.ts';
import { planWorld, type WorldPlan } from './world-plan.ts';

/**
 * The history of a world, followed through a slot of its own while it is written: no files, and no wal2json but for the
 * replay. The follower is killed and started again at random. Owns the database, the slots and a temporary folder.
 */
export class LiveWorld implements PlayedWorld {
    readonly coverage = new Coverage();
    readonly plan: WorldPlan;
    readonly folder: string;
    readonly #cluster: Cluster;
    readonly #session: Psql;
    readonly #otherSession: Psql;
    readonly #workload: Workload;
    readonly #replay = new Replay(this.coverage);
    readonly #delivery: Random;
    readonly #elt: Elt;
    readonly #follower: LiveFollower;
    /** Tables with partitions and their partitions, those that are gone too. */
    readonly #parted = new Set<string>();
    #hasBegun = false;

    private constructor(cluster: Cluster, plan: WorldPlan, session: Psql) {
        const random = new Random(plan.seed);
        this.plan = plan;
        this.#cluster = cluster;
        this.#session = session;
        this.#otherSession = cluster.connect(plan.database);
        this.folder = mkdtempSync(join(tmpdir(), 'elt-oracle-'));
        const project = plan.pipeline === 'payments' ? undefined : join(this.folder, 'project');
        mkdirSync(join(this.folder, 'project', 'sql', plan.pipeline), { recursive: true });
        this.#elt = new Elt({ database: join(this.folder, 'oracle.db'), pipeline: plan.pipeline, project });
        this.#workload = new Workload({
            session,
            otherSession: this.#otherSession,
            random: random.fork(),
            coverage: this.coverage,
            truncates: true,
            typesSql: WORLD_TYPES_SQL + PAYMENTS_TYPES_SQL,
        });
        this.#delivery = random.fork();
        this.#follower = new LiveFollower(this.#elt, cluster.address(plan.database), session, random.fork());
    }

    static async open(cluster: Cluster, seed: number): Promise<LiveWorld> {
        const plan = planWorld(seed);
        const session = await cluster.createDatabase(plan.database);
        const world = new LiveWorld(cluster, plan, session);
        await createSlot(session, REPLAY_SLOT, plan.database);
        const isPayments = plan.pipeline === 'payments';
        world.coverage.hit(isPayments ? 'payments tables' : 'generated tables');
        await world.#workload.createRelations(
            isPayments ? PAYMENTS_RELATIONS : generateRelations(new Random(seed), 6, seed),
        );
        return world;
    }

    async round(): Promise<Difference[]> {
        if (!this.#hasBegun) {
            await this.#follower.begin();
            this.#hasBegun = true;
        }
        await this.#follower.accompany(() => this.#workload.piece(this.#delivery.int(2, 9)));
        await this.#follower.settle();
        for (const line of await capture(this.#session, REPLAY_SLOT, this.plan.database)) {
            this.#replay.take(line);
        }
        const tables = await postgresTables(this.#session);
        const differences = await compareReplay(this.#session, tables, this.#replay);
        if (differences.length > 0) {
            return differences;
        }
        const roots = await this.#roots(tables);
        const leaves = this.#leaves();
        const streamed = tables.filter((table) => !leaves.has(idOf(table))).map((table) => this.#asSent(table));
        const isScaffolded =
            this.plan.pipeline !== 'payments' &&
            (await scaffoldMissing(this.#elt, [...streamed, ...roots.tables], false));
        if (isScaffolded || this.#delivery.chance(15)) {
            await this.#elt.run(['transform']);
        }
        return await this.#compare(streamed, roots, leaves);
    }

    /** What is too slow for each round: a rebuilt copy, and elt's own verification. */
    async finish(): Promise<Difference[]> {
        await this.#follower.stop();
        await this.#elt.run(['verify']);
        this.coverage.hit('rebuilt database');
        const marts = this.plan.pipeline === 'payments' ? ['metrics'] : [];
        return await compareRebuilt(this.#elt, join(this.folder, 'rebuilt.db'), marts);
    }

    async close(keep = false): Promise<void> {
        await this.#follower.stop('SIGKILL');
        await this.#session.close();
        await this.#otherSession.close();
        await this.#cluster.dropDatabase(this.plan.database);
        if (!keep) {
            rmSync(this.folder, { recursive: true, force: true });
        }
    }

    async #compare(
        streamed: readonly PostgresTable[],
        roots: { readonly tables: readonly PostgresTable[]; readonly replay: Replay },
        leaves: ReadonlySet<string>,
    ): Promise<Difference[]> {
        const metrics = this.plan.pipeline === 'payments' ? await postgresMetrics(this.#session) : undefined;
        const database = new Database(this.#elt.options.database, { readonly: true });
        try {
            const staged = {
                tables: this.#replay.tables.filter(
                    (table) =>
                        !leaves.has(idOf(table)) && !this.#follower.copiedLater.has(idOf(table)) && !table.historyLost,
                ),
            };
            const told = streamed.filter(({ schema, name }) => !this.#replay.table(schema, name).historyLost);
            return [
                ...compareStaging(database, staged, true),
                ...compareCurrent(database, told, this.#replay, {
                    scaffolded: true,
                    keepsNaN: this.#follower.plugin === 'pgoutput',
                }),
                ...compareCurrent(database, roots.tables, roots.replay, { scaffolded: true, keepsNaN: true }),
                ...(metrics === undefined ? [] : compareMetrics(metrics, database)),
            ];
        } finally {
            database.close();
        }
    }

    /** Partitions come under the name of their whole: of both the plugin of the replay tells otherwise. */
    #leaves(): ReadonlySet<string> {
        for (const { schema, name, partitions } of this.#workload.relations) {
            const parts = this.#follower.plugin === 'wal2json' ? [] : partitions;
            for (const part of partitions === undefined ? [] : [name, ...(parts ?? [])]) {
                this.#parted.add(idOf({ schema, name: part }));
            }
        }
        return this.#parted;
    }

    /** Generated columns are in wal2json's stream, and not in the other. */
    #asSent(table: PostgresTable): PostgresTable {
        const relation = this.#workload.relations.find(
            ({ schema, name }) => schema === table.schema && name === table.name,
        );
        const generated =
            relation?.columns.filter((column) => column.generated !== undefined).map(({ name }) => name) ?? [];
        const columns = table.columns.filter(({ name }) => !generated.includes(name));
        return this.#follower.plugin === 'wal2json' ? table : { ...table, columns };
    }

    /** Each partitioned table as PostgreSQL has it: where the stream tells all of its parts, so it must be here. */
    async #roots(tables: readonly PostgresTable[]): Promise<{ tables: PostgresTable[]; replay: Replay }> {
        const replay = new Replay(new Coverage());
        const roots: PostgresTable[] = [];
        for (const { schema, name, partitions = [] } of this.#workload.relations) {
            const parts = partitions.map((part) => this.#replay.table(schema, part));
            const leaf = tables.find((table) => table.schema === schema && table.name === partitions[0]);
            const isTold = parts.every(({ rows, untold, historyLost }) => {
                return !untold && !historyLost && rows.every(({ stale, partial }) => stale.size === 0 && !partial);
            });
            if (this.#follower.plugin === 'wal2json' || leaf === undefined || !isTold) {
                continue;
            }
            const root = { ...leaf, name };
            const replayed = replay.table(schema, name);
            for (const cells of await postgresRows(this.#session, root)) {
                replayed.rows.push({ cells, stale: new Set(), partial: false });
            }
            replayed.operations.insert = parts.reduce((sum, { operations }) => sum + operations.insert, 0);
            roots.push(root);
        }
        return { tables: roots, replay };
    }
}

function idOf({ schema, name }: { readonly schema: string; readonly name: string }): string {
    return JSON.stringify([schema, name]);
}
