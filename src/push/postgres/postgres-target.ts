import { ServerConnection } from '../../postgres/server-connection.ts';
import { quoteIdentifier, quoteLiteral, quoteRelation } from '../../postgres/server-quote.ts';
import { failpoint } from '../../process/failpoint.ts';
import type { Comparison, PushJob, PushOutcome, PushTarget, TakenPush, TargetState } from '../push-target.ts';
import { startOf } from '../push-target.ts';
import { pushTimeoutMs } from '../push-timeout.ts';
import type { TargetAddress } from '../target-address.ts';
import { refuseAhead, refuseDifferent, refuseForeign, refuseMissing } from '../target-errors.ts';
import { compareHeldRows } from './compare-held-rows.ts';
import { CopyIn } from './copy-in.ts';
import { copyLine } from './copy-text.ts';
import {
    copyIntoStage,
    copyIntoTable,
    createStage,
    deleteGone,
    deleteUnsent,
    STAGE,
    upsertSent,
} from './merge-rows.ts';
import { nulTextError, postgresTargetError } from './postgres-target-error.ts';
import {
    addColumn,
    addKey,
    compareTable,
    createPositions,
    createTable,
    grantsOf,
    type HeldTable,
    hasPositions,
    hasSchema,
    lockTable,
    POSITIONS,
    readHeldTable,
    type TargetTable,
} from './target-table.ts';

type PostgresAddress = Extract<TargetAddress, { kind: 'postgres' }>;

/** How a table comes to be equal to the mart. */
type Way = 'create' | 'replace' | 'merge' | 'changes';

interface Plan extends TargetState {
    readonly way: Way;
    /** For `changes`: from where. */
    readonly after: number | null;
}

/** Rows that the person who waits sees at once. */
const ROWS_A_BREATH = 2_000;
/** A lock that somebody holds for longer is no passing thing. */
const LOCK_TIMEOUT_MS = 30_000;
const IDLE_TIMEOUT_MS = 600_000;
/** A server that says nothing for so long, to a statement or to rows, is given up: a large index takes minutes. */
const SILENCE_MS = 600_000;

/**
 * A table of PostgreSQL. Owns one connection. A push is one transaction there, with the position of the mart in it:
 * readers see the mart's state before or after it, and a crash leaves either.
 */
export class PostgresTarget implements PushTarget {
    readonly kind = 'postgres';
    readonly name: string;
    readonly #address: PostgresAddress;
    readonly #place: TargetTable;
    #connection: ServerConnection | null = null;
    /** The shape for which the connection has its temporary table. */
    #staged = '';

    constructor(address: PostgresAddress) {
        this.#address = address;
        this.#place = { schema: address.schema, table: address.table };
        this.name = address.name;
    }

    async look(job: PushJob): Promise<TargetState> {
        return await this.#inTransaction(async (connection) => await this.#plan(connection, job));
    }

    async push(job: PushJob): Promise<PushOutcome> {
        return await this.#inTransaction(async (connection) => {
            await connection.rows(lockTable(this.#place));
            const plan = await this.#plan(connection, job);
            for (const sql of plan.steps) {
                await connection.rows(sql);
            }
            const counts = await this.#write(connection, job, plan);
            job.takes();
            await connection.rows(this.#savePosition(job));
            failpoint('rows merged');
            return {
                ...counts,
                isWhole: plan.way !== 'changes',
                rejects: [],
                accepted: null,
                steps: plan.steps,
            };
        });
    }

    async compare(job: PushJob): Promise<Comparison> {
        return await this.#inTransaction(async (connection) => {
            const plan = await this.#plan(connection, job);
            if (plan.way === 'create' || plan.steps.length > 0) {
                throw refuseMissing(this.name, job.shape.mart);
            }
            await this.#stage(connection, job);
            await this.#copy(connection, job, copyIntoStage(job.shape), null, true);
            return await compareHeldRows(connection, this.#place, job.shape);
        });
    }

    async close(): Promise<void> {
        await this.#connection?.close();
        this.#connection = null;
    }

    async #inTransaction<T>(work: (connection: ServerConnection) => Promise<T>): Promise<T> {
        try {
            this.#connection ??= await this.#open();
            const connection = this.#connection;
            connection.limitSilence(pushTimeoutMs(SILENCE_MS));
            await connection.rows('begin isolation level read committed');
            const result = await work(connection);
            await connection.rows('commit');
            connection.limitSilence(0);
            return result;
        } catch (error) {
            // Whatever was begun there ends with the connection.
            this.#connection?.destroy();
            this.#connection = null;
            throw postgresTargetError(error, this.#address);
        }
    }

    async #open(): Promise<ServerConnection> {
        const connection = await ServerConnection.open(this.#address.server);
        this.#staged = '';
        await connection.rows(`set lock_timeout = ${LOCK_TIMEOUT_MS};
            set idle_in_transaction_session_timeout = ${IDLE_TIMEOUT_MS};
            set row_security = on`);
        return connection;
    }

