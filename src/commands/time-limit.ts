import { DURATION_FORM, parseDuration } from '../core/duration.ts';
import { EltError } from '../core/errors.ts';
import type { TimeLimit } from '../process/supervise.ts';
import { readPipelineSettings } from '../project/pipeline-settings.ts';
import { sqlFolder } from '../project/settings.ts';
import type { CommandContext } from './command.ts';

/**
 * How long one SQL statement of this command may run: from the option, else `ELT_TIMEOUT`, else the pipeline's setting;
 * 0 and null are no limit. Throws `COMMAND_WRONG` or `SQL_HEADER` for what is not a duration.
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

/** The duration in milliseconds; throws `COMMAND_WRONG`, which names the option. */
export function durationOf(text: string, option: string): number {
    const milliseconds = parseDuration(text);
    if (milliseconds === null) {
        throw new EltError({
            code: 'COMMAND_WRONG',
            message: `"${text}" is not a duration`,
            found: `expected ${DURATION_FORM}`,
            next: `correct ${option}`,
        });
    }
    return milliseconds;
}
