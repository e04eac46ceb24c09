import type { CommandDefinition } from './command.ts';

/** The commands for people who write marts. */
export const MART_COMMANDS: readonly CommandDefinition[] = [
    {
        name: 'test',
        arguments: '[model...]',
        summary: 'run the data tests and the cases of marts, and list them',
        options: [
            ['--cases', 'only the cases: they need no database'],
            ['--seed <n>', 'of the first random history of each case (default 1)'],
            ['--histories <n>', 'random histories of each case (default 5)'],
            ['--print', 'print their SQL instead of running it'],
        ],
        timed: true,
        examples: [
            'elt test',
            'elt test metrics',
            'elt test --cases',
            'elt test --cases metrics --seed 7 --histories 1000',
            'elt test metrics --print',
        ],
        load: async () => (await import('./test.ts')).test,
    },
    {
        name: 'dev',
        summary: 'watch the SQL files, and say on each save what they would change; nothing is published',
        options: [
            ['--once', 'look once, and end with the status of what was found'],
            ['--copy-max <size>', 'databases up to this size are copied to try the files on (default 2GiB)'],
        ],
        examples: ['elt dev', 'elt dev --once', 'elt --json dev'],
        load: async () => (await import('./dev.ts')).dev,
    },
    {
        name: 'docs',
        summary: 'write a page of all models: what is made from what, columns, tests, files',
        options: [['--out <file>', 'file to write (default <pipeline>-models.html)']],
        examples: ['elt docs', 'elt docs --out models.html'],
        load: async () => (await import('./docs.ts')).docs,
    },
];
