import { EltError } from '../core/errors.ts';
import { hasPushes, readTargets } from '../ledger/pushes.ts';
import type { Database } from '../sqlite/database.ts';
import { ProcessLock, PUSHING } from '../sqlite/process-lock.ts';
import { tableExists } from '../sqlite/read-tables.ts';
import type { WantedPush } from './declared-targets.ts';
import { type MartShape, martShape } from './mart-shape.ts';
import { askTarget, NEVER_TRACKED, type Pushed, pushMart } from './push-mart.ts';
import type { Comparison, PushTarget, TargetState } from './push-target.ts';
import type { TargetAddress } from './target-address.ts';
import { countTouched, lastChange, touchedTable, trackedSince } from './touched-keys.ts';

/** One push that was done, or why it was not. */
export type PushResult = { readonly mart: string; readonly target: string } & (
    | { readonly pushed: Pushed }
    | { readonly error: EltError }
    | { readonly upToDate: true }
);

export interface PushOptions {
    readonly isFull: boolean;
    /** Leave a target alone, without contacting it, if nothing has changed since it last took something in. */
    readonly skipsUpToDate: boolean;
    /** What is called with the number of rows so far, for each push. */
    readonly begins: (wanted: WantedPush) => (rows: number) => Promise<void>;
}

/** What a push would do. */
export interface Looked {
    readonly mart: string;
    readonly target: string;
    readonly state: TargetState;
    /** Keys touched since; null: all rows would be sent. */
    readonly touched: number | null;
}

export interface Compared extends Comparison {
    readonly mart: string;
    readonly target: string;
}

/**
 * Pushes marts to their targets, one after the other. Owns the targets' connections, which stay for the next push; `close`
 * ends them.
 */
export class Pusher {
    readonly #database: Database;
    readonly #targets = new Map<string, PushTarget>();

    /** @throws EltError DATABASE_NOT_MIGRATED where an older elt has made the database. */
    constructor(database: Database) {
        if (!hasPushes(database)) {
            throw new EltError({
                code: 'DATABASE_NOT_MIGRATED',
                message: `"${database.name}" has no tables for pushes yet`,
                state: 'nothing was changed',
                next: 'run "elt migrate"',
            });
        }
        this.#database = database;
    }

    /** A target that fails holds no other one up: its error is among the results. */
    async push(wanted: readonly WantedPush[], options: PushOptions): Promise<readonly PushResult[]> {
        const results: PushResult[] = [];
        for (const one of wanted) {
            results.push(await this.#pushOne(one, options));
        }
        return results;
    }

    async look(wanted: WantedPush, isFull: boolean): Promise<Looked> {
        const shape = martShape(this.#database, wanted.mart, wanted.model);
        const since = trackedSince(this.#database, shape) ?? NEVER_TRACKED;
        const target = await this.#targetOf(wanted);
        const asked = { since, isFull, breathe: async () => undefined };
        const state = await askTarget(this.#database, shape, target, asked, async (job) => await target.look(job));
        const isWhole = isFull || state.position === null || state.position < since;
        const touched = isWhole ? null : countTouched(this.#database, shape, state.position);
        return { mart: wanted.mart, target: target.name, state, touched };
    }

    /** Compares all rows of a mart and its target. */
    async compare(wanted: WantedPush, breathe: (rows: number) => Promise<void>): Promise<Compared> {
        const shape = martShape(this.#database, wanted.mart, wanted.model);
        const since = trackedSince(this.#database, shape) ?? NEVER_TRACKED;
        const target = await this.#targetOf(wanted);
        const asked = { since, isFull: false, breathe };
        const comparison = await askTarget(this.#database, shape, target, asked, async (job) => {
            return await target.compare(job);
        });
        return { mart: wanted.mart, target: target.name, ...comparison };
    }

    async close(): Promise<void> {
        await Promise.all([...this.#targets.values()].map((target) => target.close()));
        this.#targets.clear();
    }

    async #pushOne(wanted: WantedPush, options: PushOptions): Promise<PushResult> {
        const { mart, model, address } = wanted;
        const named = { mart, target: address.name };
        let lock: ProcessLock | undefined;
        try {
            const shape = martShape(this.#database, mart, model);
            if (options.skipsUpToDate && this.#isUpToDate(shape, address)) {
                return { ...named, upToDate: true };
            }
            lock = ProcessLock.take(this.#database, PUSHING);
            const request = { isFull: options.isFull, breathe: options.begins(wanted) };
            return { ...named, pushed: await pushMart(this.#database, shape, await this.#targetOf(wanted), request) };
        } catch (error) {
            if (!(error instanceof EltError) || error.code === 'INTERRUPTED') {
                throw error;
            }
            return { ...named, error };
        } finally {
            lock?.release();
        }
    }

    #isUpToDate(shape: MartShape, { name }: TargetAddress): boolean {
        const row = readTargets(this.#database, shape.mart).find(({ target }) => target === name);
        const since = trackedSince(this.#database, shape);
        return (
            row !== undefined &&
            since !== undefined &&
            row.error === null &&
            row.shape === JSON.stringify(shape) &&
            row.position !== null &&
            row.position >= since &&
            row.attempts === '[]' &&
            tableExists(this.#database, touchedTable(shape.mart)) &&
            lastChange(this.#database, shape.mart) === row.position
        );
    }

    async #targetOf({ mart, address }: WantedPush): Promise<PushTarget> {
        const key = `${mart}\0${address.name}`;
        const target = this.#targets.get(key) ?? (await openTarget(address));
        this.#targets.set(key, target);
        return target;
    }
}

/** Loads what talks to that kind of server, and nothing else: it is a good part of a small push. */
async function openTarget(address: TargetAddress): Promise<PushTarget> {
    if (address.kind === 'postgres') {
        const { PostgresTarget } = await import('./postgres/postgres-target.ts');
        return new PostgresTarget(address);
    }
    const { SearchTarget } = await import('./search/search-target.ts');
    return new SearchTarget(address);
}
