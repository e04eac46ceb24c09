import type { Psql } from '../support/psql.ts';
import type { Random } from '../support/random.ts';
import type { Coverage, CoverageCase } from './coverage.ts';
import { DRIFT_SCENARIOS } from './drift.ts';
import { createSql, type Relation } from './relation.ts';
import { CHANGE_SCENARIOS, type Scenario } from './scenarios.ts';
import type { Step } from './step.ts';
import { insertRows } from './write-rows.ts';

export interface WorkloadOptions {
    readonly session: Psql;
    /** A second connection, for transactions that run at the same time. */
    readonly otherSession: Psql;
    readonly random: Random;
    readonly coverage: Coverage;
    /** False where the history is captured in format 1, which has no truncates. */
    readonly truncates: boolean;
    readonly typesSql: string;
}

type TransactionKind = (workload: Workload) => Promise<void>;

/**
 * Random transactions on a real database, by seed: the same seed writes the same history into an empty database.
 * Owns its picture of the relations, which follows commits and rollbacks; the rows themselves are asked from PostgreSQL.
 */
export class Workload {
    relations: readonly Relation[] = [];
    readonly options: WorkloadOptions;
    readonly #droppedNames: string[] = [];
    #pending: CoverageCase[] = [];
    #number = 0;

    constructor(options: WorkloadOptions) {
        this.options = options;
    }

    async createRelations(relations: readonly Relation[]): Promise<void> {
        await this.options.session.sql(this.options.typesSql);
        for (const relation of relations) {
            await this.options.session.sql(createSql(relation));
        }
        this.relations = relations;
    }

    /** A few transactions; afterwards nothing is open. */
    async piece(transactions: number): Promise<void> {
        for (let count = 0; count < transactions; count++) {
            const kinds = Object.keys(TRANSACTION_KINDS) as CoverageCase[];
            const special = this.options.random.chance(25) ? this.#choose(kinds) : undefined;
            const run = special === undefined ? committed : (TRANSACTION_KINDS[special] as TransactionKind);
            await run(this);
            for (const name of this.#pending) {
                this.options.coverage.hit(name);
            }
            this.#pending = [];
        }
    }

    async strokes(count: number, insideTransaction: boolean, scenarios = this.#scenarios()): Promise<void> {
        for (let stroke = 0; stroke < count; stroke++) {
            const fill = scenarios === CHANGE_SCENARIOS && this.options.random.chance(20);
            const name = fill ? 'insert of many rows' : this.#choose(Object.keys(scenarios) as CoverageCase[]);
            await (scenarios[name] as Scenario)(this.step(this.options.random.pick(this.relations), insideTransaction));
        }
    }

    /** Forgets what happened since `relations` were true. */
    rollBack(relations: readonly Relation[], pending: number): void {
        this.relations = relations;
        this.#pending.length = pending;
    }

    get pending(): number {
        return this.#pending.length;
    }

    hit(name: CoverageCase): void {
        this.#pending.push(name);
    }

    step(relation: Relation, insideTransaction: boolean): Step {
        const { random, truncates } = this.options;
        let current = relation;
        return {
            random,
            relation,
            relations: this.relations,
            truncates,
            insideTransaction,
            droppedNames: this.#droppedNames,
            run: (sql) => this.options.session.sql(sql),
            hit: (name) => this.hit(name),
            nextNumber: () => ++this.#number + 10,
            replace: (next) => {
                this.relations = this.relations.flatMap((other) =>
                    other !== current ? [other] : next === undefined ? [] : [next],
                );
                current = next ?? current;
            },
            add: (added) => {
                this.relations = [...this.relations, added];
            },
        };
    }

    #scenarios(): Partial<Record<CoverageCase, Scenario>> {
        return this.options.random.chance(9) ? DRIFT_SCENARIOS : CHANGE_SCENARIOS;
    }

    /** Half of the time the case that was seen least, so that rare ones are met early; else any. */
    #choose(names: readonly CoverageCase[]): CoverageCase {
        const { random, coverage } = this.options;
        const sorted = random.chance(30)
            ? [...names].sort((left, right) => coverage.count(left) - coverage.count(right))
            : names;
        return sorted === names ? random.pick(names) : random.pick(sorted.slice(0, 3));
    }
}

const TRANSACTION_KINDS: Partial<Record<CoverageCase, TransactionKind>> = {
    'rolled back transaction': async (workload) => {
        const { relations } = workload;
        await workload.options.session.sql('begin;');
        await workload.strokes(2, true);
        await workload.options.session.sql('rollback;');
        workload.rollBack(relations, 0);
        workload.hit('rolled back transaction');
    },
    'failed transaction': async (workload) => {
        const { relations } = workload;
        await workload.options.session.sql('begin;');
        await workload.strokes(1, true);
        await workload.options.session.sql('select 1 / 0;').catch(() => undefined);
        await workload.options.session.sql('commit;');
        workload.rollBack(relations, 0);
        workload.hit('failed transaction');
    },
    'rolled back savepoint': async (workload) => {
        const { session } = workload.options;
        await session.sql('begin;');
        await workload.strokes(1, true);
        const { relations, pending } = workload;
        await session.sql('savepoint inner_one;');
        await workload.strokes(2, true);
        await session.sql('rollback to savepoint inner_one;');
        workload.rollBack(relations, pending);
        await workload.strokes(1, true);
        await session.sql('commit;');
        workload.hit('rolled back savepoint');
    },
    'released savepoint': async (workload) => {
        const { session } = workload.options;
        await session.sql('begin;');
        for (const name of ['first', 'second']) {
            await session.sql(`savepoint ${name};`);
            await workload.strokes(1, true);
            await session.sql(`release savepoint ${name};`);
        }
        await session.sql('commit;');
        workload.hit('released savepoint');
    },
    'empty transaction': async (workload) => {
        await workload.options.session.sql(
            'begin; select txid_current(); create temporary table gone (a integer) on commit drop; commit;',
        );
        workload.hit('empty transaction');
    },
    'prepared transaction': async (workload) => {
        const { session } = workload.options;
        await session.sql('begin;');
        await workload.strokes(2, true, {
            insert: CHANGE_SCENARIOS.insert as Scenario,
            update: CHANGE_SCENARIOS.update as Scenario,
        });
        await session.sql("prepare transaction 'prepared'; commit prepared 'prepared';");
        workload.hit('prepared transaction');
    },
    'interleaved transactions': interleaved,
    'message outside of a transaction': async (workload) => {
        await workload.options.session.sql(
            "select pg_logical_emit_message(false, 'outside', 'of any \"transaction\"');",
        );
        workload.hit('message outside of a transaction');
    },
};

async function committed(workload: Workload): Promise<void> {
    if (workload.options.random.chance(35)) {
        await workload.strokes(1, false);
    } else {
        await workload.options.session.sql('begin;');
        await workload.strokes(workload.options.random.int(1, 5), true);
        await workload.options.session.sql('commit;');
    }
}

/** One transaction begins first and commits last, so that the positions of its rows lie before those of the other. */
async function interleaved(workload: Workload): Promise<void> {
    const { session, otherSession, random } = workload.options;
    const [early, late] = random.sample(workload.relations, 2);
    if (early === undefined || late === undefined) {
        return;
    }
    await session.sql('begin;');
    await insertRows(workload.step(early, true), 2);
    await otherSession.sql('begin;');
    await insertRows({ ...workload.step(late, true), run: (sql) => otherSession.sql(sql) }, 2);
    await insertRows(workload.step(early, true), 1);
    await otherSession.sql('commit;');
    await session.sql('commit;');
    workload.hit('interleaved transactions');
}
