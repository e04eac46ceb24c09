import { EltError } from '../core/errors.ts';
import type { FirstSignals } from './first-signals.ts';
import { END_SIGNALS } from './signals.ts';
import { isWatched, STOP_SIGNAL } from './statement-watch.ts';

/**
 * Ctrl-C and SIGTERM: the first asks the command to stop between transactions, the second ends the process at once
 * (which is safe too, but reports less).
 */
export interface Interrupt {
    readonly requested: () => boolean;
    /**
     * Runs `work` with the default action of signals: they end the process at once. For SQL in one transaction, during
     * which no listener could run anyway; SQLite rolls back what was not committed.
     */
    readonly standAside: <T>(work: () => T) => T;
    /** Handles pending signals; throws `INTERRUPTED` with `state` if there was one. */
    readonly check: (state: string) => Promise<void>;
    /** The same for loops that never wait: lets the event loop run every `TURN_MS`, and returns at once otherwise. */
    readonly checkNowAndThen: () => Promise<void>;
    readonly dispose: () => void;
}

/** How long a loop may block the event loop, which is the longest delay of a signal. */
const TURN_MS = 20;

let first: FirstSignals | null = null;

/** Called once at the start: who listens next is given what these have noted. */
export function continueFrom(signals: FirstSignals): void {
    first = signals;
}

/** Throws `INTERRUPTED` if a signal came while the program was loaded. */
export async function endIfSignalled(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    if (first?.came() === true) {
        throw interrupted('nothing was begun');
    }
}

/** For work during which nothing listens: from here on a signal ends the process at once. */
export async function letSignalsEnd(): Promise<void> {
    await endIfSignalled();
    takeFirstSignals();
}

/**
 * How many signals came before anything listened. The caller listens already, or lets signals end the process: one
 * on its way is lost while nothing listens.
 */
export function takeFirstSignals(): number {
    const signals = first?.end() ?? 0;
    first = null;
    return signals;
}

export function listenForInterrupt(): Interrupt {
    const listened = isWatched() ? [STOP_SIGNAL] : END_SIGNALS;
    let signals = 0;
    const onSignal = (): void => {
        signals++;
        if (signals > 1) {
            process.exit(130);
        }
    };
    const listen = (): void => {
        for (const signal of listened) {
            process.on(signal, onSignal);
        }
    };
    const dispose = (): void => {
        for (const signal of listened) {
            process.off(signal, onSignal);
        }
    };
    const check = async (state: string): Promise<void> => {
        await new Promise((resolve) => setImmediate(resolve));
        if (signals > 0) {
            throw interrupted(state);
        }
    };
    let turned = performance.now();
    listen();
    signals += takeFirstSignals();
    return {
        requested: () => signals > 0,
        check,
        checkNowAndThen: async () => {
            if (signals > 0 || performance.now() - turned >= TURN_MS) {
                await check('');
                turned = performance.now();
            }
        },
        standAside: (work) => {
            dispose();
            try {
                return work();
            } finally {
                listen();
            }
        },
        dispose,
    };
}

export function interrupted(state: string): EltError {
    return new EltError({
        code: 'INTERRUPTED',
        message: 'stopped by a signal',
        state,
        next: 'the same command continues from there',
    });
}

const STEP_MS = 100;

/** Waits in short steps, so that a signal is noticed; returns whether it is over by then. */
export async function waitUnless(isOver: () => boolean, milliseconds: number): Promise<boolean> {
    for (const end = performance.now() + milliseconds; performance.now() < end && !isOver(); ) {
        await new Promise((resolve) => setTimeout(resolve, Math.min(STEP_MS, end - performance.now())));
    }
    return isOver();
}