    async #plan(connection: ServerConnection, job: PushJob): Promise<Plan> {
        const { schema } = this.#place;
        const steps: string[] = [];
        if (!(await hasSchema(connection, schema))) {
            steps.push(`create schema ${quoteIdentifier(schema)}`);
        }
        const isKnown = await hasPositions(connection, schema);
        if (!isKnown) {
            steps.push(createPositions(schema));
        }
        const known = isKnown ? await this.#readPosition(connection) : undefined;
        const held = await readHeldTable(connection, this.#place);
        if (held === undefined) {
            return {
                way: 'create',
                position: null,
                after: null,
                steps: [...steps, createTable(this.#place, job.shape)],
            };
        }
        return { ...this.#planHeld(job, held, known), steps: [...steps, ...this.#alterations(job, held)] };
    }

    #planHeld(job: PushJob, held: HeldTable, known: TakenPush | undefined): Pick<Plan, 'way' | 'position' | 'after'> {
        const isOurs = known?.origin === job.origin;
        const { missing, differs } = compareTable(held, job.shape);
        if (job.isFull) {
            return { way: differs.length === 0 ? 'merge' : 'replace', position: known?.position ?? null, after: null };
        }
        if (!isOurs && !held.isEmpty) {
            throw refuseForeign(this.name, job.shape.mart, known === undefined ? 'no push has filled it' : undefined);
        }
        if (differs.length > 0) {
            throw refuseDifferent(this.name, job.shape.mart, differs);
        }
        if (isOurs && !job.knownTokens.includes(known.token)) {
            throw refuseAhead(this.name, job.shape.mart, known.position);
        }
        const position = isOurs ? known.position : null;
        // A column that the table did not have is filled in every row.
        const after = missing.length > 0 ? null : startOf(job, position);
        return { way: after === null ? 'merge' : 'changes', position, after };
    }

    #alterations(job: PushJob, held: HeldTable): readonly string[] {
        const { missing, differs } = compareTable(held, job.shape);
        return differs.length > 0 ? [] : missing.map((column) => addColumn(this.#place, column));
    }

    async #readPosition(connection: ServerConnection): Promise<TakenPush | undefined> {
        const rows = await connection.rows<{ origin: string; token: string; position: string }>(
            `select origin, token, position
            from ${quoteRelation({ ...this.#place, table: POSITIONS })}
            where table_name = $1`,
            [this.#place.table],
        );
        return rows.map((row) => ({ ...row, position: Number(row.position) }))[0];
    }

    #savePosition({ origin, token, shape, position }: PushJob): string {
        const values = [this.#place.table, origin, token, shape.mart].map(quoteLiteral);
        return `insert into ${quoteRelation({ ...this.#place, table: POSITIONS })} (table_name, origin, token, mart, position, pushed_at)
values (${values.join(', ')}, ${position}, now())
on conflict (table_name) do update
set origin = excluded.origin, token = excluded.token, mart = excluded.mart, position = excluded.position, pushed_at = excluded.pushed_at`;
    }

    async #write(
        connection: ServerConnection,
        job: PushJob,
        plan: Plan,
    ): Promise<{ readonly written: number; readonly deleted: number }> {
        if (plan.way === 'create') {
            const written = await this.#copy(connection, job, copyIntoTable(this.#place, job.shape), null, false);
            await connection.rows(addKey(this.#place, job.shape));
            return { written, deleted: 0 };
        }
        if (plan.way === 'replace') {
            return await this.#replace(connection, job);
        }
        await this.#stage(connection, job);
        await this.#copy(connection, job, copyIntoStage(job.shape), plan.after, true);
        await connection.rows(`analyze ${STAGE}`);
        const remove = plan.way === 'changes' ? deleteGone : deleteUnsent;
        const deleted = await affected(connection, remove(this.#place, job.shape));
        const written = await affected(connection, upsertSent(this.#place, job.shape));
        return { written, deleted };
    }

    /** Fills a new table, and gives it the name of the old one, which is read until the commit. */
    async #replace(
        connection: ServerConnection,
        job: PushJob,
    ): Promise<{ readonly written: number; readonly deleted: number }> {
        const next = { ...this.#place, table: `${this.#place.table}_elt_next` };
        await connection.rows(`drop table if exists ${quoteRelation(next)}`);
        await connection.rows(createTable(next, job.shape));
        const written = await this.#copy(connection, job, copyIntoTable(next, job.shape), null, false);
        const grants = await grantsOf(connection, this.#place, next);
        for (const sql of [
            ...grants,
            `drop table ${quoteRelation(this.#place)}`,
            `alter table ${quoteRelation(next)} rename to ${quoteIdentifier(this.#place.table)}`,
            addKey(this.#place, job.shape),
        ]) {
            await connection.rows(sql);
        }
        return { written, deleted: 0 };
    }

    async #stage(connection: ServerConnection, { shape }: PushJob): Promise<void> {
        const wanted = JSON.stringify(shape);
        if (this.#staged !== wanted) {
            await connection.rows(createStage(this.#place, shape));
            this.#staged = wanted;
        }
    }

    async #copy(
        connection: ServerConnection,
        { shape, rows, breathe }: PushJob,
        sql: string,
        after: number | null,
        withGone: boolean,
    ): Promise<number> {
        const kinds = shape.columns.map(({ type }) => type.kind);
        const keyPlaces = shape.columns.map(({ name }) => shape.key.indexOf(name));
        const copy = await CopyIn.begin(connection, sql);
        let count = 0;
        for (const { key, values } of rows(after)) {
            const held = values ?? keyPlaces.map((place) => (place < 0 ? null : key[place]));
            const gone = values === null ? '\tt' : '\tf';
            const nulError = (place: number): Error => nulTextError(this.name, shape, key, place);
            if (copy.add(copyLine(held, kinds, withGone ? gone : '', nulError))) {
                await copy.send();
            }
            if (++count % ROWS_A_BREATH === 0) {
                await breathe(count);
            }
        }
        await copy.end();
        return count;
    }
}

/** Runs one statement; the number of rows that it has changed. */
async function affected(connection: ServerConnection, sql: string): Promise<number> {
    return (await connection.client.query(sql)).rowCount ?? 0;
}
