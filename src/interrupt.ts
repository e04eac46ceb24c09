import { EltError } from './errors.ts';

/**
 * Ctrl-C and SIGTERM: the first asks the command to stop at the next place where everything is whole, the second ends
 * the process at once (which SQLite survives too; it only says less).
 */
export interface Interrupt {
    readonly requested: () => boolean;
    /** Lets pending signals in; throws `INTERRUPTED` with `state` if one came. */
    readonly check: (state: string) => Promise<void>;
    readonly dispose: () => void;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export function listenForInterrupt(): Interrupt {
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
        requested: () => signals > 0,
        check: async (state) => {
            await new Promise((resolve) => setImmediate(resolve));
            if (signals > 0) {
                throw interrupted(state);
            }
        },
        dispose: () => {
            for (const signal of SIGNALS) {
                process.off(signal, onSignal);
            }
        },
    };
}

export function interrupted(state: string): EltError {
    return new EltError({
        code: 'INTERRUPTED',
        message: 'stopped by a signal',
        state,
        next: 'the same command goes on from there',
    });
}
