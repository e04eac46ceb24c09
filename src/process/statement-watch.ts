import { writeSync } from 'node:fs';
import { endWithParent } from './end-with-parent.ts';
import { END_SIGNALS } from './signals.ts';

/**
 * The messages of a process under a time limit to its parent. The driver cannot interrupt SQLite, and a running
 * statement blocks the event loop, so the parent keeps the limit (`supervise.ts`). Each statement is announced before it
 * begins and after it has ended, by a synchronous write.
 */

/** A statement that is running. */
export interface RunningStatement {
    /** `sql/…/file.sql:line`. */
    readonly where: string;
    /** What is committed if the process ends here. */
    readonly state: string;
}

/** Holds the process id of the watching parent, so that a value left in the environment has no effect. */
export const WATCHED_BY = 'ELT_WATCHED_BY';

/** The descriptor that the watching process reads. */
export const CHANNEL = 3;

/** Asks a watched process to stop. It ignores signals from the terminal, which the watching process handles. */
export const STOP_SIGNAL = 'SIGUSR2';

let isTelling = false;

/** Whether another process watches this one and handles its signals. */
export function isWatched(): boolean {
    return isTelling;
}

/** Called once at the start: if this process was started under watch, it announces its statements from now on. */
export function becomeWatched(): void {
    if (process.env[WATCHED_BY] !== String(process.ppid)) {
        return;
    }
    delete process.env[WATCHED_BY];
    isTelling = true;
    for (const signal of END_SIGNALS) {
        process.on(signal, () => undefined);
    }
    // Nothing else would end an endless statement when the watching process is gone.
    endWithParent();
}

/** Runs `work`, which executes the statement, under the time limit. */
export function watched<T>(statement: RunningStatement, work: () => T): T {
    if (!isTelling) {
        return work();
    }
    tell(statement);
    try {
        return work();
    } finally {
        tell(null);
    }
}

/** The same for rows that are read one by one: the statement runs until the last one. */
export function* watchedRows<T>(statement: RunningStatement, rows: Iterable<T>): Generator<T> {
    if (!isTelling) {
        yield* rows;
        return;
    }
    tell(statement);
    try {
        yield* rows;
    } finally {
        tell(null);
    }
}

function tell(statement: RunningStatement | null): void {
    writeSync(CHANNEL, `${JSON.stringify(statement)}\n`);
}
