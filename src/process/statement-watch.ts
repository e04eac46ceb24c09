import { writeSync } from 'node:fs';
import { endWithParent } from './end-with-parent.ts';

/**
 * What a process that works under a time limit tells the process that started it. SQLite cannot be interrupted through
 * the driver: while a statement runs nothing else of this process does, so the limit is kept from outside
 * (`supervise.ts`). Each statement is told before it begins and after it has ended, by a write that waits for its end.
 */

/** A statement that is running. */
export interface RunningStatement {
    /** `sql/…/file.sql:line`. */
    readonly where: string;
    /** What is committed if the process ends here. */
    readonly state: string;
}

/** The process that watches, by its number: a value that was left in the environment means nothing. */
export const WATCHED_BY = 'ELT_WATCHED_BY';

/** The descriptor that the watching process reads from. */
export const CHANNEL = 3;

/** Asks a watched process to stop; what a terminal sends to all its processes is for the watching one. */
export const STOP_SIGNAL = 'SIGUSR2';

const FROM_TERMINAL = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

let isTelling = false;

/** Whether another process watches this one, and takes the signals for it. */
export function isWatched(): boolean {
    return isTelling;
}

/** Called once at the start: if this process was started to be watched, it tells from now on. */
export function becomeWatched(): void {
    if (process.env[WATCHED_BY] !== String(process.ppid)) {
        return;
    }
    delete process.env[WATCHED_BY];
    isTelling = true;
    for (const signal of FROM_TERMINAL) {
        process.on(signal, () => undefined);
    }
    // Nobody else would end a statement without end when the watching process is gone.
    endWithParent();
}

/** Does `work`, which runs the statement; the time limit is for it. */
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

/** The same for rows that are taken one by one: the statement runs until the last one. */
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
