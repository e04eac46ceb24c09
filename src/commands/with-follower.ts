import type { EltError } from '../core/errors.ts';
import type { Pace } from '../load/follow-parts.ts';
import { type Interrupt, listenForInterrupt } from '../process/interrupt.ts';
import { KeptFiles } from '../project/kept-files.ts';
import { applyPending, withDatabase } from '../project/open-database.ts';
import { sqlFolder } from '../project/settings.ts';
import { FollowView } from '../report/follow-view.ts';
import { CacheKib, type Database, useCache, useSqliteWal } from '../sqlite/database.ts';
import { FollowerLock } from '../sqlite/follower-lock.ts';
import { LiveTransform } from '../transform/live-transform.ts';
import type { CommandContext } from './command.ts';
import { interruptibleRuns } from './interruptible-runs.ts';
import { LiveAlerts } from './live-alerts.ts';
import { durationOf } from './time-limit.ts';

/** What every follower of a source is given. */
interface FollowerFrame {
    readonly database: Database;
    readonly interrupt: Interrupt;
    readonly observer: FollowView;
    /** Brings the marts up to date; `apart`: in a transaction of its own. */
    readonly transform: (isApart: boolean) => EltError | 'apart' | null;
}

interface FollowedWords {
    /** The source, as a person sees it. */
    readonly name: string;
    /** Lands and does not transform. */
    readonly onlyLands: boolean;
    /** For an error that the follower ended with: the ledger shows it to those who look at it from outside. */
    readonly noteError: (database: Database, error: unknown) => void;
}

/**
 * Opens the database and follows a source until `follow` resolves, with its result: one follower of a file, which a
 * signal ends in order. A file or a data test that failed at the end is the command's error.
 */
export async function withFollower<Result>(
    context: CommandContext,
    { name, onlyLands, noteError }: FollowedWords,
    follow: (frame: FollowerFrame) => Promise<Result>,
): Promise<Result> {
    const { settings, output } = context;
    return await withDatabase(settings, { create: true }, async (database) => {
        for (const migration of await applyPending(database, settings)) {
            output.print(`applied  ${migration}`);
        }
        useSqliteWal(database);
        const lock = FollowerLock.take(database);
        const interrupt = listenForInterrupt();
        const alerts = onlyLands ? null : new LiveAlerts(database, context);
        const observer = new FollowView(output, name, () => alerts?.look());
        const files = new KeptFiles(sqlFolder(settings), settings.pipeline);
        const runLive = interruptibleRuns(interrupt, await LiveTransform.open(database, () => files.read()));
        if (onlyLands) {
            useCache(database, CacheKib.landing);
        }
        let failure: EltError | null = null;
        const transform = (isApart: boolean): EltError | 'apart' | null => {
            const run = onlyLands ? null : runLive(isApart);
            if (run === 'apart') {
                return run;
            }
            const error = run !== null && 'error' in run ? run.error : null;
            failure = error ?? (run !== null && 'result' in run ? (run.result.stops[0] ?? null) : null);
            observer.transformed(run);
            alerts?.ran(run);
            return error;
        };
        let result: Result;
        try {
            result = await follow({ database, interrupt, observer, transform });
        } catch (error) {
            noteError(database, error);
            throw error;
        } finally {
            observer.end();
            await alerts?.end(interrupt.requested());
            interrupt.dispose();
            lock.release();
        }
        if (failure !== null) {
            throw failure;
        }
        return result;
    });
}

/** How often changes are committed, as `--every` says. */
export function paceOf({ options }: CommandContext, everyMs: number): Pace {
    const isFixed = options.every !== undefined;
    return { everyMs: isFixed ? durationOf(String(options.every), '--every') : everyMs, isFixed };
}
