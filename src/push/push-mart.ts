import { EltError } from '../core/errors.ts';
import {
    attemptsOf,
    beginAttempt,
    dropAttempt,
    findTarget,
    originOf,
    type PushTargetRow,
    readRejectsOf,
    readTargets,
    saveFailure,
    saveTakenIn,
} from '../ledger/pushes.ts';
import { failpoint } from '../process/failpoint.ts';
import { closeDatabase, type Database, inTransaction, openDatabase } from '../sqlite/database.ts';
import { martRows } from './mart-rows.ts';
import type { MartShape } from './mart-shape.ts';
import type { PushJob, PushOutcome, PushTarget } from './push-target.ts';
import { forgetTouched, lastChange, trackTouched } from './touched-keys.ts';
import { whenFree } from './when-free.ts';

export interface PushRequest {
    readonly isFull: boolean;
    /** Called now and then with the number of rows so far; throws to stop. */
    readonly breathe: PushJob['breathe'];
}

/** A push that was done. */
export interface Pushed extends PushOutcome {
    readonly position: number;
    readonly milliseconds: number;
}

/**
 * Makes a target equal to its mart. The rows are read in one transaction of a connection of its own: the target gets one
 * state of the mart, and nobody who writes the database waits. What the target has taken in is stored after it has; a
 * crash in between repeats what changes nothing. One process at a time pushes for a database (`ProcessLock`).
 * @throws EltError of the target; it is kept for `elt push status`.
 */
export async function pushMart(
    database: Database,
    shape: MartShape,
    target: PushTarget,
    request: PushRequest,
): Promise<Pushed> {
    const began = performance.now();
    const since = await whenFree(() => trackTouched(database, shape));
    const { origin, before, row, token } = await whenFree(() =>
        inTransaction(database, () => ({
            origin: originOf(database),
            before: findTarget(database, shape.mart, target.name),
            ...beginAttempt(database, shape.mart, target),
        })),
    );
    failpoint('push begun');
    let mayHaveTaken = false;
    const takes = (): void => {
        mayHaveTaken = true;
    };
    try {
        const facts = { shape, since, origin, token, before, takes, ...request };
        const { outcome, position } = await withJob(database, facts, async (job) => ({
            outcome: await target.push(job),
            position: job.position,
        }));
        failpoint('pushed');
        await whenFree(() =>
            inTransaction(database, () => {
                saveTakenIn(database, row.target_id, {
                    ...outcome,
                    position,
                    token,
                    shape: JSON.stringify(shape),
                    rows: outcome.written,
                    at: new Date().toISOString(),
                });
                forgetTouched(database, shape.mart, positionOfAll(database, shape.mart));
            }),
        );
        return { ...outcome, position, milliseconds: performance.now() - began };
    } catch (error) {
        noteFailure(database, row, error, mayHaveTaken ? null : token);
        throw error;
    }
}

interface Asked {
    /** `NEVER_TRACKED` if nothing is known. */
    readonly since: number;
    readonly isFull: boolean;
    readonly breathe: PushJob['breathe'];
}

/** What a push would do, or how the rows compare: changes neither the database nor the target. */
export async function askTarget<T>(
    database: Database,
    shape: MartShape,
    target: PushTarget,
    asked: Asked,
    work: (job: PushJob) => Promise<T>,
): Promise<T> {
    const before = findTarget(database, shape.mart, target.name);
    const origin = database.prepare('select origin from elt_push_origin').pluck().get() as string | undefined;
    const facts = { shape, origin: origin ?? '', token: '', before, takes: () => undefined, ...asked };
    return await withJob(database, facts, work);
}

interface JobFacts extends PushRequest {
    readonly shape: MartShape;
    readonly since: number;
    readonly origin: string;
    readonly token: string;
    /** The target as it was before this push. */
    readonly before: PushTargetRow | undefined;
    readonly takes: PushJob['takes'];
}

/** Gives `work` one state of the mart. */
async function withJob<T>(
    database: Database,
    { before, ...facts }: JobFacts,
    work: (job: PushJob) => Promise<T>,
): Promise<T> {
    const reader = openDatabase(database.name, { readonly: true });
    try {
        reader.exec('begin');
        const position = facts.since === NEVER_TRACKED ? NEVER_TRACKED : lastChange(reader, facts.shape.mart);
        return await work({
            ...facts,
            position,
            knownTokens: [before?.token ?? [], attemptsOf(before)].flat(),
            refused: new Set(
                before === undefined ? [] : readRejectsOf(database, before.target_id).map(({ document }) => document),
            ),
            rows: (after) => martRows(reader, facts.shape, after),
        });
    } finally {
        closeDatabase(reader);
    }
}

/** Of a mart that no push has begun to record. */
export const NEVER_TRACKED = Number.MAX_SAFE_INTEGER;

/** What every target of the mart has taken in; one that has taken nothing gets all rows anyway. */
function positionOfAll(database: Database, mart: string): number {
    return Math.min(...readTargets(database, mart).flatMap(({ position }) => position ?? []));
}

/** A database that cannot be written now is no reason to hide why the push failed. */
function noteFailure(database: Database, row: PushTargetRow, error: unknown, untaken: string | null): void {
    const text = error instanceof EltError ? `${error.code}: ${error.message}` : String(error);
    if (error instanceof EltError && error.code === 'INTERRUPTED') {
        return;
    }
    try {
        inTransaction(database, () => {
            saveFailure(database, row.target_id, text, new Date().toISOString());
            if (untaken !== null) {
                dropAttempt(database, row.target_id, untaken);
            }
        });
    } catch {
        // The error itself is thrown.
    }
}
