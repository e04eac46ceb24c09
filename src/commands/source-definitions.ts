import type { CommandDefinition } from './command.ts';

/** What of a server is followed, and by what. */
const SELECTING: CommandDefinition['options'] = [
    ['--tables <table...>', 'these only: name, schema.name, schema.*'],
    ['--publication <name...>', 'the tables of publications that are there (default: elt creates its own)'],
    ['--slot <name>', 'the name of the replication slot (default elt_<pipeline>_<number>)'],
    ['--plugin <plugin>', 'who writes the stream in the server: pgoutput (default) or wal2json'],
];

const STATUS_OPTIONS: CommandDefinition['options'] = [['--offline', 'do not ask the server']];

/** The commands about a server that is followed. */
export const SOURCE_COMMANDS: readonly CommandDefinition[] = [
    {
        name: 'follow',
        arguments: '[source]',
        summary:
            'follow a PostgreSQL server: copy its tables, then land and transform its changes as they are committed',
        options: [
            ['--until-caught-up', 'end when everything that was committed at the start has landed'],
            ['--every <duration>', 'land and transform no more often than that (default: at the latest after 200ms)'],
            ...SELECTING,
            ['--no-transform', 'land only'],
        ],
        examples: [
            'elt follow postgres://elt@db.example.com/shop',
            'elt --pipeline shop follow --tables orders sales.*',
            'ELT_SOURCE=postgres:///shop elt follow --until-caught-up',
        ],
        load: async () => (await import('./follow.ts')).follow,
    },
    {
        name: 'source',
        arguments: '[source]',
        summary: 'the server that the database follows: the same as "elt source status"',
        options: STATUS_OPTIONS,
        examples: ['elt source', 'elt source check postgres://elt@db.example.com/shop'],
        load: async () => (await import('./source.ts')).showSource,
    },
    {
        name: 'source check',
        arguments: '[source]',
        summary: 'what could go wrong when a server is followed, with the SQL that changes it; makes nothing',
        options: SELECTING,
        examples: ['elt source check postgres://elt@db.example.com/shop'],
        load: async () => (await import('./source.ts')).checkFollowed,
    },
    {
        name: 'source status',
        arguments: '[source]',
        summary: 'how far the database is behind the server, its slot and its tables',
        options: STATUS_OPTIONS,
        examples: ['elt source status', 'elt source status --json'],
        load: async () => (await import('./source.ts')).showSource,
    },
    {
        name: 'source drop',
        arguments: '[source]',
        summary: 'end the following for good: remove the slot and the publications of elt from the server',
        options: [['--offline', 'forget the server without asking it: it is gone']],
        examples: ['elt source drop postgres://elt@db.example.com/shop'],
        load: async () => (await import('./source.ts')).dropFollowed,
    },
    {
        name: 'source resnapshot',
        arguments: '[table...]',
        summary: 'copy tables again, or one that is not followed yet for the first time; the history stays',
        options: [['--all', 'every table, from a new slot: after changes were lost']],
        examples: ['elt source resnapshot orders', 'elt source resnapshot --all'],
        load: async () => (await import('./source.ts')).resnapshot,
    },
];
