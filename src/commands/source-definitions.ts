import type { CommandDefinition } from './command.ts';
import { LAKE_OPTION } from './lake-definitions.ts';

/** The tables that are followed, and how. */
const SELECTING: NonNullable<CommandDefinition['options']> = [
    ['--tables <table...>', 'only these tables: name, schema.name, schema.*'],
    ['--publication <name...>', 'existing publications with the tables (default: elt creates its own)'],
    ['--slot <name>', 'name of the replication slot (default elt_<pipeline>_<number>)'],
    ['--plugin <plugin>', 'output plugin of the server: pgoutput (default) or wal2json'],
];

/** How topics of a Kafka cluster are read. */
export const TOPIC_OPTIONS: NonNullable<CommandDefinition['options']> = [
    ['--chunk <messages>', 'topics: messages in one transaction, e.g. 500 (default: as many as is fast, within 1s)'],
    [
        '--from <place>',
        'topics: where to begin if nothing is stored or it is lost: earliest (default), latest, an offset',
    ],
    ['--format <format>', 'topics: what the messages are: json (default), wal2json, debezium, avro'],
    ['--group <name>', 'topics: also commit what has landed to this consumer group, for tools that show its lag'],
    ['--kafka-config <file>', 'topics: file with user, password and certificates (ELT_KAFKA_CONFIG)'],
];

/** Of the commands after whose runs the thresholds of figures are looked at. */
export const ALERT_OPTION = [
    '--on-alert <where>',
    'where a crossed threshold of a figure is sent: an address, or a command of the shell (ELT_ON_ALERT)',
] as const;

const CONFIG_OPTION = ['--kafka-config <file>', 'topics: file with user, password and certificates'] as const;

const STATUS_OPTIONS: CommandDefinition['options'] = [['--offline', 'do not contact the server'], CONFIG_OPTION];

/** The commands for following a server. */
export const SOURCE_COMMANDS: readonly CommandDefinition[] = [
    {
        name: 'follow',
        arguments: '[source]',
        summary:
            'follow a PostgreSQL server (copy its tables, then land and transform its changes as they are committed) or topics of a Kafka cluster',
        options: [
            ['--until-caught-up', 'end when everything committed before the start has landed'],
            ['--until-end', 'topics: end when what they hold at the start has landed'],
            ['--every <duration>', 'land and transform at most this often (default: within 200ms)'],
            ...SELECTING,
            ...TOPIC_OPTIONS,
            ['--no-transform', 'only land'],
            LAKE_OPTION,
            ALERT_OPTION,
        ],
        listens: true,
        examples: [
            'elt follow postgres://elt@db.example.com/shop',
            'elt follow kafka://localhost:9092/cash_ins,cash_outs_created',
            'elt --pipeline shop follow --tables orders sales.*',
            'ELT_SOURCE=postgres:///shop elt follow --until-caught-up',
        ],
        load: async () => (await import('./follow.ts')).follow,
    },
    {
        name: 'source',
        arguments: '[source]',
        summary: 'show the followed server or topics: the same as "elt source status"',
        options: STATUS_OPTIONS,
        examples: ['elt source', 'elt source check postgres://elt@db.example.com/shop'],
        load: async () => (await import('./source.ts')).showSource,
    },
    {
        name: 'source check',
        arguments: '[source]',
        summary: 'report what would prevent following a server or topics, and how to fix it; changes nothing',
        options: [...SELECTING, CONFIG_OPTION],
        examples: ['elt source check postgres://elt@db.example.com/shop'],
        load: async () => (await import('./source.ts')).checkFollowed,
    },
    {
        name: 'source status',
        arguments: '[source]',
        summary: 'show how far the database is behind the server, its slot and its tables, or the topics',
        options: STATUS_OPTIONS,
        examples: ['elt source status', 'elt source status --json'],
        load: async () => (await import('./source.ts')).showSource,
    },
    {
        name: 'source drop',
        arguments: '[source]',
        summary: 'stop following for good: drop the slot and the publications of elt on the server',
        options: [['--offline', 'forget the server without contacting it']],
        examples: ['elt source drop postgres://elt@db.example.com/shop'],
        load: async () => (await import('./source.ts')).dropFollowed,
    },
    {
        name: 'source resnapshot',
        arguments: '[table...]',
        summary: 'copy tables again, or add a table that is not followed yet; the history stays',
        options: [['--all', 'every table, from a new slot, after changes were lost']],
        examples: ['elt source resnapshot orders', 'elt source resnapshot --all'],
        load: async () => (await import('./source.ts')).resnapshot,
    },
];
