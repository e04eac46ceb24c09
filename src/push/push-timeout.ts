import { EltError } from '../core/errors.ts';

const VARIABLE = 'ELT_PUSH_TIMEOUT';
const SECONDS_MAX = 86_400;

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * How long a target may be silent, in milliseconds: what `ELT_PUSH_TIMEOUT` says in seconds, else `usual`.
 * @throws EltError COMMAND_WRONG.
 */
export function pushTimeoutMs(usual: number, environment: Environment = process.env): number {
    const text = environment[VARIABLE] ?? '';
    if (text === '') {
        return usual;
    }
    const seconds = Number(text);
    if (!/^\d+$/.test(text) || seconds === 0 || seconds > SECONDS_MAX) {
        throw new EltError({
            code: 'COMMAND_WRONG',
            message: `${VARIABLE} is not a number of seconds`,
            found: `"${text}"; expected 1 to ${SECONDS_MAX}`,
            state: 'nothing was pushed',
            next: `correct ${VARIABLE}, or unset it`,
        });
    }
    return seconds * 1_000;
}
