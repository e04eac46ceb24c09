import { resolve } from 'node:path';
import { EltError } from '../core/errors.ts';
import type { CommandContext } from './command.ts';
import { type Pushing, sayEvent, settingWords } from './while-pushing.ts';

/**
 * Does the work of a command that lands, and with `--lake` appends what has landed to a lake: beside the work in a process
 * of its own, and once more when it is done. A lake that cannot be written changes nothing about the work.
 */
export async function whileFeedingLake(
    context: CommandContext,
    { meanwhile, atEnd, isStream }: Pushing,
    work: (context: CommandContext) => Promise<number>,
): Promise<number> {
    const { options, output } = context;
    if (options.lake === undefined) {
        return await work(context);
    }
    const lake = resolve(String(options.lake));
    let own: unknown;
    const keeps = { ...output, result: (value: unknown) => (own = value) };
    const inner = atEnd && !isStream ? { ...context, output: keeps } : context;
    // A command with one result for machines has no place for the events of the process beside it.
    const said = isStream ? output : { ...output, result: () => undefined };
    const done = await settled(() => beside({ ...context, output: said }, lake, meanwhile, () => work(inner)));
    if (!atEnd) {
        return outcome(done);
    }
    const fed = await settled(async () => {
        const { pushToLake } = await import('./lake-push.ts');
        return await pushToLake(context, lake);
    });
    const facts = 'error' in fed ? { lake, error: fed.error.facts } : { lake, ...fed.value };
    if (isStream) {
        output.result({ event: 'lake', ...facts });
    } else if (own !== undefined) {
        output.result({ ...(own as object), lake: facts });
    }
    const status = outcome(done);
    if ('error' in fed) {
        throw fed.error.withNew({
            state: `what has landed is committed; ${fed.error.facts.state ?? 'the lake is as it was'}`,
        });
    }
    return status;
}

type Settled<T> = { readonly value: T } | { readonly error: EltError };

/** A target that has not taken a mart in (8) leaves the work as done as it is without one. */
async function settled<T>(work: () => Promise<T>): Promise<Settled<T>> {
    try {
        return { value: await work() };
    } catch (error) {
        if (error instanceof EltError && error.code !== 'INTERRUPTED') {
            return { error };
        }
        throw error;
    }
}

function outcome<T>(one: Settled<T>): T {
    if ('error' in one) {
        throw one.error;
    }
    return one.value;
}

async function beside(
    { settings, output }: CommandContext,
    lake: string,
    isWanted: boolean,
    work: () => Promise<number>,
): Promise<number> {
    if (!isWanted) {
        return await work();
    }
    const { BesideProcess } = await import('../process/beside-process.ts');
    const words = [...settingWords(settings), '--json', 'lake', 'push', '--to', lake, '--follow'];
    const pushes = new BesideProcess(words, (line) => sayEvent(line, output));
    try {
        return await work();
    } finally {
        await pushes.stop();
    }
}
