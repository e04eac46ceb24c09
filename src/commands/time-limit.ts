import { DURATION_FORM, parseDuration } from '../core/duration.ts';
import { EltError } from '../core/errors.ts';
import type { TimeLimit } from '../process/supervise.ts';
import { readPipelineSettings } from '../project/pipeline-settings.ts';
import { sqlFolder } from '../project/settings.ts';
import type { CommandContext } from './command.ts';

/**
 * How long one SQL statement of this command may run: by option, else by `ELT_TIMEOUT`, else as the pipeline says; null
 * is for ever, and so is 0. Throws `COMMAND_WRONG` or `SQL_HEADER` for what is no duration.
 */
export function timeLimitOf({ settings, options }: Pick<CommandContext, 'settings' | 'options'>): TimeLimit | null {
    const given = options.timeout === undefined ? undefined : String(options.timeout);
    const inherited = process.env.ELT_TIMEOUT === '' ? undefined : process.env.ELT_TIMEOUT;
    const from = given === undefined ? 'ELT_TIMEOUT' : '--timeout';
    const text = given ?? inherited;
    const limit =
        text === undefined
            ? readPipelineSettings(sqlFolder(settings), settings.pipeline).timeout
            : { milliseconds: durationOf(text, from), from };
    return limit === undefined || limit.milliseconds === 0 ? null : limit;
}

/** Milliseconds; throws `COMMAND_WRONG`, which names the option. */
export function durationOf(text: string, option: string): number {
    const milliseconds = parseDuration(text);
    if (milliseconds === null) {
        throw new EltError({
            code: 'COMMAND_WRONG',
            message: `"${text}" is no duration`,
            found: `expected ${DURATION_FORM}`,
            next: `correct ${option}`,
        });
    }
    return milliseconds;
}
