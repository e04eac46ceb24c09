import type { CommandDefinition } from './command.ts';

/** The commands that run a pipeline on an engine other than SQLite. */
export const SCALE_COMMANDS: readonly CommandDefinition[] = [
    {
        name: 'print',
        summary:
            'print the whole run as SQL of another engine: folds, marts, data tests, and the tables that readers see',
        options: [['--engine <engine>', 'postgres: with the staged rows, for psql -f']],
        examples: ['elt print --engine postgres > run.sql'],
        load: async () => (await import('./print.ts')).print,
    },
];
