import type { CommandDefinition } from './command.ts';

const TO = [
    '--to <folder>',
    'the lake, which may be a mounted object store (default: the one that was pushed to before)',
] as const;

/** Of the commands that land. */
export const LAKE_OPTION = ['--lake <folder>', 'append what has landed to this lake, as "elt lake push" does'] as const;

/** The commands of a lake: staging as Parquet beside the file, for engines of many machines. */
export const LAKE_COMMANDS: readonly CommandDefinition[] = [
    {
        name: 'lake',
        summary: 'show what a lake holds: the same as "elt lake status"',
        options: [TO],
        quick: true,
        examples: ['elt lake --to /mnt/lake', 'elt lake push --to /mnt/lake'],
        load: async () => (await import('./lake.ts')).lakeStatus,
    },
    {
        name: 'lake push',
        summary: 'append what has landed to a lake as Parquet; again: nothing new',
        options: [
            TO,
            ['--source <name>', 'what this database is called there (default: like its file)'],
            ['--follow', 'push after commits, until a signal comes'],
            ['--every <duration>', 'push at most this often while following (default 60s)'],
            ['--anew', 'write the source anew, in place of what the lake holds of it'],
        ],
        listens: true,
        examples: ['elt lake push --to /mnt/lake', 'elt lake push --to /mnt/lake --source berlin'],
        load: async () => (await import('./lake-push.ts')).lakePush,
    },
    {
        name: 'lake pull',
        arguments: '[mart...]',
        summary: 'bring marts that an engine has published in a lake into this file, for "elt serve" and the shell',
        options: [
            ['--from <folder>', 'the lake (default: the one that was pushed to before)'],
            ['--replace', 'give up the rows of a mart that runs in this file keep up to date'],
        ],
        listens: true,
        examples: ['elt lake pull metrics --from /mnt/lake', 'elt --db served.db lake pull --from /mnt/lake'],
        load: async () => (await import('./lake-pull.ts')).lakePull,
    },
    {
        name: 'lake status',
        summary: 'show what each source has in a lake, and how far this database is ahead of it',
        options: [TO],
        quick: true,
        examples: ['elt lake status --to /mnt/lake', 'elt lake status --json'],
        load: async () => (await import('./lake.ts')).lakeStatus,
    },
    {
        name: 'lake check',
        summary: 'read every file of a lake again and compare it with its sum; find keys that two sources share',
        options: [TO],
        listens: true,
        examples: ['elt lake check --to /mnt/lake'],
        load: async () => (await import('./lake.ts')).lakeCheck,
    },
];
