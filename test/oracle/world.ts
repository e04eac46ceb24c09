import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { Cluster } from '../support/postgres.ts';
import type { Psql } from '../support/psql.ts';
import { Random } from '../support/random.ts';
import { capture, createSlot, REPLAY_SLOT, type Slot } from './capture.ts';
import { compareCurrent, compareStaging } from './compare-current.ts';
import { compareMetrics, postgresMetrics } from './compare-metrics.ts';
import { compareRebuilt } from './compare-rebuilt.ts';
import { compareReplay } from './compare-replay.ts';
import { Coverage } from './coverage.ts';
import { isStop, transformDeciding } from './decide-stops.ts';
import { defaultsSql } from './defaults.ts';
import { Deliverer, type Delivery } from './delivery.ts';
import type { Difference } from './difference.ts';
import { Elt } from './elt.ts';
import { generateRelations } from './generate-relations.ts';
import { PAYMENTS_RELATIONS, PAYMENTS_TYPES_SQL } from './payments-relations.ts';
import type { PlayedWorld } from './played-world.ts';
import { type PostgresTable, postgresTables } from './postgres-rows.ts';
import { Replay } from './replay.ts';
import { scaffoldMissing } from './scaffold-missing.ts';
import { WORLD_TYPES_SQL } from './value-types.ts';
import { Workload } from './workload.ts';
import { planWorld, type WorldPlan } from './world-plan.ts';

/**
 * One history: a PostgreSQL database of its own, the slots on it, the workload, and the SQLite file that follows.
 * The same seed writes the same history. Owns the database, the slots and a temporary folder; `close` removes them.
 */
