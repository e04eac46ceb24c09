import type { Settings } from '../project/settings.ts';
import type { Output } from '../report/output.ts';

/** What every command receives. */
export interface CommandContext {
    readonly settings: Settings;
    readonly output: Output;
    readonly options: Readonly<Record<string, unknown>>;
}

/** Runs a command; resolves with the exit status (0 done, 4 done with rejects). Failures are thrown. */
export type RunCommand = (context: CommandContext, words: readonly string[]) => Promise<number>;

/** A command as the command line declares it; its code is loaded only when it is run. */
export interface CommandDefinition {
    /** `load`, `migrate down`, … */
    readonly name: string;
    /** In commander's notation: `<source...>`, `[number]`. */
    readonly arguments?: string;
    readonly summary: string;
    readonly options?: readonly (readonly [flags: string, description: string])[];
    /** It runs SQL files, so it has the option `--timeout`. */
    readonly timed?: true;
    /** It reads little and ends at once: limiting its heap costs more than it saves. */
    readonly quick?: true;
    /** It ends in order after a signal. Others are ended by the signal itself: a statement lets nothing else listen. */
    readonly listens?: true;
    readonly examples: readonly string[];
    readonly load: () => Promise<RunCommand>;
}
