import { setTimeout as sleep } from 'node:timers/promises';
import { EltError } from '../core/errors.ts';

/** A run of much may hold the write lock for minutes; a push must not fail because of it. */
const WAIT_MS_MAX = 600_000;
const PAUSE_MS = 100;

/** Runs `work` when the write lock of the database is free. @throws EltError DATABASE_LOCKED after ten minutes. */
export async function whenFree<T>(work: () => T): Promise<T> {
    for (const end = performance.now() + WAIT_MS_MAX; ; ) {
        try {
            return work();
        } catch (error) {
            if (!(error instanceof EltError) || error.code !== 'DATABASE_LOCKED' || performance.now() > end) {
                throw error;
            }
            await sleep(PAUSE_MS);
        }
    }
}
