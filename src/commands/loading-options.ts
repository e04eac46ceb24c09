import type { CommandDefinition } from './command.ts';

/** How sources are landed. */
export const LOADING: NonNullable<CommandDefinition['options']> = [
    ['--as-new', 'land the source even if it has been landed before'],
    ['--strict', 'stop at the first record that cannot be decoded'],
    ['--table <name>', 'the sources contain rows of this table (CSV, JSON), not a change stream'],
    ['--record-max <size>', 'put longer records aside, e.g. 16MiB (default 64MiB; a row of CSV 16MiB)'],
    ['--stream', 'treat sources that match no pattern of the pipeline as change streams'],
];
