import type { END_SIGNALS } from './signals.ts';

// Repeated, and held equal by its type: cli.ts imports no module that others need too, which a bundle would join to all of them.
const SIGNALS: typeof END_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** The signals of a process's first moments. */
export interface FirstSignals {
    readonly came: () => boolean;
    /** Stops listening; returns how many came. */
    readonly end: () => number;
}

/**
 * Listens before the rest of the program is loaded: a listener that is added later receives what came until then. Without it a
 * signal in the first tenths of a second would end the process without a word and without the status that is documented.
 */
export function noteFirstSignals(): FirstSignals {
    let signals = 0;
    const onSignal = (): void => {
        signals++;
        if (signals > 1) {
            process.exit(130);
        }
    };
    for (const signal of SIGNALS) {
        process.on(signal, onSignal);
    }
    return {
        came: () => signals > 0,
        end: () => {
            for (const signal of SIGNALS) {
                process.off(signal, onSignal);
            }
            return signals;
        },
    };
}
