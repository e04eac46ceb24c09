import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { Cluster } from '../support/postgres.ts';
import type { Psql } from '../support/psql.ts';
import { Random } from '../support/random.ts';
import { capture, createSlot, REPLAY_SLOT, type Slot } from './capture.ts';
import { compareCurrent, compareStaging } from './compare-current.ts';
import { compareMetrics } from './compare-metrics.ts';
import { compareRebuilt } from './compare-rebuilt.ts';
import { compareReplay } from './compare-replay.ts';
import { Coverage } from './coverage.ts';
import { Deliverer } from './delivery.ts';
import type { Difference } from './difference.ts';
import { Elt } from './elt.ts';
import { generateRelations } from './generate-relations.ts';
import { PAYMENTS_RELATIONS, PAYMENTS_TYPES_SQL } from './payments-relations.ts';
import { type PostgresTable, postgresTables } from './postgres-rows.ts';
import { Replay } from './replay.ts';
import { scaffoldMissing } from './scaffold-missing.ts';
import { WORLD_TYPES_SQL } from './value-type.ts';
import { Workload } from './workload.ts';
import { planWorld, type WorldPlan } from './world-plan.ts';

/**
 * One history: a PostgreSQL database of its own, the slots on it, the workload, and the SQLite file that follows.
 * The same seed writes the same history. Owns the database, the slots and a temporary folder; `close` removes them.
 */
export class World {
    readonly coverage = new Coverage();
    readonly plan: WorldPlan;
    readonly folder: string;
    readonly #cluster: Cluster;
    readonly #session: Psql;
    readonly #otherSession: Psql;
    readonly #workload: Workload;
    readonly #replay = new Replay(this.coverage);
    readonly #slot: Slot;
    readonly #deliverer: Deliverer;
    readonly #delivery: Random;
    readonly #elt: Elt | undefined;

    private constructor(cluster: Cluster, plan: WorldPlan, session: Psql, withElt: boolean) {
        const random = new Random(plan.seed);
        this.plan = plan;
        this.#cluster = cluster;
        this.#session = session;
        this.#otherSession = cluster.connect(plan.database);
        this.#slot = { name: 'elt', options: plan.captureOptions };
        this.folder = mkdtempSync(join(tmpdir(), 'elt-oracle-'));
        const project = plan.pipeline === 'payments' ? undefined : join(this.folder, 'project');
        mkdirSync(join(this.folder, 'project', 'sql', plan.pipeline), { recursive: true });
        const database = join(this.folder, 'oracle.db');
        this.#elt = withElt ? new Elt({ database, pipeline: plan.pipeline, project }) : undefined;
        const typesSql = WORLD_TYPES_SQL + PAYMENTS_TYPES_SQL;
        this.#workload = new Workload({
            session,
            otherSession: this.#otherSession,
            random: random.fork(),
            coverage: this.coverage,
            truncates: plan.format === 2,
            typesSql,
        });
        this.#delivery = random.fork();
        this.#deliverer = new Deliverer(this.folder, this.#delivery, this.coverage, plan.positions);
    }

    static async open(cluster: Cluster, seed: number, withElt: boolean): Promise<World> {
        const plan = planWorld(seed);
        const session = await cluster.createDatabase(plan.database);
        const world = new World(cluster, plan, session, withElt);
        await createSlot(session, REPLAY_SLOT, plan.database);
        await createSlot(session, world.#slot, plan.database);
        for (const name of plan.cases) {
            world.coverage.hit(name);
        }
        const relations =
            plan.pipeline === 'payments' ? PAYMENTS_RELATIONS : generateRelations(new Random(seed), 6, seed);
        await world.#workload.createRelations(relations);
        return world;
    }

    /** One piece of history, delivered and compared. An empty answer: no difference. */
    async round(): Promise<Difference[]> {
        await this.#workload.piece(this.#delivery.int(2, 9));
        for (const row of await capture(this.#session, REPLAY_SLOT, this.plan.database)) {
            this.#replay.take(row);
        }
        const tables = await postgresTables(this.#session);
        const differences = await compareReplay(this.#session, tables, this.#replay);
        const rows = await this.#capture();
        if (this.#elt === undefined || differences.length > 0) {
            this.#deliverer.deliver(rows);
            return differences;
        }
        await this.#follow(this.#elt, rows, tables);
        return await this.#compare(this.#elt, tables);
    }

    /** What is too slow for each round: a rebuilt copy, and elt's own verification. */
    async finish(): Promise<Difference[]> {
        if (this.#elt === undefined) {
            return [];
        }
        await this.#elt.run(['verify']);
        this.coverage.hit('rebuilt database');
        return await compareRebuilt(this.#elt, join(this.folder, 'rebuilt.db'), this.#marts());
    }

    async close(): Promise<void> {
        await this.#session.close();
        await this.#otherSession.close();
        await this.#cluster.dropDatabase(this.plan.database);
        rmSync(this.folder, { recursive: true, force: true });
    }

    /** Layout options may change from piece to piece, whereas what the rows carry stays. */
    async #capture(): Promise<{ rows: string[]; whole: boolean }> {
        const random = this.#delivery;
        const layout = this.plan.format === 2 ? 'plain' : random.pick(['plain', 'plain', 'pretty', 'chunks'] as const);
        const more = { plain: {}, pretty: { 'pretty-print': '1' }, chunks: { 'write-in-chunks': '1' } }[layout];
        if (layout !== 'plain') {
            this.coverage.hit(layout === 'pretty' ? 'pretty-printed' : 'chunked output');
        }
        const rows = await capture(
            this.#session,
            { ...this.#slot, options: { ...this.#slot.options, ...more } },
            this.plan.database,
        );
        return { rows, whole: layout !== 'chunks' };
    }

    async #follow(
        elt: Elt,
        captured: { rows: string[]; whole: boolean },
        tables: readonly PostgresTable[],
    ): Promise<void> {
        const deliveries = this.#deliverer.deliver(captured);
        const generated = this.plan.pipeline !== 'payments';
        for (const { path, byStandardInput, asNew } of deliveries) {
            const source = [...(asNew ? ['--as-new'] : []), byStandardInput ? '-' : path];
            const standardInput = byStandardInput ? path : undefined;
            if (this.#delivery.chance(50)) {
                this.coverage.hit('load and transform apart');
                await elt.run(['migrate']);
                await elt.run(['load', ...source], standardInput);
                if (this.#delivery.chance(40)) {
                    await elt.run(['transform']);
                }
            } else {
                await elt.run(['run', ...source], standardInput);
            }
        }
        if (deliveries.length === 0) {
            this.coverage.hit('nothing new');
            await elt.run(['migrate']);
        }
        if (generated && (await scaffoldMissing(elt, tables, this.#delivery.chance(10)))) {
            this.coverage.hit('scaffold again');
        }
        await elt.run(['transform']);
    }

    async #compare(elt: Elt, tables: readonly PostgresTable[]): Promise<Difference[]> {
        const database = new Database(elt.options.database, { readonly: true });
        try {
            const truncates = this.plan.format === 2;
            return [
                ...compareStaging(database, this.#replay, truncates),
                ...compareCurrent(database, tables, this.#replay),
                ...(this.plan.pipeline === 'payments' ? await compareMetrics(this.#session, database) : []),
            ];
        } finally {
            database.close();
        }
    }

    #marts(): readonly string[] {
        return this.plan.pipeline === 'payments' ? ['metrics'] : [];
    }
}
