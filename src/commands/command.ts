import type { Settings } from '../project/settings.ts';
import type { Output } from '../report/output.ts';

/** What every command gets. */
export interface CommandContext {
    readonly settings: Settings;
    readonly output: Output;
    readonly options: Readonly<Record<string, unknown>>;
}

/** A command's work; resolves with the exit status (0 done, 4 done with rejects). Failures are thrown. */
export type RunCommand = (context: CommandContext, words: readonly string[]) => Promise<number>;

/** How a command looks on the command line; its code is loaded only when it is run. */
export interface CommandDefinition {
    /** `load`, `migrate down`, … */
    readonly name: string;
    /** In commander's notation: `<source...>`, `[number]`. */
    readonly arguments?: string;
    readonly summary: string;
    readonly options?: readonly (readonly [flags: string, description: string])[];
    /** It runs SQL files, so `--timeout` is for it. */
    readonly timed?: true;
    /** It looks at little and ends at once: a limit on its heap costs more than it saves. */
    readonly quick?: true;
    readonly examples: readonly string[];
    readonly load: () => Promise<RunCommand>;
}
