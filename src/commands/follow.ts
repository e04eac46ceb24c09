import { EltError } from '../core/errors.ts';
import { followPostgres, noteError } from '../load/postgres/follow-postgres.ts';
import { passwordWarning, sourceOptions } from '../load/postgres/source-words.ts';
import { listenForInterrupt } from '../process/interrupt.ts';
import { KeptFiles } from '../project/kept-files.ts';
import { applyPending, withDatabase } from '../project/open-database.ts';
import { readPipelineSettings } from '../project/pipeline-settings.ts';
import { refuseUnknownPipeline, sqlFolder } from '../project/settings.ts';
import { FollowView } from '../report/follow-view.ts';
import { useSqliteWal } from '../sqlite/database.ts';
import { FollowerLock } from '../sqlite/follower-lock.ts';
import { LiveTransform } from '../transform/live-transform.ts';
import type { CommandContext, RunCommand } from './command.ts';
import { interruptibleRuns } from './interruptible-runs.ts';
import { namesTopics } from './names-topics.ts';
import { durationOf } from './time-limit.ts';
import { whilePushing } from './while-pushing.ts';

const EVERY_MS = 200;

export const follow: RunCommand = async (context, words) => {
    const { settings, options } = context;
    refuseUnknownPipeline(settings);
    const pushing = {
        meanwhile: true,
        atEnd: options.untilCaughtUp === true || options.untilEnd === true,
        isStream: true,
    };
    return await whilePushing(context, pushing, (own) => followSource(own, words));
};

async function followSource(context: CommandContext, words: readonly string[]): Promise<number> {
    const { settings, output, options } = context;
    const address = words[0] ?? process.env.ELT_SOURCE;
    if (address !== undefined && namesTopics(address)) {
        const { followTopics } = await import('./follow-topics.ts');
        return await followTopics(context, address, {
            untilEnd: options.untilEnd === true || options.untilCaughtUp === true,
        });
    }
    const source = sourceOptions(wordsOf(context, words[0]));
    const warning = passwordWarning(words[0]);
    if (warning !== null) {
        output.note(`warning: ${warning}`);
    }
    const isFixed = options.every !== undefined;
    const everyMs = isFixed ? durationOf(String(options.every), '--every') : EVERY_MS;
    return await withDatabase(settings, { create: true }, async (database) => {
        for (const name of await applyPending(database, settings)) {
            output.print(`applied  ${name}`);
        }
        useSqliteWal(database);
        const lock = FollowerLock.take(database);
        const interrupt = listenForInterrupt();
        const view = new FollowView(output, source.address.database);
        const files = new KeptFiles(sqlFolder(settings), settings.pipeline);
        const transform = await LiveTransform.open(database, () => files.read());
        const runLive = interruptibleRuns(interrupt, transform);
        let failure: EltError | null = null;
        try {
            await followPostgres({
                database,
                options: source,
                settings: readPipelineSettings(sqlFolder(settings), settings.pipeline),
                pace: { everyMs, isFixed },
                untilCaughtUp: options.untilCaughtUp === true,
                interrupt,
                observer: view,
                transform: (isApart) => {
                    const run = options.transform === false ? null : runLive(isApart);
                    if (run === 'apart') {
                        return run;
                    }
                    const error = run !== null && 'error' in run ? run.error : null;
                    failure = error ?? (run !== null && 'result' in run ? (run.result.stops[0] ?? null) : null);
                    view.transformed(run);
                    return error;
                },
            });
        } catch (error) {
            noteError(database, error);
            throw error;
        } finally {
            view.end();
            interrupt.dispose();
            lock.release();
        }
        if (failure !== null) {
            throw failure;
        }
        return 0;
    });
}

/** What the command line says of the source. */
export function wordsOf({ options, settings }: CommandContext, address: string | undefined) {
    const plugin = options.plugin === undefined ? undefined : String(options.plugin);
    if (plugin !== undefined && plugin !== 'pgoutput' && plugin !== 'wal2json') {
        throw new EltError({
            code: 'COMMAND_WRONG',
            message: `"${plugin}" is no output plugin that can be read`,
            found: 'expected pgoutput or wal2json',
            next: 'correct --plugin',
        });
    }
    const list = (value: unknown): string[] =>
        (Array.isArray(value) ? value : value === undefined ? [] : [value]).flatMap((one) => String(one).split(','));
    return {
        address,
        pipeline: settings.pipeline,
        plugin,
        slot: options.slot === undefined ? undefined : String(options.slot),
        publication: list(options.publication),
        tables:
            options.tables === undefined
                ? (readPipelineSettings(sqlFolder(settings), settings.pipeline).tables ?? [])
                : list(options.tables),
    };
}