export class World implements PlayedWorld {
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
        this.#deliverer = new Deliverer(this.folder, this.#delivery, this.coverage, plan);
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
        for (const relation of plan.showsDefaults ? relations : []) {
            await session.sql(defaultsSql(relation, new Random(seed)));
        }
        return world;
    }

    /** One piece of history, delivered and compared. An empty answer: no difference. */
    async round(): Promise<Difference[]> {
        const relations = this.#workload.relations;
        await this.#workload.piece(this.#delivery.int(2, 9));
        const history = await capture(this.#session, REPLAY_SLOT, this.plan.database);
        const deliveries = this.#deliverer.deliver(await this.#capture());
        const tables = await postgresTables(this.#session);

        const between: Difference[] = [];
        if (this.#elt !== undefined) {
            // While the shape of the tables stands still, the state between two deliveries can be told too.
            const steady = relations === this.#workload.relations ? tables : [];
            between.push(...(await this.#follow(this.#elt, deliveries, history, steady)));
        }
        this.#take(history, Number.POSITIVE_INFINITY);
        const differences = await compareReplay(this.#session, tables, this.#replay);
        if (this.#elt === undefined || differences.length > 0) {
            return differences;
        }
        return [...between, ...(await this.#bringUpToDate(this.#elt, tables, deliveries.length))];
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

    /** `keep` leaves the folder with the sources and the SQLite file for a person to look at. */
    async close(keep = false): Promise<void> {
        await this.#session.close();
        await this.#otherSession.close();
        await this.#cluster.dropDatabase(this.plan.database);
        if (!keep) {
            rmSync(this.folder, { recursive: true, force: true });
        }
    }

    /** Layout options may change from piece to piece, whereas what the rows carry stays. */
    async #capture(): Promise<{ rows: string[]; whole: boolean }> {
        const random = this.#delivery;
        const layout =
            this.plan.format === 2 || this.plan.showsDefaults
                ? 'plain'
                : random.pick(['plain', 'plain', 'pretty', 'chunks'] as const);
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

    /** Replays what has not been replayed yet of a piece, up to and with the `commits`-th end of a transaction. */
    #take(history: string[], commits: number): void {
        for (let ended = 0; history.length > 0 && ended < commits; ) {
            const row = history.shift() as string;
            this.#replay.take(row);
            ended += row.startsWith('{"action":"C"') ? 1 : 0;
        }
    }

    async #follow(
        elt: Elt,
        deliveries: readonly Delivery[],
        history: string[],
        steady: readonly PostgresTable[],
    ): Promise<Difference[]> {
        const differences: Difference[] = [];
        let taken = 0;
        for (const [index, delivery] of deliveries.entries()) {
            const transformed = await this.#load(elt, delivery);
            const isBetween =
                index < deliveries.length - 1 && delivery.commits !== undefined && this.plan.showsTransactions;
            if (isBetween && transformed && steady.length > 0) {
                this.#take(history, (delivery.commits ?? 0) - taken);
                taken = delivery.commits ?? 0;
                const found = withDatabase(elt, (database) =>
                    compareCurrent(database, steady, this.#replay, { scaffolded: false }),
                );
                differences.push(
                    ...found.map((difference) => ({
                        ...difference,
                        what: `between two deliveries: ${difference.what}`,
                    })),
                );
                this.coverage.hit('compared between deliveries');
            }
        }
        return differences;
    }

    /** True if the models ran too. */
    async #load(elt: Elt, { path, byStandardInput, asNew, isBatches }: Delivery): Promise<boolean> {
        const source = byStandardInput ? '-' : path;
        const standardInput = byStandardInput ? path : undefined;
        const options = asNew ? ['--as-new'] : [];
        if (this.#delivery.chance(50)) {
            const eachBatch = isBatches && this.#delivery.chance(50);
            if (eachBatch) {
                this.coverage.hit('batch by batch');
            }
            const words = ['run', ...options, ...(eachBatch ? ['--each-batch'] : []), source];
            const isDone = await this.#unlessStopped(elt.run(words, standardInput));
            await this.#sometimesAgain(elt, [isDone ? 'run' : 'load', source], standardInput);
            return isDone;
        }
        this.coverage.hit('load and transform apart');
        await elt.run(['migrate']);
        await elt.run(['load', ...options, source], standardInput);
        await this.#sometimesAgain(elt, ['load', source], standardInput);
        const transforms = this.#delivery.chance(40);
        return transforms && (await this.#unlessStopped(elt.run(['transform'])));
    }

    /** False: a current table stopped where format 1 leaves its key open. What is to be done is decided later. */
    async #unlessStopped(command: Promise<string>): Promise<boolean> {
        try {
            await command;
            return true;
        } catch (error) {
            if (this.plan.format === 1 && isStop(error)) {
                return false;
            }
            throw error;
        }
    }

    /** The same bytes again must land nothing. */
    async #sometimesAgain(elt: Elt, command: readonly string[], standardInput: string | undefined): Promise<void> {
        if (this.#delivery.chance(10)) {
            this.coverage.hit('same source again');
            await elt.run(command, standardInput);
        }
    }

    async #bringUpToDate(elt: Elt, tables: readonly PostgresTable[], deliveries: number): Promise<Difference[]> {
        if (deliveries === 0) {
            this.coverage.hit('nothing new');
            await elt.run(['migrate']);
        }
        if (this.plan.pipeline !== 'payments' && (await scaffoldMissing(elt, tables, this.#delivery.chance(10)))) {
            this.coverage.hit('scaffold again');
        }
        if (this.plan.format === 1) {
            await transformDeciding(elt, tables, this.coverage);
        } else {
            await elt.run(['transform']);
        }
        if (this.#delivery.chance(8)) {
            await elt.run(['verify']);
        }
        return await this.#compare(elt, tables);
    }

    async #compare(elt: Elt, tables: readonly PostgresTable[]): Promise<Difference[]> {
        const metrics = this.plan.pipeline === 'payments' ? await postgresMetrics(this.#session) : undefined;
        return withDatabase(elt, (database) => [
            ...compareStaging(database, this.#replay, this.plan.format === 2),
            ...compareCurrent(database, tables, this.#replay),
            ...(metrics === undefined ? [] : compareMetrics(metrics, database)),
        ]);
    }

    #marts(): readonly string[] {
        return this.plan.pipeline === 'payments' ? ['metrics'] : [];
    }
}

function withDatabase<Answer>(elt: Elt, ask: (database: Database.Database) => Answer): Answer {
    const database = new Database(elt.options.database, { readonly: true });
    try {
        return ask(database);
    } finally {
        database.close();
    }
}
