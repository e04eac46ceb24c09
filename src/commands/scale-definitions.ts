import type { CommandDefinition } from './command.ts';

const HOPS = [
    '--hops <n>',
    'follow a row over 2^n changes of its key that leave columns out (default 5; a run on Spark raises it by itself)',
] as const;

const FULL = ['--full', 'fold all that the lake holds, not what is new since the last run in it'] as const;

/** The options by which `elt transform` runs on another engine. */
export const ENGINE_OPTIONS = [
    ['--engine <engine>', 'spark: run all models there, from a lake, and publish what they give in it'],
    ['--lake <folder>', 'the lake that staging was pushed to'],
    ['--spark-sql <program>', 'the program that runs SQL (default: that of SPARK_HOME, or the one on the path)'],
    ['--spark-conf <setting...>', 'settings of Spark, such as spark.master=yarn'],
    HOPS,
    FULL,
] as const;

/** The commands that run a pipeline on an engine other than SQLite. */
export const SCALE_COMMANDS: readonly CommandDefinition[] = [
    {
        name: 'print',
        summary:
            'print the whole run as SQL of another engine: folds, marts, data tests, and the tables that readers see',
        options: [
            [
                '--engine <engine>',
                'spark, sail or duckdb, which read a lake; postgres, with the staged rows in the script',
            ],
            ['--lake <folder>', 'the lake that staging was pushed to'],
            HOPS,
            FULL,
        ],
        examples: [
            'elt print --engine spark --lake /mnt/lake > run.sql',
            'elt print --engine duckdb --lake /mnt/lake > run.sql',
            'elt print --engine postgres > run.sql',
        ],
        load: async () => (await import('./print.ts')).print,
    },
    {
        name: 'lake publish',
        arguments: '<run>',
        summary: 'publish what a printed script has written into a lake: its first line names the run',
        options: [['--to <folder>', 'the lake']],
        examples: ['elt lake publish 20260101T120000000Z-1a2b3c4d --to /mnt/lake'],
        load: async () => (await import('./lake-publish.ts')).lakePublish,
    },
];
