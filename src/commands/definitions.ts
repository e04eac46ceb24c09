import type { CommandDefinition } from './command.ts';

const SOURCES = '<source...>';

const LOADING: CommandDefinition['options'] = [
    ['--as-new', 'land it again although the ledger knows it'],
    ['--strict', 'stop at the first record that cannot be decoded'],
    ['--table <name>', 'the sources hold rows of this table (CSV, JSON), not a change stream'],
];

/** Every command of `elt`, in the order in which `elt --help` lists them. */
export const COMMANDS: readonly CommandDefinition[] = [
    {
        name: 'run',
        arguments: SOURCES,
        summary: 'migrate, load the sources, transform',
        options: [
            ...LOADING,
            ['--each-batch', 'transform after each batch of a file that is a list of batches'],
            ['--every <duration>', 'with --each-batch: wait between batches, e.g. 60s'],
        ],
        examples: ['elt run wal.json', 'elt --pipeline payments_v1 run --each-batch --every 60s batches.json'],
        load: async () => (await import('./run.ts')).run,
    },
    {
        name: 'migrate',
        summary: 'apply the migrations that are pending',
        examples: ['elt migrate', 'elt migrate status', 'elt migrate down --to 0001_create_metrics'],
        load: async () => (await import('./migrate.ts')).migrateUp,
    },
    {
        name: 'migrate up',
        summary: 'the same as "elt migrate"',
        examples: ['elt migrate up'],
        load: async () => (await import('./migrate.ts')).migrateUp,
    },
    {
        name: 'migrate status',
        summary: 'list the migrations',
        examples: ['elt migrate status'],
        load: async () => (await import('./migrate.ts')).migrateStatus,
    },
    {
        name: 'migrate down',
        summary: 'undo the last migration',
        options: [['--to <name>', 'undo back to this one, and it too']],
        examples: ['elt migrate down', 'elt migrate down --to 0001_create_metrics'],
        load: async () => (await import('./migrate.ts')).migrateDown,
    },
    {
        name: 'load',
        arguments: SOURCES,
        summary: 'land files, folders or standard input (-) in the staging tables',
        options: LOADING,
        examples: [
            'elt load wal.json',
            'cat wal.json.gz | elt load -',
            'elt load captures/',
            'elt load --table orders orders.csv',
        ],
        load: async () => (await import('./load.ts')).load,
    },
    {
        name: 'transform',
        summary: 'run the SQL files: everything that is not up to date',
        options: [
            ['--select <model...>', 'only these models'],
            ['--rebuild', 'fill them from scratch'],
            ['--dry-run', 'say what would run'],
            ['--print', 'write the run as SQL for "sqlite3 -bail", and run nothing'],
        ],
        examples: [
            'elt transform',
            'elt transform --select metrics',
            'elt transform --print | sqlite3 -bail payments.db',
        ],
        load: async () => (await import('./transform.ts')).transform,
    },
    {
        name: 'status',
        summary: 'what is staged, how far each model is, what is pending',
        examples: ['elt status', 'elt status --json'],
        load: async () => (await import('./status.ts')).status,
    },
    {
        name: 'show',
        arguments: '<table>',
        summary: 'print the first rows of a table or view',
        options: [['--limit <rows>', 'how many rows (default 10)']],
        examples: ['elt show metrics', 'elt show changed_transaction --limit 3'],
        load: async () => (await import('./show.ts')).show,
    },
    {
        name: 'query',
        arguments: '[question] [parameter...]',
        summary: "answer a question of the pipeline's folder api/, with name=value parameters",
        options: [['--csv', 'the answer as CSV']],
        examples: [
            'elt --pipeline game query',
            'elt --pipeline game query game_stats date=2010-05-08 country=DE',
            'elt --pipeline card_spend --json query transactions userId=31373',
        ],
        load: async () => (await import('./query.ts')).query,
    },
    {
        name: 'export',
        arguments: '<table...>',
        summary: 'write tables as Parquet, CSV or JSON lines',
        options: [
            ['--format <format>', 'parquet (default), csv or jsonl'],
            ['--partition-by <column>', 'a folder for each value: table/column=value/'],
            ['--out <folder>', 'where to write (default here)'],
        ],
        examples: [
            'elt export metrics --format csv',
            'elt --pipeline card_spend export transactions --partition-by transaction_type --out lake',
        ],
        load: async () => (await import('./export.ts')).exportTables,
    },
    {
        name: 'test',
        arguments: '[model...]',
        summary: 'run the data tests alone',
        examples: ['elt test', 'elt test metrics'],
        load: async () => (await import('./test.ts')).test,
    },
    {
        name: 'verify',
        summary: 'compare marts with their definitions, staging with the ledger, the file with itself',
        examples: ['elt verify'],
        load: async () => (await import('./verify.ts')).verify,
    },
    {
        name: 'rebuild',
        arguments: '[model...]',
        summary: 'fill models from scratch out of staging',
        examples: ['elt rebuild', 'elt rebuild metrics'],
        load: async () => (await import('./transform.ts')).rebuild,
    },
    {
        name: 'backup',
        arguments: '<file>',
        summary: 'copy the database to a file, while others read and write it',
        options: [['--force', 'replace a file that exists']],
        examples: ['elt backup backup.db', 'elt backup --force backup.db'],
        load: async () => (await import('./backup.ts')).backup,
    },
    {
        name: 'rejects',
        summary: 'what could not be decoded',
        examples: ['elt rejects', 'elt rejects show 1', 'elt rejects retry'],
        load: async () => (await import('./rejects.ts')).listRejects,
    },
    {
        name: 'rejects list',
        summary: 'list the rejects',
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
        summary: 'decode the open rejects again and land those that can be',
        examples: ['elt rejects retry'],
        load: async () => (await import('./retry-rejects.ts')).retryRejects,
    },
    {
        name: 'drift',
        summary: 'where relations no longer looked like their staging tables',
        examples: ['elt drift', 'elt drift list --json'],
        load: async () => (await import('./drift.ts')).listDrift,
    },
    {
        name: 'drift list',
        summary: 'list the drift',
        examples: ['elt drift list'],
        load: async () => (await import('./drift.ts')).listDrift,
    },
    {
        name: 'scaffold',
        arguments: '[relation...]',
        summary: "write the SQL of current tables from the staging catalogue into the project's folder",
        options: [
            ['--all', 'every relation that has landed'],
            ['--key <columns>', 'the key, where the stream names none: a, b'],
            ['--dry-run', 'show what would be written'],
        ],
        examples: ['elt scaffold public.orders', 'elt scaffold --all', 'elt scaffold orders --key order_id'],
        load: async () => (await import('./scaffold.ts')).scaffold,
    },
    {
        name: 'init',
        arguments: '<name>',
        summary: 'begin a pipeline: its folders, and the SQL of current tables from a sample of the stream',
        options: [['--from <source>', 'a file of the stream to learn the tables from']],
        examples: ['elt init shop', 'elt init shop --from capture.jsonl'],
        load: async () => (await import('./init.ts')).init,
    },
    {
        name: 'check',
        arguments: '[source...]',
        summary: 'what the stream cannot tell: of the sources named, or of what has landed',
        examples: ['elt check', 'elt check capture.jsonl'],
        load: async () => (await import('./check.ts')).check,
    },
    {
        name: 'sample',
        arguments: '<name>',
        summary: 'write a WAL file or events to standard output: the same seed gives the same bytes',
        options: [
            ['--records <n>', 'how many records (default 1000)'],
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
];
