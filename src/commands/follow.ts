import { EltError } from '../core/errors.ts';
import { followPostgres, noteError } from '../load/postgres/follow-postgres.ts';
import { passwordWarning, sourceOptions } from '../load/postgres/source-words.ts';
import { readPipelineSettings } from '../project/pipeline-settings.ts';
import { refuseUnknownPipeline, sqlFolder } from '../project/settings.ts';
import type { CommandContext, RunCommand } from './command.ts';
import { namesTopics } from './names-topics.ts';
import { whileFeedingLake } from './while-feeding-lake.ts';
import { whilePushing } from './while-pushing.ts';
import { paceOf, withFollower } from './with-follower.ts';

const EVERY_MS = 200;

export const follow: RunCommand = async (context, words) => {
    const { settings, options } = context;
    refuseUnknownPipeline(settings);
    const pushing = {
        meanwhile: true,
        atEnd: options.untilCaughtUp === true || options.untilEnd === true,
        isStream: true,
    };
    return await whileFeedingLake(context, pushing, (fed) =>
        whilePushing(fed, pushing, (own) => followSource(own, words)),
    );
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
    const pace = paceOf(context, EVERY_MS);
    const followed = { name: source.address.database, onlyLands: options.transform === false, noteError };
    await withFollower(context, followed, async (frame) => {
        await followPostgres({
            ...frame,
            options: source,
            settings: readPipelineSettings(sqlFolder(settings), settings.pipeline),
            pace,
            untilCaughtUp: options.untilCaughtUp === true,
        });
    });
    return 0;
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
