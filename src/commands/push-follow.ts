import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { EltError, renderError } from '../core/errors.ts';
import { hasPushes } from '../ledger/pushes.ts';
import { BELONGS_TO_PARENT, endWithParent } from '../process/end-with-parent.ts';
import { endIfSignalled, type Interrupt } from '../process/interrupt.ts';
import { KeptFiles } from '../project/kept-files.ts';
import { sqlFolder } from '../project/settings.ts';
import type { WantedPush } from '../push/declared-targets.ts';
import { followPushes } from '../push/follow-pushes.ts';
import type { Pusher, PushResult } from '../push/pusher.ts';
import { closeDatabase, type Database, openDatabase } from '../sqlite/database.ts';
import type { CommandContext } from './command.ts';
import { pushLine, resultFacts } from './print-pushes.ts';
import { wantedPushes } from './push-words.ts';

const LOOK_MS = 250;

/** A process that lands begins at the same time, and creates the database. */
export async function waitForDatabase(
    file: string,
    isReady: (database: Database) => boolean = hasPushes,
): Promise<void> {
    if (process.env[BELONGS_TO_PARENT] !== undefined) {
        endWithParent();
    }
    while (!isThere(file, isReady)) {
        await endIfSignalled();
        await sleep(LOOK_MS);
    }
}

function isThere(file: string, isReady: (database: Database) => boolean): boolean {
    if (!existsSync(file)) {
        return false;
    }
    const database = openDatabase(file, { readonly: true });
    try {
        return isReady(database);
    } finally {
        closeDatabase(database);
    }
}

/** Pushes after each commit until a signal comes. */
export async function pushOnAndOn(
    database: Database,
    pusher: Pusher,
    { context, words, interrupt }: { context: CommandContext; words: readonly string[]; interrupt: Interrupt },
): Promise<number> {
    const { settings, output } = context;
    const files = new KeptFiles(sqlFolder(settings), settings.pipeline);
    let last: { readonly files: unknown; readonly wanted: readonly WantedPush[] } | null = null;
    const shown = new Set<string>();
    const say = (result: PushResult, isNew: boolean): void => {
        const text = pushLine(result) ?? '';
        if (output.json) {
            output.result({ event: 'error' in result ? 'failed' : 'pushed', ...resultFacts(result), isNew, text });
        } else if (isNew) {
            output.print(text);
        }
    };
    try {
        await followPushes({
            database,
            pusher,
            wanted: () => {
                const now = files.read();
                last = last?.files === now ? last : { files: now, wanted: wantedPushes(context, words) };
                return last.wanted;
            },
            isOver: interrupt.requested,
            begins: () => async () => {
                await interrupt.check('the target is as it was, or has taken a part in; pushing again is safe');
            },
            observer: {
                pushed: (result) => {
                    if ('pushed' in result) {
                        const key = `${result.mart}\0${result.target}`;
                        const { isWhole, rejects } = result.pushed;
                        say(result, isWhole || rejects.length > 0 || !shown.has(key));
                        shown.add(key);
                    }
                },
                failed: (result) => {
                    shown.delete(`${result.mart}\0${result.target}`);
                    say(result, true);
                    output.note(renderError(result.error));
                },
            },
        });
    } catch (error) {
        if (!(error instanceof EltError) || error.code !== 'INTERRUPTED') {
            throw error;
        }
    }
    return 0;
}
