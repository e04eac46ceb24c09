import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { durationText } from '../core/duration.ts';
import { EltError } from '../core/errors.ts';
import { interrupted, takeFirstSignals } from './interrupt.ts';
import { END_SIGNALS } from './signals.ts';
import { CHANNEL, type RunningStatement, STOP_SIGNAL, WATCHED_BY } from './statement-watch.ts';

/** The time limit of a SQL statement. */
export interface TimeLimit {
    readonly milliseconds: number;
    /** Where it was set, for messages: `--timeout`. */
    readonly from: string;
}

/**
 * Runs this command line in a child process, and kills the child when a statement takes longer than the limit. SQLite
 * rolls back what was not committed, as after any kill.
 *
 * Resolves with the exit status. Throws `SQL_TIMEOUT` with the statement's place, `INTERRUPTED` after a signal.
 */
export async function superviseCommand(limit: TimeLimit): Promise<number> {
    const words = [...process.execArgv, ...process.argv.slice(1)];
    const child = spawn(process.execPath, words, {
        stdio: ['inherit', 'inherit', 'inherit', 'pipe'],
        env: { ...process.env, [WATCHED_BY]: String(process.pid) },
    });
    const statements = new StatementTimer(limit.milliseconds, () => child.kill('SIGKILL'));
    createInterface({ input: child.stdio[CHANNEL] as Readable }).on('line', (line) => statements.take(line));
    const signals = new ForwardedSignals(child);
    try {
        const [status, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
        if (statements.overdue !== null) {
            throw timeoutError(statements.overdue, limit);
        }
        if (status === null && signals.count > 0) {
            throw interrupted(statements.last?.state ?? 'what was committed before is safe');
        }
        return status ?? endLike(signal);
    } finally {
        statements.stop();
        signals.dispose();
    }
}

/** The clock of the running statement. */
class StatementTimer {
    /** The statement that took too long. */
    overdue: RunningStatement | null = null;
    /** The last statement that began. */
    last: RunningStatement | null = null;
    #timer: NodeJS.Timeout | undefined;
    readonly #limitMs: number;
    readonly #end: () => void;

    constructor(limitMs: number, end: () => void) {
        this.#limitMs = limitMs;
        this.#end = end;
    }

    /** A line of the channel: a statement has begun, or (`null`) has ended. */
    take(line: string): void {
        this.stop();
        const statement = JSON.parse(line) as RunningStatement | null;
        if (statement !== null && this.overdue === null) {
            this.last = statement;
            this.#timer = setTimeout(() => {
                this.overdue = statement;
                this.#end();
            }, this.#limitMs);
        }
    }

    stop(): void {
        clearTimeout(this.#timer);
    }
}

/** The first signal asks the child to stop between transactions, the second kills it. */
class ForwardedSignals {
    count = 0;
    readonly #child: ChildProcess;

    constructor(child: ChildProcess) {
        this.#child = child;
        for (const signal of END_SIGNALS) {
            process.on(signal, this.#forward);
        }
        for (let came = takeFirstSignals(); came > 0; came--) {
            this.#forward();
        }
    }

    dispose(): void {
        for (const signal of END_SIGNALS) {
            process.off(signal, this.#forward);
        }
    }

    readonly #forward = (): void => {
        this.count++;
        this.#child.kill(this.count > 1 ? 'SIGKILL' : STOP_SIGNAL);
    };
}

/** The child was killed by another process: this one ends by the same signal. */
function endLike(signal: NodeJS.Signals | null): number {
    process.kill(process.pid, signal ?? 'SIGKILL');
    return 70;
}

function timeoutError({ where, state }: RunningStatement, { milliseconds, from }: TimeLimit): EltError {
    return new EltError({
        code: 'SQL_TIMEOUT',
        message: `a statement took longer than ${durationText(milliseconds)} and was ended`,
        where,
        found: `still running after ${durationText(milliseconds)}; expected its end within the limit (${from})`,
        state,
        next: 'look for an endless recursion or join in the statement, or give it more time with --timeout',
    });
}
