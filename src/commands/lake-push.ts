import { relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EltError, renderError } from '../core/errors.ts';
import { type LakePush, type LakePushed, pushLake } from '../lake/push-lake.ts';
import { tableFacts } from '../lake/table-facts.ts';
import { hasLakes } from '../ledger/lakes.ts';
import { type Interrupt, listenForInterrupt } from '../process/interrupt.ts';
import { KeptFiles } from '../project/kept-files.ts';
import { readProjectFiles } from '../project/model-files.ts';
import { withMigrated } from '../project/open-database.ts';
import { sqlFolder } from '../project/settings.ts';
import type { Output } from '../report/output.ts';
import { ProgressLine } from '../report/progress-line.ts';
import { bytesText, counted, durationText, grouped } from '../report/text-table.ts';
import { type Database, othersVersion } from '../sqlite/database.ts';
import type { CommandContext, RunCommand } from './command.ts';
import { lakeOf } from './lake.ts';
import { waitForDatabase } from './push-follow.ts';
import { durationOf } from './time-limit.ts';

/** A part for each commit would make many small files; so they wait for each other. */
const EVERY_MS = 60_000;
const EMPTY_MS = 1_000;
const LOOK_MS = 100;

export const lakePush: RunCommand = async (context) => {
    const { settings, output, options } = context;
    if (options.follow === true) {
        await waitForDatabase(settings.db, hasLakes);
    }
    const files = new KeptFiles(sqlFolder(settings), settings.pipeline);
    return await withMigrated(settings, {}, async (database) => {
        refuseOlder(database);
        const interrupt = listenForInterrupt();
        const request = () => ({
            lake: lakeOf(context, database),
            pipeline: settings.pipeline,
            source: options.source === undefined ? undefined : String(options.source),
            isAnew: options.anew === true,
            factsOf: tableFacts(files.read()),
        });
        try {
            if (options.follow === true) {
                await followLake(database, context, request, interrupt);
            } else {
                const push = request();
                const pushed = await pushAndPrint(database, push, interrupt, output);
                output.result({ lake: push.lake, ...pushed });
            }
            return 0;
        } finally {
            interrupt.dispose();
        }
    });
};

/** One push of a command that has landed something; its result is for machines. */
export async function pushToLake({ settings, output }: CommandContext, lake: string): Promise<LakePushed> {
    const files = readProjectFiles(sqlFolder(settings), settings.pipeline);
    return await withMigrated(settings, {}, async (database) => {
        const interrupt = listenForInterrupt();
        const request = {
            lake,
            pipeline: settings.pipeline,
            source: undefined,
            isAnew: false,
            factsOf: tableFacts(files),
        };
        try {
            return await pushAndPrint(database, request, interrupt, output);
        } finally {
            interrupt.dispose();
        }
    });
}

type Request = Omit<LakePush, 'breathe'>;

async function pushAndPrint(
    database: Database,
    request: Request,
    interrupt: Interrupt,
    output: Output,
): Promise<LakePushed> {
    const progress = new ProgressLine(output.showsProgress);
    const started = performance.now();
    try {
        const pushed = await pushLake(database, {
            ...request,
            breathe: async (staging, rows) => {
                progress.draw(() => `${staging}  ${grouped(rows)} rows`);
                await interrupt.check('the lake is as it was; pushing again is safe');
            },
        });
        progress.clear();
        output.printLines(pushedLines(pushed, request, performance.now() - started));
        return pushed;
    } finally {
        progress.clear();
    }
}

/** Pushes after commits until a signal comes. What a lake refuses is said once, and tried again. */
async function followLake(
    database: Database,
    { options, output }: CommandContext,
    request: () => Request,
    interrupt: Interrupt,
): Promise<void> {
    const everyMs = options.every === undefined ? EVERY_MS : durationOf(String(options.every), '--every');
    let seen: number | null = null;
    let failed: string | null = null;
    try {
        while (!interrupt.requested()) {
            const version = othersVersion(database);
            if (seen !== version || failed !== null) {
                try {
                    const push = request();
                    const pushed = await pushAndPrint(database, push, interrupt, output);
                    if (pushed.isNew) {
                        output.result({ event: 'lake', lake: push.lake, ...pushed });
                    }
                    seen = version;
                    failed = null;
                    // Where nothing was written no part is small: what lands first need not wait.
                    const isEmpty = pushed.tables.every(({ rows }) => rows === 0);
                    await pause(isEmpty ? Math.min(everyMs, EMPTY_MS) : everyMs, interrupt);
                } catch (error) {
                    failed = sayFailure(error, failed, output);
                    await pause(everyMs, interrupt);
                }
            } else {
                await sleep(LOOK_MS);
            }
        }
    } catch (error) {
        if (!(error instanceof EltError) || error.code !== 'INTERRUPTED') {
            throw error;
        }
    }
}

/** Returns the code of the error. */
function sayFailure(error: unknown, before: string | null, output: Output): string {
    if (!(error instanceof EltError) || error.code === 'INTERRUPTED') {
        throw error;
    }
    if (error.code !== before) {
        output.note(renderError(error));
    }
    return error.code;
}

async function pause(ms: number, interrupt: Interrupt): Promise<void> {
    const until = performance.now() + ms;
    while (performance.now() < until && !interrupt.requested()) {
        await sleep(Math.min(LOOK_MS, ms));
    }
}

/** What was pushed: a line, and one for each table of which a person should know more. */
function pushedLines(
    { source, wholeSeq, isNew, tables }: LakePushed,
    request: Pick<LakePush, 'lake' | 'isAnew'>,
    milliseconds: number,
): string[] {
    const begin = `pushed  ${source} to ${shownPath(request.lake)}:`;
    if (!isNew) {
        return [`${begin} nothing new, up to _seq ${wholeSeq}`];
    }
    const sum = (of: 'rows' | 'parts' | 'bytes'): number => tables.reduce((total, table) => total + table[of], 0);
    const what = `${counted(sum('rows'), 'change')} in ${counted(sum('parts'), 'part')}, ${bytesText(sum('bytes'))}`;
    return [
        `${begin} ${what}, up to _seq ${wholeSeq} (${durationText(milliseconds)})`,
        ...tables.flatMap(({ staging, isAnew, misfits }) => [
            ...(isAnew && !request.isAnew
                ? [`    ${staging}: all parts written anew, because its columns are read in another way now`]
                : []),
            ...misfits.map(
                ({ column, type, seq, value }) =>
                    `    ${staging}.${column} is not ${type} there: ${value} (_seq ${seq}) would be changed`,
            ),
        ]),
    ];
}

/** As a person in this folder would write it. */
function shownPath(path: string): string {
    const below = relative('.', path);
    return below === '' || below.startsWith('..') ? path : below;
}

function refuseOlder(database: Database): void {
    if (!hasLakes(database)) {
        throw new EltError({
            code: 'DATABASE_NOT_MIGRATED',
            message: `"${database.name}" has no tables for lakes yet`,
            state: 'nothing was changed',
            next: 'run "elt migrate"',
        });
    }
}
