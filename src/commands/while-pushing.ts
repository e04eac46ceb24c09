import { EltError } from '../core/errors.ts';
import { readProjectFiles } from '../project/model-files.ts';
import { withMigrated } from '../project/open-database.ts';
import { sqlFolder } from '../project/settings.ts';
import { declaredTargets, type WantedPush } from '../push/declared-targets.ts';
import type { PushResult } from '../push/pusher.ts';
import type { Output } from '../report/output.ts';
import type { CommandContext } from './command.ts';
import { failureOf, printResult, resultFacts } from './print-pushes.ts';

export interface Pushing {
    /** A process of its own pushes while the work is done; it may take long. */
    readonly meanwhile: boolean;
    /** What is missing is pushed when the work is done. */
    readonly atEnd: boolean;
    /** The work writes its results line by line; else it has one, and the pushes belong to it. */
    readonly isStream: boolean;
}

/**
 * Does the work of a command that lands and transforms, and pushes the marts whose heads name targets. A target that
 * fails changes nothing about the work: it is reported when the work is done, and the status is that of its error.
 */
export async function whilePushing(
    context: CommandContext,
    { meanwhile, atEnd, isStream }: Pushing,
    work: (context: CommandContext) => Promise<number>,
): Promise<number> {
    const { output } = context;
    const { wanted, wrong } = declared(context);
    if (wanted.length === 0) {
        const status = await work(context);
        if (wrong !== null) {
            throw wrong;
        }
        return status;
    }
    let own: unknown;
    const keeps = { ...output, result: (value: unknown) => (own = value) };
    // A command with one result for machines has no place for the events of the process beside it.
    const said = isStream ? output : { ...output, result: () => undefined };
    const status = await beside({ ...context, output: said }, meanwhile, () =>
        work(atEnd && !isStream ? { ...context, output: keeps } : context),
    );
    if (!atEnd) {
        return status;
    }
    const results = await pushAll(context, wanted);
    for (const one of results) {
        printResult(one, output);
        if (isStream && output.json) {
            output.result({ event: 'error' in one ? 'failed' : 'pushed', ...resultFacts(one) });
        }
    }
    if (!isStream) {
        output.result({ ...(own as object), pushes: results.map(resultFacts) });
    }
    return statusOf(results, status, output);
}

/** A line that cannot be read must not keep changes from landing: it is reported after. */
function declared({ settings, output }: CommandContext): {
    readonly wanted: readonly WantedPush[];
    readonly wrong: EltError | null;
} {
    try {
        const files = readProjectFiles(sqlFolder(settings), settings.pipeline);
        const { wanted, unset } = declaredTargets(files, null);
        for (const { mart, variable } of unset) {
            output.note(`note: ${mart} is not pushed: ${variable}, which its head names, is not set`);
        }
        return { wanted, wrong: null };
    } catch (error) {
        if (error instanceof EltError) {
            return { wanted: [], wrong: error };
        }
        throw error;
    }
}

/** The words that make another process work on the same file. */
export function settingWords({ pipeline, db, project }: CommandContext['settings']): readonly string[] {
    return ['--pipeline', pipeline, '--db', db, '--project', project];
}

/** The code that speaks to servers is loaded where there is a target: a run without one must not pay for it. */
async function beside(context: CommandContext, isWanted: boolean, work: () => Promise<number>): Promise<number> {
    if (!isWanted) {
        return await work();
    }
    const { BesideProcess } = await import('../process/beside-process.ts');
    const words = [...settingWords(context.settings), '--json', 'push', '--all', '--follow'];
    const pushes = new BesideProcess(words, (line) => sayEvent(line, context.output));
    try {
        return await work();
    } finally {
        await pushes.stop();
    }
}

async function pushAll({ settings }: CommandContext, wanted: readonly WantedPush[]): Promise<readonly PushResult[]> {
    const { Pusher } = await import('../push/pusher.ts');
    return await withMigrated(settings, {}, async (database) => {
        const pusher = new Pusher(database);
        try {
            const options = { isFull: false, skipsUpToDate: true, begins: () => async () => undefined };
            return await pusher.push(wanted, options);
        } finally {
            await pusher.close();
        }
    });
}

function statusOf(results: readonly PushResult[], status: number, output: Output): number {
    const failure = failureOf(results, output);
    if (failure !== undefined) {
        throw failure;
    }
    return status === 0 && results.some((one) => 'pushed' in one && one.pushed.rejects.length > 0) ? 4 : status;
}

/** A line of the process beside: what is new for people, everything for machines. */
export function sayEvent(line: string, output: Output): void {
    if (!line.startsWith('{')) {
        output.note(line);
        return;
    }
    const event = JSON.parse(line) as { readonly text?: string; readonly isNew?: boolean };
    if (output.json) {
        output.result(event);
    } else if (event.isNew === true && event.text !== undefined) {
        output.note(event.text);
    }
}
