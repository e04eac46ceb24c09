import { writeSync } from 'node:fs';
import type { EltError } from '../../core/errors.ts';

/** The same trouble is said once in so long: every request meets it. */
const QUIET_MS = 60_000;

/**
 * Says on standard error why a database cannot be read and what to do. A client is not told: the facts name paths of
 * the machine.
 */
export class DatabaseLog {
    readonly #said = new Map<string, number>();

    write({ facts }: EltError, now = performance.now()): void {
        const { code, message, found, next, cause } = facts;
        const key = `${code} ${message}`;
        if (now - (this.#said.get(key) ?? Number.NEGATIVE_INFINITY) < QUIET_MS) {
            return;
        }
        this.#said.set(key, now);
        const why = cause instanceof Error ? cause.message : cause;
        try {
            writeSync(
                2,
                `${JSON.stringify({ time: new Date().toISOString(), trouble: code, message, found, cause: why, next })}\n`,
            );
        } catch {
            // Nobody reads standard error, or not fast enough: requests are more important than the log.
        }
    }
}
