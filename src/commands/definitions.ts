import type { CommandDefinition } from './command.ts';
import { LAKE_COMMANDS } from './lake-definitions.ts';
import { LOADING } from './loading-options.ts';
import { MART_COMMANDS } from './mart-definitions.ts';
import { PUSH_COMMANDS } from './push-definitions.ts';
import { SCALE_COMMANDS } from './scale-definitions.ts';
import { SERVE_COMMAND } from './serve-definition.ts';
import { SOURCE_COMMANDS, TOPIC_OPTIONS } from './source-definitions.ts';

const SOURCES = '<source...>';

/** Every command of `elt`, in the order in which `elt --help` lists them. */
export const COMMANDS: readonly CommandDefinition[] = [
    {
        name: 'run',
        arguments: SOURCES,
        summary: 'migrate, load the sources, transform',
        options: [
            ...LOADING,
            ['--each-batch', 'transform after each batch of a file that is a list of batches'],
            [
                '--every <duration>',
                'transform a pipe that is never quiet so often (default 5s); wait so long between the batches of --each-batch',
            ],
            [
                '--on-alert <where>',
                'where a crossed threshold of a figure is sent: an address, or a command of the shell',
            ],
            ['--follow', 'the source is a server or topics: follow them, as "elt follow" does'],
            ...TOPIC_OPTIONS,
        ],
        timed: true,
        examples: ['elt run wal.json', 'elt --pipeline payments_v1 run --each-batch --every 60s batches.json'],
        load: async () => (await import('./run.ts')).run,
    },
    {
        name: 'migrate',
        summary: 'apply the pending migrations',
        timed: true,
        examples: ['elt migrate', 'elt migrate status', 'elt migrate down --to 0001_create_metrics'],
        load: async () => (await import('./migrate.ts')).migrateUp,
    },
    {
        name: 'migrate up',
        summary: 'the same as "elt migrate"',
        timed: true,
        examples: ['elt migrate up'],
        load: async () => (await import('./migrate.ts')).migrateUp,
    },
    {
        name: 'migrate status',
        summary: 'list the migrations',
        quick: true,
        examples: ['elt migrate status'],
        load: async () => (await import('./migrate.ts')).migrateStatus,
    },
    {
        name: 'migrate down',
        summary: 'undo the last migration',
        options: [['--to <name>', 'undo back to and including this migration']],
        timed: true,
        examples: ['elt migrate down', 'elt migrate down --to 0001_create_metrics'],
        load: async () => (await import('./migrate.ts')).migrateDown,
    },
    {
        name: 'load',
        arguments: SOURCES,
        summary: 'land files, folders or standard input (-) in staging tables',
        options: [
            ...LOADING,
            ['--until-end', 'topics: what they hold now, which is what a load of them always does'],
            ...TOPIC_OPTIONS,
        ],
        examples: [
            'elt load kafka://localhost:9092/cash_ins --until-end',
            'elt load wal.json',
            'cat wal.json.gz | elt load -',
            'elt load captures/',
            'elt load --table orders orders.csv',
        ],
        load: async () => (await import('./load.ts')).load,
    },
    ...SOURCE_COMMANDS,
    {
        name: 'transform',
        summary: 'run the SQL files of all models that are not up to date',
        options: [
            ['--select <model...>', 'only these models'],
            ['--rebuild', 'fill the models from scratch'],
            ['--dry-run', 'show what would run'],
            [
                '--on-alert <where>',
                'where a crossed threshold of a figure is sent: an address, or a command of the shell',
            ],
            ['--print', 'print the run as SQL for "sqlite3 -bail" instead of running it'],
        ],
        timed: true,
        examples: [
            'elt transform',
            'elt transform --select metrics',
            'elt transform --print | sqlite3 -bail payments.db',
        ],
        load: async () => (await import('./transform.ts')).transform,
    },
    {
        name: 'status',
        summary: 'show what is staged, the state of each model, and what is pending',
        quick: true,
        examples: ['elt status', 'elt status --json'],
        load: async () => (await import('./status.ts')).status,
    },
    {
        name: 'show',
        arguments: '<table>',
        summary: 'print the first rows of a table or view',
        options: [['--limit <rows>', 'number of rows (default 10)']],
        examples: ['elt show metrics', 'elt show changed_transaction --limit 3'],
        load: async () => (await import('./show.ts')).show,
    },
    {
        name: 'query',
        arguments: '[question] [parameter...]',
        summary: "answer a question of the pipeline's folder api/, with name=value parameters",
        options: [['--csv', 'print the answer as CSV']],
        timed: true,
        examples: [
            'elt --pipeline game query',
            'elt --pipeline game query game_stats date=2010-05-08 country=DE',
            'elt --pipeline card_spend --json query transactions userId=31373',
        ],
        load: async () => (await import('./query.ts')).query,
    },
    SERVE_COMMAND,
    {
        name: 'export',
        arguments: '<table...>',
        summary: 'write tables as Parquet, CSV or JSON lines',
        options: [
            ['--format <format>', 'parquet (default), csv or jsonl'],
            ['--partition-by <column>', 'write a folder for each value: table/column=value/'],
            ['--out <folder>', 'folder to write to (default: the current one)'],
        ],
        examples: [
            'elt export metrics --format csv',
            'elt --pipeline card_spend export transactions --partition-by transaction_type --out lake',
        ],
        load: async () => (await import('./export.ts')).exportTables,
    },
    ...PUSH_COMMANDS,
    ...LAKE_COMMANDS,
    ...MART_COMMANDS,
    ...SCALE_COMMANDS,
    {
        name: 'verify',
        summary: 'compare marts with their definitions and staging with the ledger; check the database file',
        timed: true,
        examples: ['elt verify'],
        load: async () => (await import('./verify.ts')).verify,
    },
    {
        name: 'rebuild',
        arguments: '[model...]',
        summary: 'fill models from scratch from staging',
        timed: true,
        examples: ['elt rebuild', 'elt rebuild metrics'],
        load: async () => (await import('./transform.ts')).rebuild,
    },
    {
        name: 'prune',
        summary: 'drop the tables and views whose SQL files are gone',
        options: [['--dry-run', 'show what would be dropped']],
        examples: ['elt prune --dry-run', 'elt prune'],
        load: async () => (await import('./prune.ts')).prune,
    },
    {
        name: 'backup',
        arguments: '<file>',
        summary: 'copy the database to a file while others read and write it',
        options: [['--force', 'replace an existing file']],
        examples: ['elt backup backup.db', 'elt backup --force backup.db'],
        load: async () => (await import('./backup.ts')).backup,
    },
    {
        name: 'rejects',
        summary: 'list the records that could not be decoded',
        examples: ['elt rejects', 'elt rejects show 1', 'elt rejects retry'],
        load: async () => (await import('./rejects.ts')).listRejects,
    },
    {
        name: 'rejects list',
        summary: 'list the rejects',
        quick: true,
        examples: ['elt rejects list'],
        load: async () => (await import('./rejects.ts')).listRejects,
    },
    {
        name: 'rejects show',
        arguments: '<number>',
        summary: 'show one reject with its bytes',
        examples: ['elt rejects show 1'],
        load: async () => (await import('./rejects.ts')).showReject,
    },
    {
        name: 'rejects retry',
        summary: 'decode the open rejects again, and land those that can be decoded now',
        examples: ['elt rejects retry'],
        load: async () => (await import('./retry-rejects.ts')).retryRejects,
    },
    {
        name: 'drift',
        summary: 'list where relations no longer matched their staging tables',
        quick: true,
        examples: ['elt drift', 'elt drift list --json'],
        load: async () => (await import('./drift.ts')).listDrift,
    },
    {
        name: 'drift list',
        summary: 'list the drift',
        quick: true,
        examples: ['elt drift list'],
        load: async () => (await import('./drift.ts')).listDrift,
    },
    {
        name: 'scaffold',
        arguments: '[name...]',
        summary: "write the SQL of current tables, and the upkeep of marts, into the project's folder",
        options: [
            ['--all', 'every relation that has landed, and every mart of one SELECT'],
            ['--explain', "show what a run asks of a mart's tables, and SQLite's plan for it; writes nothing"],
            ['--key <columns>', 'the key, if the stream names none: a, b'],
            ['--rows <what>', "rows from before the key changed: keep, anew, or 'new_id = id'"],
            ['--dry-run', 'show what would be written'],
        ],
        examples: [
            'elt scaffold public.orders',
            'elt scaffold --all',
            'elt scaffold orders --key order_id',
            "elt scaffold orders --rows 'order_no = order_id'",
            'elt scaffold revenue --explain',
        ],
        load: async () => (await import('./scaffold.ts')).scaffold,
    },
    {
        name: 'init',
        arguments: '<name>',
        summary:
            'create a pipeline: its folders, and from a sample of the stream or a server its current tables and a mart',
        options: [
            ['--from <source>', 'file of the stream with the tables, or postgres://… whose catalogue has them'],
            ['--tables <table...>', 'only these tables of the server: name, schema.name, schema.*'],
        ],
        examples: ['elt init shop --from capture.jsonl', 'elt init shop --from postgres://elt@db.example.com/shop'],
        load: async () => (await import('./init.ts')).init,
    },
    {
        name: 'check',
        arguments: '[source...]',
        summary: 'report what the stream cannot contain (tables without a key, …), and which figures take long',
        options: [['--strict', 'end with status 4 if something is found']],
        examples: ['elt check', 'elt check capture.jsonl', 'elt check --strict'],
        load: async () => (await import('./check.ts')).check,
    },
    {
        name: 'sample',
        arguments: '<name>',
        summary: 'write a WAL file or events to standard output: the same seed gives the same bytes',
        options: [
            ['--records <n>', 'number of records (default 1000)'],
            ['--seed <n>', 'the seed (default 1)'],
            ['--shape <shape>', 'array or lines'],
            ['--mix <mix>', 'inserts (default) or changes (format 2 with updates, deletes, key changes)'],
        ],
        examples: [
            'elt sample payments > wal.json',
            'elt sample payments --records 300000 --seed 7 | elt load -',
            'elt sample game --records 1000000 > events.jsonl',
        ],
        load: async () => (await import('./sample.ts')).sample,
    },
    {
        name: 'completion',
        arguments: '<shell>',
        summary: 'print a completion script for bash, zsh or fish',
        quick: true,
        examples: ['source <(elt completion bash)', 'elt completion fish | source'],
        load: async () => (await import('./completion.ts')).completionOf(COMMANDS),
    },
];
