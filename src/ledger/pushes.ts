import { randomUUID } from 'node:crypto';
import { quoteName } from '../sql/quote.ts';
import type { Database } from '../sqlite/database.ts';
import { insertRow, saveRow, updateRows } from './write-row.ts';

/** A row of `elt_push_targets`. */
export interface PushTargetRow {
    readonly target_id: number;
    readonly mart: string;
    readonly target: string;
    readonly kind: 'postgres' | 'search';
    readonly position: number | null;
    readonly token: string | null;
    /** JSON array. */
    readonly attempts: string;
    readonly shape: string | null;
    readonly pushed_at: string | null;
    readonly rows: number;
    readonly deleted: number;
    readonly error: string | null;
    readonly failures: number;
    readonly failed_at: string | null;
}

/** A document that an index refused: a row of `elt_push_rejects`. */
export interface PushReject {
    readonly document: string;
    /** JSON array. */
    readonly key: string;
    readonly status: number;
    readonly reason: string;
}

/** Whether the database has these tables: one that an older `elt` has migrated has none until the next `elt migrate`. */
export function hasPushes(database: Database): boolean {
    return database.prepare("select 1 from sqlite_schema where name = 'elt_push_targets'").get() !== undefined;
}

/** The identifier of this database, created when it is asked for first. The caller holds a write transaction. */
export function originOf(database: Database): string {
    const read = database.prepare('select origin from elt_push_origin').pluck();
    const known = read.get() as string | undefined;
    if (known === undefined) {
        insertRow(database, 'elt_push_origin', { only_row: 1, origin: randomUUID() });
    }
    return read.get() as string;
}

/** All targets, or those of one mart. */
export function readTargets(database: Database, mart?: string): readonly PushTargetRow[] {
    return database
        .prepare('select * from elt_push_targets where :mart is null or mart = :mart order by mart, target')
        .all({ mart: mart ?? null }) as PushTargetRow[];
}

/** More pushes that died in a row than this are no crash but a loop; the oldest names are forgotten. */
const ATTEMPTS_MAX = 1_000;

/**
 * The name of a new push, which stands in the target's row from now on; the row is created when it is asked for first. The
 * caller holds a write transaction.
 */
export function beginAttempt(
    database: Database,
    mart: string,
    { name, kind }: { readonly name: string; readonly kind: PushTargetRow['kind'] },
): { readonly row: PushTargetRow; readonly token: string } {
    const token = randomUUID();
    const attempts = [...attemptsOf(findTarget(database, mart, name)), token].slice(-ATTEMPTS_MAX);
    saveRow(database, 'elt_push_targets', ['mart', 'target'], {
        mart,
        target: name,
        kind,
        attempts: JSON.stringify(attempts),
    });
    return { row: findTarget(database, mart, name) as PushTargetRow, token };
}

/** Forgets a push that the target has certainly not taken in. The caller holds a write transaction. */
export function dropAttempt(database: Database, target: number, token: string): void {
    const row = readTargets(database).find(({ target_id: id }) => id === target);
    const attempts = JSON.stringify(attemptsOf(row).filter((one) => one !== token));
    updateRows(database, 'elt_push_targets', { attempts }, { target_id: target });
}

/** The pushes that were begun since the last one that is known to be taken in. */
export function attemptsOf(row: PushTargetRow | undefined): readonly string[] {
    return row === undefined ? [] : (JSON.parse(row.attempts) as string[]);
}

export function findTarget(database: Database, mart: string, name: string): PushTargetRow | undefined {
    return readTargets(database, mart).find(({ target }) => target === name);
}

/** What a target has taken in, with the documents that it refused and those that it has taken since. */
export interface TakenIn {
    readonly position: number;
    readonly token: string;
    readonly shape: string;
    readonly rows: number;
    readonly deleted: number;
    readonly rejects: readonly PushReject[];
    /** The `_id`s that were refused before and are not any more; null: none is refused any more but `rejects`. */
    readonly accepted: readonly string[] | null;
    readonly at: string;
}

/** Stores what a target has taken in. The caller holds a write transaction. */
export function saveTakenIn(database: Database, target: number, taken: TakenIn): void {
    const { position, token, shape, rows, deleted, rejects, accepted, at } = taken;
    updateRows(
        database,
        'elt_push_targets',
        {
            ...{ position, token, attempts: '[]', shape, pushed_at: at, rows, deleted },
            ...{ error: null, failures: 0, failed_at: null },
        },
        { target_id: target },
    );
    if (accepted === null) {
        database.prepare('delete from elt_push_rejects where target_id = ?').run(target);
    } else {
        const forget = database.prepare('delete from elt_push_rejects where target_id = ? and document = ?');
        for (const document of accepted) {
            forget.run(target, document);
        }
    }
    for (const reject of rejects) {
        saveRow(database, 'elt_push_rejects', ['target_id', 'document'], {
            target_id: target,
            ...reject,
            rejected_at: at,
        });
    }
}

export function saveFailure(database: Database, target: number, error: string, at: string): void {
    database
        .prepare(
            `update elt_push_targets
            set error = ?, failures = failures + 1, failed_at = coalesce(failed_at, ?)
            where target_id = ?`,
        )
        .run(error, at, target);
}

/** The rejects of a target, the newest last. */
export function readRejectsOf(database: Database, target: number): readonly (PushReject & { rejected_at: string })[] {
    return database
        .prepare(
            `select document, key, status, reason, rejected_at
            from elt_push_rejects
            where target_id = ?
            order by rejected_at, document`,
        )
        .all(target) as (PushReject & { rejected_at: string })[];
}

/** Forgets a target. The caller holds a write transaction. */
export function forgetTarget(database: Database, target: number): void {
    database.prepare('delete from elt_push_rejects where target_id = ?').run(target);
    database.prepare('delete from elt_push_targets where target_id = ?').run(target);
}

/** Forgets a mart that is gone, with its targets. The caller holds a write transaction. */
export function forgetMart(database: Database, mart: string): void {
    for (const { target_id: id } of readTargets(database, mart)) {
        forgetTarget(database, id);
    }
    database.prepare('delete from elt_push_marts where mart = ?').run(mart);
}

/** What a monitor asks about a target. */
export interface PushFigures {
    readonly mart: string;
    readonly target: string;
    /** Touched rows that it has not taken in, counted as often as they were touched; null: all rows are to be sent. */
    readonly behind: number | null;
    readonly rejects: number;
    /** In a row. */
    readonly failures: number;
    readonly pushedAt: string | null;
}

/** Of every target; cheap, whatever a mart holds. */
export function readPushFigures(database: Database): readonly PushFigures[] {
    if (!hasPushes(database)) {
        return [];
    }
    const since = database.prepare('select since from elt_push_marts where mart = ?').pluck();
    const rejects = database.prepare('select count(*) from elt_push_rejects where target_id = ?').pluck();
    return readTargets(database).map((row) => {
        const first = since.get(row.mart) as number | undefined;
        const isKnown = row.position !== null && first !== undefined && row.position >= first;
        return {
            mart: row.mart,
            target: row.target,
            behind: isKnown ? lastTouched(database, row.mart) - (row.position ?? 0) : null,
            rejects: rejects.get(row.target_id) as number,
            failures: row.failures,
            pushedAt: row.pushed_at,
        };
    });
}

function lastTouched(database: Database, mart: string): number {
    const table = quoteName(`elt_touched_${mart}`);
    return database.prepare(`select coalesce(max(_change), 0) from ${table}`).pluck().get() as number;
}
