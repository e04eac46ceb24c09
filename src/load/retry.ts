import { EltError } from '../core/errors.ts';
import { waitUnless } from '../process/interrupt.ts';

export interface Backoff {
    readonly firstMs: number;
    readonly mostMs: number;
    /** What is thrown is tried again; else it ends the work. */
    readonly isPassing: (error: EltError, sinceMs: number) => boolean;
    /** Waits, or ends sooner; true: the work is to end. */
    readonly wait: (milliseconds: number) => Promise<boolean>;
}

const FIRST_WAIT_MS = 200;
const WAIT_MS_MAX = 30_000;

/** The waits of a follower, whatever it follows. */
export function followerBackoff(isInterrupted: () => boolean, isPassing: Backoff['isPassing']): Backoff {
    return {
        firstMs: FIRST_WAIT_MS,
        mostMs: WAIT_MS_MAX,
        isPassing,
        wait: async (milliseconds) => await waitUnless(isInterrupted, milliseconds),
    };
}

/**
 * Does `work` until it ends without an error that passes, with longer and longer waits between. `works` is to be called
 * when it does what it should: then the next wait is a short one.
 */
export async function retrying(
    backoff: Backoff,
    observer: { retrying(error: EltError, waitMs: number): void },
    work: (works: () => void) => Promise<void>,
): Promise<void> {
    let waitMs = backoff.firstMs;
    let failsSince: number | null = null;
    for (;;) {
        try {
            await work(() => {
                waitMs = backoff.firstMs;
                failsSince = null;
            });
            return;
        } catch (error) {
            failsSince ??= performance.now();
            if (!(error instanceof EltError) || !backoff.isPassing(error, performance.now() - failsSince)) {
                throw error;
            }
            observer.retrying(error, waitMs);
        }
        if (await backoff.wait(waitMs)) {
            return;
        }
        waitMs = Math.min(backoff.mostMs, 2 * waitMs);
    }
}
