import { join, relative } from 'node:path';
import { parseSize, SIZE_FORM } from '../core/byte-size.ts';
import { EltError, renderError } from '../core/errors.ts';
import { listenForInterrupt } from '../process/interrupt.ts';
import { FileWatch } from '../process/watch-files.ts';
import { refuseFileOfOtherElt } from '../project/open-database.ts';
import { refuseUnknownPipeline, type Settings, sqlFolder } from '../project/settings.ts';
import { clock, type DevReport, endLines, ranLines } from '../report/dev-report.ts';
import { loadGenerator } from '../transform/marts/with-generator.ts';
import type { CommandContext, RunCommand } from './command.ts';
import { type DevProgress, devCheck } from './dev-check.ts';
import { type DevCopy, DevData } from './dev-data.ts';

const COPY_MAX = '2GiB';
/** Each save plays one random history of each case; `elt test` plays more. */
const HISTORIES = 1;

/** Says on each save what the files would change; publishes nothing. */
export const dev: RunCommand = async (given) => {
    const context: CommandContext = { ...given, options: { ...given.options, histories: HISTORIES } };
    const { settings, options } = context;
    refuseUnknownPipeline(settings);
    await refuseFileOfOtherElt(settings);
    await loadGenerator();
    const data = new DevData(settings.db, copyMax(options.copyMax));
    try {
        return options.once === true ? await once(context, data) : await watchFiles(context, data);
    } finally {
        data.close();
    }
};

async function once(context: CommandContext, data: DevData): Promise<number> {
    const { output } = context;
    const report = await devCheck(context, await data.current(), [], progressOf(context));
    output.printLines(endLines(report));
    output.result(resultOf(report));
    const [error] = report.errors;
    if (error !== undefined) {
        throw error;
    }
    return 0;
}

async function watchFiles(context: CommandContext, data: DevData): Promise<number> {
    const { settings, output } = context;
    const watch = new FileWatch(watchedFolders(settings));
    output.print(`watching  sql/${settings.pipeline} (Ctrl-C ends)`);
    try {
        for (let changed: readonly string[] = []; ; ) {
            const copied = await untilInterrupt(watch, () => data.current());
            if (copied === null) {
                return 0;
            }
            // A statement blocks the event loop, so no listener could run: here Ctrl-C ends the process at once, and
            // nothing is left behind.
            await check(context, copied, changed);
            const paths = await untilInterrupt(watch, (isEnded) => watch.changed(isEnded));
            if (paths === null) {
                return 0;
            }
            changed = paths.map((path) => relative(settings.project, path));
        }
    } finally {
        watch.close();
    }
}

/** Does `work` while Ctrl-C is listened for; null: it was pressed. */
async function untilInterrupt<T>(watch: FileWatch, work: (isEnded: () => boolean) => Promise<T>): Promise<T | null> {
    const interrupt = listenForInterrupt();
    const turn = setInterval(() => interrupt.requested() && watch.wake(), INTERRUPT_MS);
    try {
        const result = await work(interrupt.requested);
        return interrupt.requested() ? null : result;
    } finally {
        clearInterval(turn);
        interrupt.dispose();
    }
}

/** How soon Ctrl-C is noticed. */
const INTERRUPT_MS = 50;

async function check(context: CommandContext, copied: DevCopy, changed: readonly string[]): Promise<void> {
    const { output } = context;
    output.print('');
    if (changed.length > 0) {
        output.print(`${clock(new Date())}  ${changed.join(', ')}`);
    }
    const report = await devCheck(context, copied, changed, progressOf(context));
    output.printLines(endLines(report));
    for (const error of report.errors) {
        output.printLines(renderError(error).split('\n'));
    }
    output.result(resultOf(report));
}

/** A person sees what will run at once, and what it does as soon as that is known. */
function progressOf({ output }: CommandContext): DevProgress {
    return {
        decided: (models) => {
            if (models.length > 0) {
                output.print(`trying  ${models.join(', ')}`);
            }
        },
        ran: (run) => output.printLines(ranLines(run)),
    };
}

function watchedFolders({ project, pipeline }: Settings): readonly string[] {
    return [join(sqlFolder({ project, pipeline } as Settings), pipeline), join(project, 'migrations', pipeline)];
}

function copyMax(given: unknown): number {
    const text = String(given ?? COPY_MAX);
    const bytes = parseSize(text);
    if (bytes === null) {
        throw new EltError({
            code: 'COMMAND_WRONG',
            message: `--copy-max cannot be "${text}"`,
            found: `expected ${SIZE_FORM}`,
            next: 'correct --copy-max',
        });
    }
    return bytes;
}

/** What `--json` prints, a line for each look. */
function resultOf({ changed, data, run, cases, errors, milliseconds }: DevReport) {
    return {
        changed,
        copied: data.copied?.toISOString() ?? null,
        migrations: run?.migrations ?? [],
        models: run?.models.filter(({ action }) => action === 'full' || action === 'incremental') ?? [],
        tests: run?.tests ?? [],
        cases,
        errors: errors.map(({ facts: { code, message, where, found } }) => ({ code, message, where, found })),
        milliseconds,
    };
}
