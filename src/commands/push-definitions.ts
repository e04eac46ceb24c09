import type { CommandDefinition } from './command.ts';

/** The commands that push marts to where their readers are. */
export const PUSH_COMMANDS: readonly CommandDefinition[] = [
    {
        name: 'push',
        arguments: '[mart...]',
        summary: 'bring marts to PostgreSQL, OpenSearch or Elasticsearch: what changed since the last push',
        options: [
            [
                '--to <address...>',
                'postgres://host/database/schema.table or https://host:9200/index (default: what the head of the mart says)',
            ],
            ['--all', 'every mart whose head names a target'],
            ['--full', 'make the target equal whatever it holds, while readers use what is there'],
            ['--follow', 'push after each commit, until a signal comes'],
            ['--verify', 'compare all rows with the targets, and name what differs'],
            ['--dry-run', 'show what would be pushed'],
        ],
        listens: true,
        examples: [
            'elt push metrics --to postgres://elt@db.example.com/reports/public.metrics',
            'elt push metrics --to https://search.example.com:9200/metrics',
            'elt push --all',
        ],
        load: async () => (await import('./push.ts')).push,
    },
    {
        name: 'push status',
        summary: 'show how far each target is',
        quick: true,
        examples: ['elt push status', 'elt push status --json'],
        load: async () => (await import('./push-status.ts')).pushStatus,
    },
    {
        name: 'push rejects',
        summary: 'list the rows that targets have refused',
        quick: true,
        examples: ['elt push rejects'],
        load: async () => (await import('./push-status.ts')).pushRejects,
    },
    {
        name: 'push forget',
        arguments: '<mart>',
        summary: 'push a mart no more, and record no more what changes in it; targets keep their rows',
        options: [['--to <address>', 'only this target, as "elt push status" shows it']],
        examples: ['elt push forget metrics'],
        load: async () => (await import('./push-status.ts')).pushForget,
    },
];
